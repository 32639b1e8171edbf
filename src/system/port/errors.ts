// How errors of the system are handled: described to the user, turned into a Failure, or ignored.
import { Failure } from "../../core/text/failure.ts";
import { errnoOf } from "./system.ts";

/**
 * Returns the reason for an error as the end of a sentence: the system's words for an errno,
 * otherwise its message. Throws the error itself if it is neither an errno nor a Failure.
 */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) throw error;
  if (error instanceof Failure) return error.message;
  if (errnoOf(error) === undefined) throw error;
  const words = "reason" in error ? String(error.reason) : error.message;
  // "No such file" becomes "no such file", "I/O error" stays.
  return words.replace(/^[A-Z](?=[a-z])/, (letter) => letter.toLowerCase());
}

/**
 * Does something; an errno becomes Failure "tool" with a sentence that begins with `cannot`
 * ("Cannot look at …").
 */
export function orFail<T>(cannot: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
    throw new Failure("tool", `${cannot}: ${reasonOf(error)}`);
  }
}

/** Does something that the system may refuse; the result is then undefined. */
export function ifPossible<T>(action: () => T): T | undefined {
  try {
    return action();
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
    return undefined;
  }
}
