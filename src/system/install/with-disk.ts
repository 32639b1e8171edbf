// A disk that a command has for itself, for as long as it writes to it.

import { Failure } from "../../core/text/failure.ts";
import { ifPossible } from "../port/errors.ts";
import { errnoOf, type System } from "../port/system.ts";
import { waitUntil } from "../port/wait-until.ts";
import { nameHolder } from "../usage/name-holder.ts";

/**
 * Calls `use` while nothing else can mount or probe the disk, and makes the kernel read its
 * partition table again afterwards; throws a Failure that begins with
 * `cannot` where it is in use.
 */
export function withDisk<T>(system: System, path: string, cannot: string, use: () => T): T {
  let done: { readonly value: T } | undefined;
  // udev locks a disk while it looks at it, and leaves one alone that is locked.
  const isFree = waitUntil(system, lookingMs, () => {
    try {
      done = system.withLock(path, () => {
        const value = claimed(system, path, cannot, use);
        // A loop device may have no partitions; others get theirs when they are plugged in.
        ifPossible(() => system.rereadPartitions(path));
        return { value };
      });
      return true;
    } catch (error) {
      if (errnoOf(error) !== "EAGAIN") throw error;
      return false;
    }
  });
  if (isFree && done !== undefined) return done.value;
  throw new Failure("in-use", `${cannot}: another program is working on it`);
}

const lookingMs = 10_000;

function claimed<T>(system: System, path: string, cannot: string, use: () => T): T {
  let isClaimed = false;
  try {
    return system.withClaim(path, () => {
      isClaimed = true;
      return use();
    });
  } catch (error) {
    if (isClaimed || errnoOf(error) !== "EBUSY") throw error;
    const holder = nameHolder(system, path);
    throw new Failure("in-use", `${cannot}: ${holder?.reason ?? "it is in use"}`, holder?.hint);
  }
}
