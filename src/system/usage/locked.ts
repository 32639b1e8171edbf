// Work on files that only one program at a time may change: others get an error, and never wait.
import { Failure } from "../../core/text/failure.ts";
import { formatPath } from "../../core/text/quoted.ts";
import { failureOfErrno } from "../port/errors.ts";
import { errnoOf, type System } from "../port/system.ts";
import { findLocker } from "./find-holder.ts";

/** The files or directories to lock, in order, and what for. */
interface Lock {
  readonly paths: readonly string[];
  /** "grow". */
  readonly action: string;
  /** The path that the work is about; the locked one may be another. */
  readonly subject: string;
}

/**
 * Runs `use` while this program has the locks; throws Failure "in-use" if another program has one
 * of them.
 */
export function withLocks<T>(system: System, { paths, action, subject }: Lock, use: () => T): T {
  const [path, ...others] = paths;
  if (path === undefined) return use();
  let isLocked = false;
  try {
    return system.withLock(path, () => {
      isLocked = true;
      return withLocks(system, { paths: others, action, subject }, use);
    });
  } catch (error) {
    if (isLocked || errnoOf(error) === undefined) throw error;
    const cannot = `Cannot ${action} ${formatPath(subject)}`;
    const what = path === subject ? "it" : formatPath(path);
    if (errnoOf(error) !== "EAGAIN")
      throw failureOfErrno(`${cannot}: ${what} cannot be locked`, error);
    throw new Failure(
      "in-use",
      `${cannot}: ${findLocker(system, path) ?? "another program"} is working on ${what}`,
      "try again once it has ended",
    );
  }
}
