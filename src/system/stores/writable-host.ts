// The path through which a store can be written. A session mounts its boot stick read-only: then
// another writable mount of the same file system is used, and if there is none, the session's own
// mount is temporarily made writable. Any other read-only mount was made by somebody who may have
// had a reason.

import { limitsOf } from "../../core/file-systems/hosts.ts";
import { flagsOfMount } from "../../core/kernel/mount-flags.ts";
import type { Mount } from "../../core/kernel/mount-table.ts";
import { nameInSession, sessionMounts } from "../../core/session/places.ts";
import type { Step } from "../../core/steps/step.ts";
import { Failure } from "../../core/text/failure.ts";
import { directoryOf } from "../../core/text/path.ts";
import { formatPath } from "../../core/text/quoted.ts";
import { mountOf } from "../port/mount-of.ts";
import type { System } from "../port/system.ts";
import type { StoreHost, StorePlace } from "./locate-store.ts";
import { nameOfSession } from "./session-name.ts";

/** A way to write to a store: its path, and what is done before and after. */
interface WritableHost {
  readonly store: string;
  readonly before: readonly Step[];
  readonly after: readonly Step[];
}

/**
 * Finds how a store in this place can be written to; throws Failure "unsafe", with `action` in it,
 * if it cannot.
 */
export function findWritableHost(system: System, place: StorePlace, action: string): WritableHost {
  const { host, store } = place;
  const cannot = `Cannot ${action} ${formatPath(store)}`;
  const { refusal } = limitsOf(host.type);
  if (refusal !== undefined) throw new Failure("unsafe", `${cannot}: ${refusal}`);
  if (!host.readonly) return { store, before: [], after: [] };
  const other = findOtherMount(system, place);
  if (other !== undefined) return { store: other, before: [], after: [] };
  return remountForTheMoment(place, cannot);
}

function remountForTheMoment({ host, store }: StorePlace, cannot: string): WritableHost {
  const { mount } = host;
  const { target } = mount;
  if (!target.startsWith(sessionMounts)) {
    throw new Failure(
      "unsafe",
      `${cannot}: ${formatPath(target)} is mounted read-only`,
      `mount it read-write if that is safe: mount -o remount,rw ${target}`,
    );
  }
  if (isWithoutJournal(mount)) {
    throw new Failure(
      "unsafe",
      `${cannot}: ${formatPath(nameInSession(target))} was mounted without replaying its journal and must not be made writable`,
      "boot with backstore=off, mount it again and try again",
    );
  }
  const flags = flagsOfMount(mount);
  const remount = (readonly: boolean): Step => ({
    do: "remount",
    target,
    readonly,
    ...(flags.length > 0 ? { flags } : {}),
  });
  return {
    store,
    before: [remount(false)],
    // A file may have been opened for writing meanwhile; the work is done anyway.
    after: [{ ...remount(true), optional: true }],
  };
}

/** A journal that was not replayed remains disabled even when such a mount becomes writable. */
function isWithoutJournal({ superOptions }: Mount): boolean {
  return /(^|,)(noload|norecovery|nologreplay|rescue=[^,]*)(,|$)/.test(superOptions);
}

/**
 * The same file system may be mounted a second time, writable; the mount must be the visible one at
 * its path.
 */
function findOtherMount(system: System, { host, store }: StorePlace): string | undefined {
  const directory = system.status(directoryOf(store));
  return system
    .mounts()
    .filter((mount) => mount.deviceNumber === host.mount.deviceNumber && isWritable(mount))
    .map((mount) => pathThrough(mount, host))
    .map((path) => path && nameOfSession(system, path))
    .find((path) => {
      const status = path === undefined ? undefined : system.status(directoryOf(path));
      return (
        path !== undefined &&
        status !== undefined &&
        status.inode === directory?.inode &&
        status.device === directory.device &&
        isWritable(mountOf(system, directoryOf(path)))
      );
    });
}

function isWritable(mount: Mount | undefined): boolean {
  return mount !== undefined && [mount.options, mount.superOptions].every(isReadWrite);
}

function isReadWrite(options: string): boolean {
  return !options.split(",").includes("ro");
}

/** Returns the path of the store below another mount; undefined if that mount does not show it. */
function pathThrough({ root, target }: Mount, { path }: StoreHost): string | undefined {
  const prefix = root === "/" ? "" : root;
  if (!path.startsWith(`${prefix}/`)) return undefined;
  const below = path.slice(prefix.length);
  return target === "/" ? below : `${target}${below}`;
}
