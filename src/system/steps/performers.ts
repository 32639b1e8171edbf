// How the kinds of steps are performed: each file of this folder has the functions for those of its
// subject.
import type { System } from "../port/system.ts";
import type { Undo } from "../port/undo.ts";

/** The function for each kind of step, which performs it and returns how to undo it. */
export type Performers<StepArguments> = {
  readonly [Kind in keyof StepArguments]: (step: StepArguments[Kind]) => Undo;
};

/** Makes a performer of a change that is not undone. */
export function oneWay<Arguments>(
  system: System,
  act: (system: System, step: Arguments) => void,
): (step: Arguments) => Undo {
  return (step) => {
    act(system, step);
    return nothing;
  };
}

/** Undoes nothing. */
export function nothing(): void {}
