// Options that are understood and that this version does not act upon yet. Who gives one is told so: an option must not
// be without effect in silence.
import type { Origin, Problem } from "./option-source.ts";
import type { Options } from "./options.ts";

/** Describes each option that was given and has no effect yet. */
export function describeUnserved({ backstore }: Options): readonly Problem[] {
  const { ask, off } = backstore.value;
  const unserved: readonly [isGiven: boolean, option: string, origin: Origin][] = [
    [ask && !off, "backstore=ask", backstore.origin],
  ];
  return unserved
    .filter(([isGiven]) => isGiven)
    .map(([, option, origin]) => ({
      message: `Cannot act upon ${option}: this version understands it and does not do it yet`,
      ...(typeof origin === "string" ? {} : origin),
    }));
}
