// What is required of the session after a power failure, whether the program on this machine or a
// guest reports it.

import type { JudgedSession } from "./judge-session.ts";
import { compareFiles, workload } from "./workload.ts";

/**
 * The moment of the power failure: how many deeds were certainly done, and whether the session had
 * ended.
 */
export interface Moment {
  /** Undefined before the session had certainly begun. */
  readonly done: number | undefined;
  readonly isEnd: boolean;
}

/** Returns what is wrong, each as a sentence; empty if all is as required. */
export function compareSession(
  { boot, files, complaints }: JudgedSession,
  { done, isEnd }: Moment,
): string[] {
  if (boot === undefined) return ["it did not come to an end", ...complaints];
  const state = boot.store?.lastSession?.state;
  const isOfLast = ({ message }: { message: string }) => message.includes("did not end cleanly");
  const isTold = boot.problems.some(isOfLast);
  const others = boot.problems.filter((problem) => !isOfLast(problem));
  return [
    ...complaints,
    ...(boot.session === "persistent" ? [] : [`it is ${boot.session}: ${boot.reason}`]),
    ...(possibleStates({ done, isEnd }).includes(state)
      ? []
      : [`the last session is told to be ${state}`]),
    ...(isTold === (state === "open") ? [] : ["it says nothing of the session before"]),
    ...[...others, ...boot.failures].map(({ message }) => message),
    ...(boot.check && boot.check.result !== "clean" ? [`the check says ${boot.check.result}`] : []),
    ...compareFiles(files, done ?? 0),
  ];
}

/**
 * Returns what may be reported of the session before; none if it had not yet written its record.
 */
function possibleStates({ done, isEnd }: Moment): readonly (string | undefined)[] {
  if (isEnd) return ["clean"];
  if (done === undefined) return [undefined, "open"];
  return done < workload.length ? ["open"] : ["open", "clean"];
}
