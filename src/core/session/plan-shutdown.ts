// The end of a session: systemd has stopped the processes, made /run/initramfs the root, moved the
// old root to /oldroot and started this program there (systemd's "Interface for Using Initrd",
// bootup(7)). The overlay is unmounted first, because it holds its layers even when their mounts
// are gone; then its parts, the store before everything else.
import { findMountAbove, isWithin, type Mount } from "../kernel/mount-table.ts";
import type { Plan, Step } from "../steps/step.ts";
import { sessionDirectory } from "./places.ts";

/** The state when the program starts, or after an attempt that did not complete. */
export interface ShutdownFacts {
  /** The kernel's mount table: of several mounts at one place, the last is visible. */
  readonly mounts: readonly Mount[];
  /** The paths of the loop devices in use. */
  readonly loops: readonly string[];
  /** The file behind each of them, by the path that it has here. */
  readonly files?: ReadonlyMap<string, string>;
  /** The store's record for a session that has ended, if it is this session's. */
  readonly record?: EndedRecord | undefined;
}

/** The record of a session that has ended: its path below the store's mount, and its text. */
export interface EndedRecord {
  readonly path: string;
  readonly text: string;
}

/** Plans what is left to do; there are no steps if nothing is. */
export function planShutdown({ mounts, loops, files, record }: ShutdownFacts): Plan<undefined> {
  const { parts, others } = sortMounts(mounts, files);
  const moved = parts.filter(({ mount, home }) => mount.target !== home);
  // The old root itself must be gone before the store is unmounted; mounts below the parts follow
  // after those were moved.
  const isAbove = ({ target }: Mount) =>
    target === "/oldroot" || moved.some(({ mount }) => mount.target.startsWith(`${target}/`));
  // What is mounted in it is then mounted on no directory outside the old root.
  const isApart = mounts.some(({ target }) => target === `/oldroot${sessionDirectory}`);
  const used = new Set(parts.map(({ mount }) => mount.source));
  return {
    title: "Shut down the system and unmount its store",
    result: undefined,
    steps: [
      ...loops.filter((device) => !used.has(device)).map(detachLoop),
      ...lastFirst(others.filter((mount) => !isAbove(mount)))
        .map(unmount)
        .map(optional),
      ...moved.flatMap(({ mount, name, home }): Step[] => [
        ...(isCarrier(name) || isApart
          ? [{ do: "make-directory", path: home, optional: true } as const]
          : []),
        { do: "move-mount", source: mount.target, target: home, optional: true },
      ]),
      ...lastFirst(others.filter(isAbove)).map(unmount),
      ...parts.filter(isStore).flatMap((part) => planStoreEnd(part, record)),
      ...parts.map(({ home }) => optional({ do: "unmount", target: home })),
    ],
  };
}

/**
 * Plans the last resort: mounts in use are detached lazily, so that nothing waits for them. The
 * store's file system is made read-only first, which leaves it clean even if an overlay never
 * releases it.
 */
export function planForcedShutdown({ mounts }: ShutdownFacts): Plan<undefined> {
  const { parts, others } = sortMounts(mounts);
  const own = parts.map(({ mount }) => mount);
  const writable = [...own, ...others].filter(
    ({ source, superOptions }) => source.startsWith("/dev/") && isWritable(superOptions),
  );
  return {
    title: "Leave what is still in use as clean as possible",
    result: undefined,
    steps: [
      ...writable.flatMap(({ target }): Step[] => [
        { do: "sync-file-system", path: target, optional: true },
        { do: "remount", target, readonly: true, optional: true },
      ]),
      ...[...lastFirst(others), ...own].map(
        ({ target }): Step => ({ do: "unmount", target, lazily: true, optional: true }),
      ),
    ],
  };
}

/** Returns whether a session with a store is being shut down. */
export function hasStore({ mounts }: ShutdownFacts): boolean {
  return sortMounts(mounts).parts.some(isStore);
}

/** Finds where the store is mounted; undefined if none is. */
export function findStorePlace({ mounts }: ShutdownFacts): string | undefined {
  return sortMounts(mounts).parts.find(isStore)?.mount.target;
}

/**
 * Plans what is done to the store after the overlay is unmounted and before the store is: the
 * session is marked as ended, for which a file system that systemd made read-only is temporarily
 * writable.
 */
function planStoreEnd({ mount, home }: Part, record: EndedRecord | undefined): Step[] {
  const isReady = isWritable(mount.superOptions);
  const sync: Step = { do: "sync-file-system", path: home, optional: true };
  if (record === undefined) return isReady ? [sync] : [];
  const { path, text } = record;
  return [
    ...(isReady ? [] : [{ do: "remount", target: home, readonly: false, optional: true } as const]),
    { do: "write-file", path: `${home}/${path}`, text, optional: true },
    sync,
  ];
}

/** One of the mounts that the boot made for the session. */
interface Part {
  readonly mount: Mount;
  readonly name: string;
  /** A place outside the old root. */
  readonly home: string;
}

/**
 * The places where the boot's mounts (places.ts) are found, depending on how the root was changed.
 */
const partPlaces = /^(?:(?:\/oldroot)?\/run\/initramfs)?\/backstore\/([^/]+)$/;

/**
 * The name, with a number, of a mount by another initramfs that carries the image of the base: it
 * is busy until the overlay is gone, and so is what it is mounted on.
 */
const carrier = "carrier";

function isCarrier(name: string): boolean {
  return /^carrier-\d+$/.test(name);
}

/**
 * Parts made of other parts come before them, and the store first of all; unknown ones are between.
 */
const firstParts = ["store", "base", "image", "memory"];
const lastParts = ["medium", "host", carrier];

/**
 * Separates the session's parts, in the order in which they are unmounted, from all other mounts.
 */
function sortMounts(
  mounts: readonly Mount[],
  files: ReadonlyMap<string, string> = new Map(),
): {
  readonly parts: readonly Part[];
  readonly others: readonly Mount[];
} {
  const found = new Map<string, Part>();
  for (const mount of mounts) {
    const name = partPlaces.exec(mount.target)?.[1];
    if (name === undefined) continue;
    const isInTheWay = mount.target.startsWith("/oldroot/");
    const home = isInTheWay ? `/backstore/${name}` : mount.target;
    // A part may be mounted at two places; the one that need not be moved is kept. Of several at
    // one place, the lowest is.
    const known = found.get(name);
    if (known === undefined || (known.mount.target !== known.home && !isInTheWay))
      found.set(name, { mount, name, home });
  }
  for (const part of findCarriers(mounts, found, files)) found.set(part.name, part);
  const kept = new Set([...found.values()].map(({ mount }) => mount));
  return {
    parts: [...found.values()].sort((one, other) => rankOf(one) - rankOf(other)),
    others: mounts.filter((mount) => !kept.has(mount) && !staysMounted(mount)),
  };
}

/** Follows loop devices from the session's own mounts to those that others have made. */
function findCarriers(
  mounts: readonly Mount[],
  parts: ReadonlyMap<string, Part>,
  files: ReadonlyMap<string, string>,
): Part[] {
  const known = [...parts.values()].map(({ mount }) => mount);
  const found: Part[] = [];
  let number = 0;
  for (const { source } of known) {
    const file = files.get(source);
    const mount = file === undefined ? undefined : findMountAbove(mounts, file);
    if (mount === undefined || known.includes(mount) || !mount.target.startsWith("/oldroot/"))
      continue;
    // What holds the session's own mounts is emptied before it is unmounted.
    if (known.some(({ target }) => isWithin(target, mount.target))) continue;
    do number++;
    while (parts.has(`${carrier}-${number}`));
    const name = `${carrier}-${number}`;
    found.push({ mount, name, home: `/backstore/${name}` });
    // The loop goes on with it.
    known.push(mount);
  }
  return found;
}

function rankOf(part: Part): number {
  const name = isCarrier(part.name) ? carrier : part.name.replace(/^srm\d+$/, "base");
  if (lastParts.includes(name)) return firstParts.length + 1 + lastParts.indexOf(name);
  return firstParts.includes(name) ? firstParts.indexOf(name) : firstParts.length;
}

function isStore({ name }: Part): boolean {
  return name === "store";
}

/**
 * This program needs its own root and the kernel's file systems until the very end, and they
 * contain no data.
 */
function staysMounted({ target }: Mount): boolean {
  return /^\/$|^\/run$|^\/(?:dev|proc|sys)(?:\/|$)/.test(target);
}

function isWritable(superOptions: string): boolean {
  return superOptions.split(",").includes("rw");
}

/**
 * The deepest first, and at one place the last: the table lists a mount that was moved before the
 * one it is mounted on.
 */
function lastFirst(mounts: readonly Mount[]): Mount[] {
  return [...mounts].reverse().sort((one, other) => depthOf(other) - depthOf(one));
}

function depthOf({ target }: Mount): number {
  return target.split("/").length;
}

function unmount({ target }: Mount): Step {
  return { do: "unmount", target };
}

function detachLoop(device: string): Step {
  return { do: "detach-loop", device, optional: true };
}

function optional(step: Step): Step {
  return { ...step, optional: true };
}
