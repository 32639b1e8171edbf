// The root that a distribution's own initramfs has assembled, as the mount table shows it just
// before that hands over: which layers it has, where it keeps changes, and what carries its base.
// Whatever cannot be taken over is left alone, with the reason as data.

import { flagsOfMount, type OptionFlag } from "../kernel/mount-flags.ts";
import {
  findMountAbove,
  isWithin,
  lowerLayersOf,
  type Mount,
  upperOf,
} from "../kernel/mount-table.ts";
import type { OverlayTraces } from "../stores/overlay-settings.ts";
import { formatPath } from "../text/quoted.ts";
import { type KeptPlace, listKeptPlaces } from "./kept-places.ts";
import { listMovedPlaces } from "./moved-places.ts";

/** The software that made an initramfs, as its mounts show it. */
export type Family =
  | "archiso"
  | "casper"
  | "dracut"
  | "kiwi"
  | "linux-live"
  | "live-boot"
  | "mx"
  | "unknown";

/** Where archiso keeps changes, and SystemRescue's scripts look for them. */
export const cowspace = "/run/archiso/cowspace";

/** A root whose changes are in memory, and can be kept in a store instead. */
export interface LiveRoot {
  /** Where it is mounted. */
  readonly root: string;
  readonly family: Family;
  /** Its lower layers, from the top down. */
  readonly layers: readonly string[];
  /** The directory in memory that has its changes until now. */
  readonly upper: string;
  /**
   * Those of them, the upper directory included, whose names end with the initramfs, or which a
   * session hides.
   */
  readonly unnamed: readonly string[];
  /** Attributes in that directory which need certain overlay settings. */
  readonly traces: OverlayTraces;
  /** The mount of what carries the base; undefined if the base is in memory, or it is not known. */
  readonly medium: LiveMedium | undefined;
  /** Places in it whose changes the distribution keeps; missing if there are none. */
  readonly kept?: readonly KeptPlace[];
  /**
   * Mounts of such layers that nobody could unmount at the end of the session, because the
   * initramfs is out of sight then; missing if there are none.
   */
  readonly hidden?: readonly string[];
}

/** A medium that the distribution has mounted. */
export interface LiveMedium {
  readonly target: string;
  /** The path of its device. */
  readonly source: string;
  readonly deviceNumber: string;
  /** Whether its file system is mounted for writing. */
  readonly isWritable: boolean;
  /** The flags of the mount. */
  readonly flags: readonly OptionFlag[];
}

/** A root that is left as it is. */
export interface LeftAlone {
  readonly root: string;
  readonly family: Family;
  /** What becomes of changes: the distribution keeps them, or they are in memory. */
  readonly changes: "kept" | "lost" | "unknown";
  readonly kind:
    | "failed"
    | "no-root"
    | "not-overlay"
    | "no-upper"
    | "own-store"
    | "lost-layer"
    | "metacopy";
  /** The reason as a clause. */
  readonly reason: string;
}

/** The reason why a root is left as it is. */
type Why = Pick<LeftAlone, "kind" | "reason" | "changes">;

/** The facts that tell what a root is. */
export interface RootFacts {
  readonly root: string;
  readonly mounts: readonly Mount[];
  /** The file behind each loop device. */
  readonly loops: ReadonlyMap<string, string>;
  /** What a path names, symbolic links followed; undefined if there is nothing. */
  readonly resolve: (path: string) => string | undefined;
  /** Whether the files in a directory are seen in the root: then it is a layer of it. */
  readonly isSeen: (directory: string) => boolean;
}

/** Identifies a root, before its changes were looked at. */
export function identifyRoot(facts: RootFacts): Omit<LiveRoot, "traces"> | LeftAlone {
  const { root, mounts } = facts;
  const mount = mounts.findLast(({ target }) => target === root);
  const known = { root, family: identifyFamily(mount, mounts) };
  const found = mount === undefined ? nothingOn(root) : findLayers(mount, facts);
  if ("reason" in found) return { ...known, ...found };
  const { upper, layers } = found;
  const medium = findMedium(layers.at(-1) ?? "", facts);
  const kept = listKeptPlaces({ root, mounts, medium: medium?.deviceNumber });
  const unnamed = [upper, ...layers].filter(
    (path) => isWithin(path, cowspace) || !staysNamed(path, facts),
  );
  const hidden = known.family === "casper" ? listHidden(unnamed, facts) : [];
  return {
    ...known,
    layers,
    upper,
    unnamed,
    medium,
    ...(kept.length > 0 && { kept }),
    ...(hidden.length > 0 && { hidden }),
  };
}

function nothingOn(root: string): Why {
  return {
    kind: "no-root",
    reason: `nothing is mounted on ${formatPath(root)}`,
    changes: "unknown",
  };
}

/** Finds where the layers of an overlay with changes in memory are. */
function findLayers(mount: Mount, facts: RootFacts): Pick<LiveRoot, "upper" | "layers"> | Why {
  if (mount.type !== "overlay") {
    const reason = `the root is ${mount.type} and no overlay`;
    return { kind: "not-overlay", reason, changes: "unknown" };
  }
  const written = upperOf(mount);
  if (written === undefined)
    return { kind: "no-upper", reason: "the root cannot be changed", changes: "unknown" };
  const upper = findLayer(written, facts);
  if (upper === undefined) return lose(written, "unknown");
  const { type = "", source = "" } = findMountAbove(facts.mounts, upper) ?? {};
  if (!inMemory.includes(type)) {
    const reason = `the distribution keeps changes itself, on ${formatPath(source)}`;
    return { kind: "own-store", reason, changes: "kept" };
  }
  const layers = lowerLayersOf(mount).map((path) => ({ path, now: findLayer(path, facts) }));
  const lost = layers.find(({ now }) => now === undefined);
  if (lost !== undefined) return lose(lost.path, "lost");
  return { upper, layers: layers.flatMap(({ now }) => now ?? []) };
}

function lose(path: string, changes: Why["changes"]): Why {
  const reason = `the layer ${formatPath(path)} of the root cannot be found`;
  return { kind: "lost-layer", reason, changes };
}

/**
 * Adds what the changes until now contain. What needs metacopy=on is left alone: with it the store
 * would depend on the base.
 */
export function addTraces(
  root: Omit<LiveRoot, "traces">,
  traces: OverlayTraces,
): LiveRoot | LeftAlone {
  if (!traces.metacopy) return { ...root, traces };
  return {
    root: root.root,
    family: root.family,
    kind: "metacopy",
    reason: "files that were changed already need the overlay option metacopy=on",
    changes: "lost",
  };
}

/** Leaves a root alone because the distribution says that it keeps changes itself. */
export function keepOwnStore({ root, family }: Pick<LiveRoot, "root" | "family">): LeftAlone {
  const reason = "the distribution keeps changes itself";
  return { root, family, kind: "own-store", reason, changes: "kept" };
}

/** Returns whether a finding says why the root is left alone. */
export function isLeftAlone(finding: object): finding is LeftAlone {
  return "reason" in finding;
}

const inMemory = ["tmpfs", "ramfs"];

/** What is not below /run is deleted, or has no name any more, when the initramfs hands over. */
function staysNamed(path: string, { root }: RootFacts): boolean {
  return isWithin(path, "/run") && !isWithin(path, root);
}

/**
 * Returns whether a path is on the initramfs's own file system, which is emptied when it hands
 * over. That of linux-live is not: it is a tmpfs, and becomes /run/initramfs.
 */
function isOwn(path: string, { root, mounts }: RootFacts): boolean {
  return root !== linuxLivesRoot && findMountAbove(mounts, path)?.target === "/";
}

const linuxLivesRoot = "/memory/union";

/** Others than casper move theirs to where the running system sees them. */
function listHidden(layers: readonly string[], { root, mounts }: RootFacts): string[] {
  const targets = layers.flatMap((path) => findMountAbove(mounts, path)?.target ?? []);
  return [...new Set(targets)].filter((target) => !isWithin(target, root));
}

/** Finds where a layer is now, by the path at which it was when the root was mounted. */
function findLayer(path: string, facts: RootFacts): string | undefined {
  const now = facts.resolve(path);
  // Where its mount was moved away, the place is the initramfs's own.
  if (now !== undefined && !isOwn(now, facts)) return now;
  return listMovedPlaces(path, facts).find(facts.isSeen);
}

/** By where a family mounts its root and its layers. */
function identifyFamily(root: Mount | undefined, mounts: readonly Mount[]): Family {
  const { target = "", source = "" } = root ?? {};
  const isBelow = (directory: string) => mounts.some((mount) => isWithin(mount.target, directory));
  if (isBelow("/run/live") || isBelow(`${target}/lib/live/mount`)) return "live-boot";
  if (isBelow("/run/archiso")) return "archiso";
  if (source === "/cow") return "casper";
  if (isBelow("/run/overlay")) return "kiwi";
  if (target === "/sysroot") return "dracut";
  if (target === linuxLivesRoot) return "linux-live";
  return target === "/live/aufs" ? "mx" : "unknown";
}

/** An image in an image in a file on a medium; more would be strange. */
const mostImages = 4;

/** Follows loop devices from the lowest layer to the device that carries all of them. */
function findMedium(layer: string, { mounts, loops }: RootFacts): LiveMedium | undefined {
  let mount = findMountAbove(mounts, layer);
  for (let count = 0; count <= mostImages && mount !== undefined; count++) {
    const file = loops.get(mount.source);
    if (file === undefined || !file.startsWith("/") || file.startsWith("/dev/"))
      return describeMedium(mount, count);
    mount = findMountAbove(mounts, file);
  }
  return undefined;
}

/** Without a device it is in memory; the base itself on a device is no medium with files. */
function describeMedium(mount: Mount, images: number): LiveMedium | undefined {
  const { target, source, deviceNumber, superOptions } = mount;
  if (images === 0 || deviceNumber.startsWith("0:")) return undefined;
  return {
    target,
    source,
    deviceNumber,
    isWritable: superOptions.split(",").includes("rw"),
    flags: flagsOfMount(mount),
  };
}
