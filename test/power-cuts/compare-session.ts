// What must be so of the session after a power cut, whoever tells of it: the program on this machine, or a guest.

import type { JudgedSession } from "./judge-session.ts";
import { compareFiles, workload } from "./workload.ts";

/** Is what is known of the moment: how many deeds were done for sure, and whether the session had come to its end. */
export interface Moment {
  /** Undefined before the session had begun for sure. */
  readonly done: number | undefined;
  readonly isEnd: boolean;
}

/** Says what is wrong, each a sentence; nothing where all is as it must be. */
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

/** Says what may be told of the session before; nothing of it where it had not come so far as to write its record. */
function possibleStates({ done, isEnd }: Moment): readonly (string | undefined)[] {
  if (isEnd) return ["clean"];
  if (done === undefined) return [undefined, "open"];
  return done < workload.length ? ["open"] : ["open", "clean"];
}
