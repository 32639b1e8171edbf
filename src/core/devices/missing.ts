// What is said of a path that leads to nothing.
import { Failure } from "../text/failure.ts";

/**
 * Returns the failure for a file or device that is not there, in a sentence that begins with
 * `cannot`; `hint` is for a file.
 */
export function notThere(cannot: string, path: string, hint?: string): Failure {
  if (isDevicePath(path)) return noSuchDevice(cannot);
  return new Failure("not-found", `${cannot}: no such file`, hint);
}

/** Returns the failure for a device that is not there. */
export function noSuchDevice(cannot: string): Failure {
  return new Failure(
    "not-found",
    `${cannot}: there is no such device`,
    "see which there are: lsblk -f",
  );
}

/** Returns whether a path is that of a device, were there one; /dev/shm has files. */
export function isDevicePath(path: string): boolean {
  return path.startsWith("/dev/") && !/^\/dev\/(?:shm|mqueue|hugepages)(?:\/|$)/.test(path);
}
