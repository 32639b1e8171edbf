// How the kinds of step are done: each file of this folder gives the functions for those of its subject.
import type { System } from "../port/system.ts";
import type { Undo } from "../port/undo.ts";

/** Maps each kind of step to the function that does it and returns what takes it back. */
export type Performers<StepArguments> = {
  readonly [Kind in keyof StepArguments]: (step: StepArguments[Kind]) => Undo;
};

/** Makes a performer of a change that nothing takes back. */
export function oneWay<Arguments>(
  system: System,
  act: (system: System, step: Arguments) => void,
): (step: Arguments) => Undo {
  return (step) => {
    act(system, step);
    return nothing;
  };
}

/** Takes nothing back. */
export function nothing(): void {}
