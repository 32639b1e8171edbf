// What a command that was interrupted has left, in a sentence.

import { namesBeside } from "../../core/stores/store-names.ts";
import { Failure } from "../../core/text/failure.ts";
import { formatList, formatPath } from "../../core/text/quoted.ts";
import { ifPossible } from "../../system/port/errors.ts";
import type { Invocation } from "./command.ts";

/** The store that a command works on, and what is said of it if nothing is left beside it. */
interface Worked {
  readonly store: string;
  readonly undone: string;
  /** What to do about what is left. */
  readonly hint: string;
}

/** Works on a store; if that is interrupted, says what is left beside the store. */
export function sayingWhatIsLeft<T>(
  { system, context }: Invocation,
  { store, undone, hint }: Worked,
  work: () => T,
): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof Failure) || !context.isInterrupted()) throw error;
    const left = Object.values(namesBeside(store)).filter(
      (path) => ifPossible(() => system.linkStatus(path)) !== undefined,
    );
    if (left.length === 0) throw new Failure("interrupted", `Interrupted: ${undone}`);
    const names = formatList(left.map(formatPath));
    throw new Failure(
      "interrupted",
      `Interrupted: ${names} ${left.length === 1 ? "is" : "are"} left`,
      hint,
    );
  }
}
