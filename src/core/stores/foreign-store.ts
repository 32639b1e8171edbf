// Where other live systems keep their changes: what a directory, or the top of a file system, is
// known by, and where in it the changes are. Nothing is taken for a store on its name alone, if
// anything in it can tell.
// Facts: the initramfs scripts of live-boot (do_union()), casper, dracut (dmsquash-live-root.sh),
// Linux Live Kit (livekitlib), MiniOS and antiX.

import { formatEscaped } from "../text/quoted.ts";
import { type KeptDirectory, parsePersistence } from "./persistence-conf.ts";

/** A directory to be recognised, by inspection only; paths have no slashes at the ends. */
export interface ForeignPlace {
  /** The last name of what was given, "" for the top of a device. */
  readonly name: string;
  /** Returns the names in a directory; undefined if there is none, or it is a link. */
  readonly list: (path: string) => readonly string[] | undefined;
  /** Returns the text of a file; undefined if there is none, or it is a link. */
  readonly readText: (path: string) => string | undefined;
}

/** The live systems whose changes are known. */
export type ForeignSystem =
  | "aufs"
  | "live-boot"
  | "casper"
  | "dracut"
  | "linux-live"
  | "oci"
  /** Nothing tells: an upper directory that was said to be one. */
  | "overlay";

/** What each of them keeps its changes in, with an article. */
export const foreignNames: Readonly<Record<ForeignSystem, string>> = {
  aufs: "a store of the first generation (aufs)",
  "live-boot": "the persistence of Debian's live-boot",
  casper: "the persistence of Ubuntu's casper",
  dracut: "an overlay of dracut",
  "linux-live": "the changes of Slax, Porteus or MiniOS",
  oci: "a layer of an OCI image",
  overlay: "an upper directory of overlayfs",
};

/** Formats how to take over what is found at a path, for the end of a sentence. */
export function adviseImport(old: string): string {
  return `take it over with: backstore import ${formatEscaped(old)} NEW`;
}

/** What a directory is. */
export type ForeignStore =
  | {
      readonly kind: "changes";
      readonly system: ForeignSystem;
      readonly parts: readonly ForeignPart[];
      /** What is kept there in a way that changes cannot express. */
      readonly leftOut: readonly LeftOut[];
    }
  /** Several sessions with changes of their own, of which one has to be chosen. */
  | { readonly kind: "sessions"; readonly system: ForeignSystem; readonly paths: readonly string[] }
  /** The layers of an image. */
  | { readonly kind: "layout"; readonly system: "oci" };

/** Changes to a directory of the system. */
export interface ForeignPart {
  /** Where they are. */
  readonly from: string;
  /** The directory that they belong to, "" for the whole system. */
  readonly to: string;
  /**
   * As an upper directory of overlayfs, as a branch of aufs, or as the directory itself, which
   * hides what the system has there.
   */
  readonly format: "overlay" | "aufs" | "whole";
}

/** A directory that is kept there, and why it cannot be taken over. */
export interface LeftOut {
  readonly path: string;
  readonly reason: "links" | "within-another" | "missing";
}

/** Identifies a directory; undefined if no other live system is known to have made it. */
export function identifyForeign(place: ForeignPlace): ForeignStore | undefined {
  for (const identify of [aufs, liveBoot, casper, dracut, sessions, linuxLive, oci]) {
    const found = identify(place);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Returns whether the names in a directory are those of a branch that aufs has written to. */
export function isAufsBranch(names: readonly string[] | undefined): boolean {
  return names?.some((name) => aufsNames.includes(name)) ?? false;
}

const aufsNames = [".wh..wh.aufs", ".wh..wh.plnk", ".wh..wh.orph"];

function aufs({ list }: ForeignPlace): ForeignStore | undefined {
  // live-boot's own file is beside the branch, where aufs was its union.
  const names = list("");
  if (!isAufsBranch(names) || names?.includes(persistenceFile)) return undefined;
  return changesOf("aufs", [{ from: "", to: "", format: "aufs" }]);
}

const persistenceFile = "persistence.conf";

function liveBoot(place: ForeignPlace): ForeignStore | undefined {
  const text = place.readText(persistenceFile);
  if (text === undefined) return undefined;
  const parts: ForeignPart[] = [];
  const leftOut: LeftOut[] = [];
  for (const kept of parsePersistence(text).kept) {
    const part = partOf(kept, place);
    const isWithin = parts.some(({ to }) => isBelow(kept.path, to) || isBelow(to, kept.path));
    if (kept.how === "link") leftOut.push({ path: kept.path, reason: "links" });
    else if (part === undefined) leftOut.push({ path: kept.path, reason: "missing" });
    else if (isWithin) leftOut.push({ path: kept.path, reason: "within-another" });
    else parts.push(part);
  }
  return { kind: "changes", system: "live-boot", parts, leftOut };
}

/** With overlayfs the changes are in "rw", beside its work directory; with aufs in the source. */
function partOf(
  { path, source, how }: KeptDirectory,
  { list }: ForeignPlace,
): ForeignPart | undefined {
  const names = list(source);
  if (names === undefined) return undefined;
  if (how === "bind") return { from: source, to: path, format: "whole" };
  if (isAufsBranch(names)) return { from: source, to: path, format: "aufs" };
  const from = source === "" ? "rw" : `${source}/rw`;
  return list(from) && { from, to: path, format: "overlay" };
}

/** casper, and antiX after it: "upper" and "work" at the top of a file system. */
function casper({ list }: ForeignPlace): ForeignStore | undefined {
  return list("upper") && list("work") && overlayAt("casper", "upper");
}

function dracut({ name, list }: ForeignPlace): ForeignStore | undefined {
  // A file of a file system has both in it.
  if (list("overlayfs") && list("ovlwork")) return overlayAt("dracut", "overlayfs");
  return name.startsWith("overlay-") && list("") ? overlayAt("dracut", "") : undefined;
}

/** Linux Live Kit, which Slax and MiniOS are made with: both in a session's directory. */
function linuxLive({ list }: ForeignPlace): ForeignStore | undefined {
  return list("changes") && list("workdir") && overlayAt("linux-live", "changes");
}

/** The directory of all sessions has one for each, with a number for its name. */
function sessions({ list }: ForeignPlace): ForeignStore | undefined {
  const paths = (list("") ?? [])
    .filter((name) => /^[1-9][0-9]*$/.test(name))
    .filter(
      (name) => isAufsBranch(list(name)) || (list(`${name}/changes`) && list(`${name}/workdir`)),
    )
    .sort((one, other) => Number(one) - Number(other));
  if (paths.length === 0) return undefined;
  return { kind: "sessions", system: "linux-live", paths };
}

function oci({ list, readText }: ForeignPlace): ForeignStore | undefined {
  const isLayout = readText("oci-layout") !== undefined && readText("index.json") !== undefined;
  return isLayout && list("blobs") ? { kind: "layout", system: "oci" } : undefined;
}

function overlayAt(system: ForeignSystem, from: string): ForeignStore {
  return changesOf(system, [{ from, to: "", format: "overlay" }]);
}

function changesOf(system: ForeignSystem, parts: readonly ForeignPart[]): ForeignStore {
  return { kind: "changes", system, parts, leftOut: [] };
}

function isBelow(path: string, directory: string): boolean {
  return directory === "" || path === directory || path.startsWith(`${directory}/`);
}
