// Changes become an upper directory: each entry with its owner, mode, attributes and times, further
// names of files as such, and overlayfs's own marks for what is deleted or hidden. The directory
// that is filled is new, and nobody else can look into it until it is finished.

import { encodeUtf8 } from "../../core/bytes/utf.ts";
import type { LayerEntry } from "../../core/changes/layer.ts";
import type { Carried } from "../../core/exchange/carried.ts";
import { keepXattr } from "../port/keep-xattr.ts";
import type { DiskPlace, System } from "../port/system.ts";

/** Where changes come from, and where they are written. */
export interface ChangesCopy {
  /** Returns where the data of a file is read. */
  readonly placeOf: (path: string) => DiskPlace;
  /** An empty directory of mode 0700. */
  readonly to: string;
  /** Hears of an attribute that the file system cannot keep. */
  readonly tellLost: (path: string, attribute: string) => void;
}

/** Writes changes, entry by entry. */
export interface ChangesWriter {
  write(carried: Carried): void;
  /** Describes the directories that are still open. */
  finish(): void;
}

/** Begins to write changes. */
export function openWriter(system: System, copy: ChangesCopy): ChangesWriter {
  const open: Extract<Carried, { kind: "directory" }>[] = [];

  // What is written into a directory changes its time, and its mode may forbid it.
  function closeUntil(path: string): void {
    for (let last = open.at(-1); last && !isBelow(path, last.path); last = open.at(-1)) {
      describeDirectory(system, copy, last);
      open.pop();
    }
  }

  return {
    write(carried) {
      closeUntil(carried.path);
      const path = `${copy.to}${carried.path}`;
      switch (carried.kind) {
        case "directory":
          if (carried.path !== "") system.makeDirectory(path, 0o700);
          open.push(carried);
          return;
        case "file":
          makeFile(system, copy, carried);
          return;
        case "name":
          system.makeHardLink(path, `${copy.to}${carried.of}`);
          return;
        case "whiteout":
          system.makeNode(path, "character", 0, 0);
          return;
        case "left-out":
          return;
      }
    },
    finish() {
      for (const directory of open.toReversed()) describeDirectory(system, copy, directory);
      open.length = 0;
    },
  };
}

function isBelow(path: string, directory: string): boolean {
  return path.startsWith(`${directory}/`);
}

function describeDirectory(
  system: System,
  copy: ChangesCopy,
  { path, entry, isOpaque }: Extract<Carried, { kind: "directory" }>,
): void {
  if (isOpaque) system.setXattr(`${copy.to}${path}`, "trusted.overlay.opaque", encodeUtf8("y"));
  describeEntry(system, copy, { path, entry });
}

function makeFile(
  system: System,
  copy: ChangesCopy,
  { path, entry }: { readonly path: string; readonly entry: LayerEntry },
): void {
  const to = `${copy.to}${path}`;
  switch (entry.kind) {
    case "file":
      system.createFile(to, 0o600);
      system.copyData(copy.placeOf(path), to);
      break;
    case "link":
      system.makeLink(to, entry.target ?? "");
      break;
    case "directory":
      throw new Error(`"${path}" is a directory`);
    default:
      system.makeNode(to, entry.kind, 0o600, entry.deviceNumber);
  }
  describeEntry(system, copy, { path, entry });
}

/**
 * Describes a new file: its owner, attributes, mode and time. An owner clears capabilities, and an
 * owner or an access control list may clear mode bits.
 */
export function describeEntry(
  system: System,
  { to, tellLost }: Pick<ChangesCopy, "to" | "tellLost">,
  { path, entry }: { readonly path: string; readonly entry: EntryFacts },
): void {
  const made = `${to}${path}`;
  system.setOwner(made, entry.uid, entry.gid);
  for (const [name, value] of entry.xattrs)
    if (!keepXattr(system, made, { name, value })) tellLost(path, name);
  if (entry.kind !== "link") system.setMode(made, entry.mode);
  system.setModified(made, entry.modified);
}

/** What is kept of a file besides its data. */
export type EntryFacts = Pick<LayerEntry, "mode" | "uid" | "gid" | "modified" | "xattrs"> & {
  readonly kind: string;
};
