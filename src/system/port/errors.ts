// How errors of the system are handled: described to the user, turned into a Failure, or ignored.
import { findMendable } from "../../core/text/errnos.ts";
import { Failure } from "../../core/text/failure.ts";
import { formatPath } from "../../core/text/quoted.ts";
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
 * Does something; an errno becomes a Failure with a sentence that begins with `cannot` ("Cannot
 * look at …").
 */
export function orFail<T>(cannot: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw failureOfErrno(cannot, error) ?? error;
  }
}

/**
 * Makes a Failure of an errno, with a sentence that begins with `cannot`; undefined for an error
 * that is none.
 */
export function failureOfErrno(cannot: string, error: unknown): Failure | undefined {
  const errno = errnoOf(error);
  if (errno === undefined) return undefined;
  const { code = "tool", hint } = findMendable(errno) ?? {};
  return new Failure(code, `${cannot}: ${reasonOf(error)}`, hint);
}

/**
 * Makes a Failure of an errno that nobody has put into words, with the path that it is about;
 * undefined for an error that only a bug leads to. `cannot` is what to say without a path.
 */
export function failureOfUntold(cannot: string, error: unknown): Failure | undefined {
  if (findMendable(errnoOf(error) ?? "") === undefined) return undefined;
  const path = error instanceof Error && "path" in error ? error.path : undefined;
  const isNamed = typeof path === "string" && path !== "" && !path.startsWith("/proc/self/fd/");
  return failureOfErrno(isNamed ? `Cannot use ${formatPath(path)}` : cannot, error);
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
