// The last minute of a session: systemd has ended the processes, made /run/initramfs the root, put what was the root at
// /oldroot and started us there (systemd's "Interface for Using Initrd", bootup(7)). The overlay goes first, for it holds
// its layers also when their mounts are gone; then what it was made of, the store before everything else.
import type { Mount } from "../kernel/mount-table.ts";
import type { Plan, Step } from "../steps/step.ts";

/** Is what is still there when the program starts, or after an attempt that did not reach its end. */
export interface ShutdownFacts {
  /** The kernel's table: of several at one place, the last is seen. */
  readonly mounts: readonly Mount[];
  /** Paths of the loop devices in use. */
  readonly loops: readonly string[];
  /** What the store's record says when the session has ended, where it is this session's. */
  readonly record?: EndedRecord | undefined;
}

/** Is the record of a session that has ended: its path below the store's mount, and its text. */
export interface EndedRecord {
  readonly path: string;
  readonly text: string;
}

/** Plans what is left to do; there are no steps when nothing is. */
export function planShutdown({ mounts, loops, record }: ShutdownFacts): Plan<undefined> {
  const { parts, others } = sortMounts(mounts);
  const moved = parts.filter(({ mount, home }) => mount.target !== home);
  // The old root itself must be gone before the store is put away; what parts lie below goes after they were moved.
  const isAbove = ({ target }: Mount) =>
    target === "/oldroot" || moved.some(({ mount }) => mount.target.startsWith(`${target}/`));
  const used = new Set(parts.map(({ mount }) => mount.source));
  return {
    title: "Take the system down and put its store away",
    result: undefined,
    steps: [
      ...loops.filter((device) => !used.has(device)).map(detachLoop),
      ...lastFirst(others.filter((mount) => !isAbove(mount)))
        .map(unmount)
        .map(optional),
      ...moved.map(
        ({ mount, home }): Step => ({
          do: "move-mount",
          source: mount.target,
          target: home,
          optional: true,
        }),
      ),
      ...lastFirst(others.filter(isAbove)).map(unmount),
      ...parts.filter(isStore).flatMap((part) => planStoreEnd(part, record)),
      ...parts.map(({ home }) => optional({ do: "unmount", target: home })),
    ],
  };
}

/**
 * Plans the last resort: what is in use disappears from the tree, so that nothing waits for it. The store's file system is
 * made read-only before, which leaves it clean even when an overlay never lets go of it.
 */
export function planForcedShutdown({ mounts }: ShutdownFacts): Plan<undefined> {
  const { parts, others } = sortMounts(mounts);
  const own = parts.map(({ mount }) => mount);
  const writable = [...own, ...others].filter(
    ({ source, superOptions }) => source.startsWith("/dev/") && isWritable(superOptions),
  );
  return {
    title: "Leave what is in use as clean as can be",
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

/** Tells whether a session with a store is being taken down. */
export function hasStore({ mounts }: ShutdownFacts): boolean {
  return sortMounts(mounts).parts.some(isStore);
}

/** Finds where the store is seen; undefined where none is mounted. */
export function findStorePlace({ mounts }: ShutdownFacts): string | undefined {
  return sortMounts(mounts).parts.find(isStore)?.mount.target;
}

/**
 * Plans what is done to the store between the end of the overlay and its own: the session is marked as ended, for which
 * what systemd has made read-only is writable for the moment.
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

/** Is one of the mounts that the boot made for the session. */
interface Part {
  readonly mount: Mount;
  readonly name: string;
  /** Where it is out of the old root's way. */
  readonly home: string;
}

/** Where the boot's mounts (places.ts) are seen, depending on how the root was changed. */
const partPlaces = /^(?:(?:\/oldroot)?\/run\/initramfs)?\/backstore\/([^/]+)$/;

/** What is made of other parts comes before them, and the store first of all; unknown ones are between. */
const firstParts = ["store", "base", "image", "memory"];
const lastParts = ["medium", "host"];

/** Takes the parts of the session, in the order in which they go, from what else is mounted. */
function sortMounts(mounts: readonly Mount[]): {
  readonly parts: readonly Part[];
  readonly others: readonly Mount[];
} {
  const found = new Map<string, Part>();
  for (const mount of mounts) {
    const name = partPlaces.exec(mount.target)?.[1];
    if (name === undefined) continue;
    const isInTheWay = mount.target.startsWith("/oldroot/");
    const home = isInTheWay ? `/backstore/${name}` : mount.target;
    // A part may be seen at two places; the one that need not be moved is kept. Of several at one, the lowest is.
    const known = found.get(name);
    if (known === undefined || (known.mount.target !== known.home && !isInTheWay))
      found.set(name, { mount, name, home });
  }
  const kept = new Set([...found.values()].map(({ mount }) => mount));
  return {
    parts: [...found.values()].sort((one, other) => rankOf(one) - rankOf(other)),
    others: mounts.filter((mount) => !kept.has(mount) && !staysMounted(mount)),
  };
}

function rankOf({ name }: Part): number {
  if (lastParts.includes(name)) return firstParts.length + 1 + lastParts.indexOf(name);
  return firstParts.includes(name) ? firstParts.indexOf(name) : firstParts.length;
}

function isStore({ name }: Part): boolean {
  return name === "store";
}

/** This program needs its own root and the kernel's file systems until the very end, and they hold nothing. */
function staysMounted({ target }: Mount): boolean {
  return /^\/$|^\/run$|^\/(?:dev|proc|sys)(?:\/|$)/.test(target);
}

function isWritable(superOptions: string): boolean {
  return superOptions.split(",").includes("rw");
}

/** The deepest first, and at one place the last: the table has a mount that was moved before what it is mounted on. */
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
