// A layer of an OCI image becomes changes, member by member, in whatever order the archive has
// them: what is done with a member, given what earlier ones have made. A whiteout hides what is
// below the layer, never what the layer has itself, and a directory that the layer has beside its
// whiteout hides what is below it. Nothing is made through a link.
// Facts: OCI image specification, "Image Layer Filesystem Changeset" (Whiteouts; Opaque Whiteout).

import { decodeName } from "../bytes/utf.ts";
import { checkMember } from "./archive-path.ts";
import type { TarEntry } from "./tar-entry.ts";
import type { ArchiveForm } from "./to-members.ts";
import { identifyName, isNameOfFile } from "./whiteout-names.ts";

/** What earlier members have made under a name; "file" is anything but a directory. */
export type Placed = "nothing" | "whiteout" | "directory" | "file";

/** What is done for a member of a layer. */
export type Placement =
  | { readonly do: "nothing" }
  /** It makes no sense, and the layer may not be what it should be. */
  | { readonly do: "refuse"; readonly reason: Nonsense }
  | {
      readonly do: "place";
      /** The directories above it that are missing, from the top. */
      readonly parents: readonly MadeDirectory[];
      readonly action: MemberAction;
    };

/** The reason why a member makes no sense. */
export type Nonsense =
  | "whiteout-of-no-name"
  | "looks-deleted"
  | "below-file"
  | "below-whiteout"
  | "top-is-no-directory"
  | "name-of-no-file"
  | "hides-everything";

/** A directory that is made; `replaces` a whiteout, and `hides` what is below. */
export interface MadeDirectory {
  readonly path: string;
  readonly replaces: boolean;
  readonly hides: boolean;
}

/** What becomes of the member itself. */
export type MemberAction =
  /** Its file is made; `replaces`: what has its name is removed first; `hides` what is below. */
  | ({ readonly kind: "make" } & MadeDirectory)
  /** A directory that is there gets its mode, owner, times and attributes; `hides` as above. */
  | { readonly kind: "describe"; readonly path: string; readonly hides: boolean }
  /** A whiteout is made. */
  | { readonly kind: "delete"; readonly path: string }
  /** A directory is made opaque. */
  | { readonly kind: "hide-below"; readonly path: string };

/** Plans what is done for a member of an archive in one of the two forms. */
export function placeMemberOf(
  form: ArchiveForm,
  member: TarEntry,
  look: (path: string) => Placed,
): Placement {
  return form === "oci" ? placeMember(member, look) : placeUpperMember(member, look);
}

/** In an upper directory a device is a whiteout, and an attribute hides what is below. */
function placeUpperMember(member: TarEntry, look: (path: string) => Placed): Placement {
  checkMember(member);
  const parents = findMissing(splitPath(member.path).directories, look);
  if (parents === undefined) return refuse("below-file");
  if (member.kind === "hard-link" && !isFile(member.to, look)) return refuse("name-of-no-file");
  const placed = parents.length > 0 ? "nothing" : look(member.path);
  if (isWhiteoutDevice(member)) return placeWhiteout(member.path, { parents, placed });
  const placement = placeEntry(member, { parents, placed });
  // Overlayfs takes no notice of a mark at the top of its upper directory.
  if (placement.do !== "place" || member.path === "" || !isOpaque(member)) return placement;
  const { action } = placement;
  const isDirectory = action.kind === "make" || action.kind === "describe";
  return isDirectory ? { ...placement, action: { ...action, hides: true } } : placement;
}

function isOpaque({ kind, xattrs }: TarEntry): boolean {
  return (
    kind === "directory" &&
    xattrs.some(({ name, value }) => name === "trusted.overlay.opaque" && decodeName(value) === "y")
  );
}

/**
 * Plans what is done for a member; `look` tells what earlier members have made. Throws a Failure
 * where a path leads out of the tree.
 */
export function placeMember(member: TarEntry, look: (path: string) => Placed): Placement {
  checkMember(member);
  const { directories, name } = splitPath(member.path);
  const above = directories.map((path) => identifyName(splitPath(path).name).kind);
  const meaning = identifyName(name);
  if (meaning.kind === "own" || above.includes("own")) return { do: "nothing" };
  if (above.some((kind) => kind !== "entry")) return refuse("below-whiteout");
  const parents = findMissing(directories, look);
  if (parents === undefined) return refuse("below-file");
  const directory = directories.at(-1) ?? "";
  if (meaning.kind === "opaque") {
    // Overlayfs takes no notice of a mark at the top of its upper directory.
    if (directory === "") return refuse("hides-everything");
    return { do: "place", parents, action: { kind: "hide-below", path: directory } };
  }
  if (member.kind === "hard-link" && !isFile(member.to, look)) return refuse("name-of-no-file");
  const lookIn = (path: string) => (parents.length > 0 ? "nothing" : look(path));
  if (meaning.kind === "entry") return placeEntry(member, { parents, placed: lookIn(member.path) });
  if (!isNameOfFile(meaning.of)) return refuse("whiteout-of-no-name");
  const path = directory === "" ? meaning.of : `${directory}/${meaning.of}`;
  return placeWhiteout(path, { parents, placed: lookIn(path) });
}

/**
 * Finds the directories that have to be made; undefined where one is something else. Nothing is
 * looked for below that, since it may be a link.
 */
function findMissing(
  directories: readonly string[],
  look: (path: string) => Placed,
): readonly MadeDirectory[] | undefined {
  const missing: MadeDirectory[] = [];
  for (const path of directories) {
    const placed = missing.length > 0 ? "nothing" : look(path);
    if (placed === "file") return undefined;
    if (placed !== "directory") missing.push(makeDirectory(path, placed));
  }
  return missing;
}

/** Whether there is a file, in directories of the layer's own. */
function isFile(path: string, look: (path: string) => Placed): boolean {
  const { directories } = splitPath(path);
  return directories.every((one) => look(one) === "directory") && look(path) === "file";
}

interface Surroundings {
  readonly parents: readonly MadeDirectory[];
  readonly placed: Placed;
}

function placeEntry(member: TarEntry, { parents, placed }: Surroundings): Placement {
  const { path, kind } = member;
  const isDirectory = kind === "directory";
  if (path === "" && !isDirectory) return refuse("top-is-no-directory");
  // An overlay would take it for a whiteout.
  if (isWhiteoutDevice(member)) return refuse("looks-deleted");
  if (isDirectory && placed === "directory")
    return { do: "place", parents, action: { kind: "describe", path, hides: false } };
  const made = isDirectory
    ? makeDirectory(path, placed)
    : { path, replaces: placed !== "nothing", hides: false };
  return { do: "place", parents, action: { kind: "make", ...made } };
}

function isWhiteoutDevice({ kind, device }: TarEntry): boolean {
  return kind === "character" && device.major === 0 && device.minor === 0;
}

function placeWhiteout(path: string, { parents, placed }: Surroundings): Placement {
  if (placed === "file" || placed === "whiteout") return { do: "nothing" };
  const kind = placed === "directory" ? "hide-below" : "delete";
  return { do: "place", parents, action: { kind, path } };
}

/** What is below was hidden by what had its name. */
function makeDirectory(path: string, placed: Placed): MadeDirectory {
  const isInTheWay = placed !== "nothing";
  return { path, replaces: isInTheWay, hides: isInTheWay };
}

function refuse(reason: Nonsense): Placement {
  return { do: "refuse", reason };
}

/** The directories above a path, from the top, and its last name. */
function splitPath(path: string): {
  readonly directories: readonly string[];
  readonly name: string;
} {
  const names = path.split("/");
  const directories = names.slice(1).map((_, index) => names.slice(0, index + 1).join("/"));
  return { directories, name: names.at(-1) ?? "" };
}
