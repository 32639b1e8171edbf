// A layer of an OCI image, an archive, becomes an upper directory: member by member, as
// place-member.ts decides. The directory that is filled is new and nobody else's, so that what was
// found in it stays as it is.

import { encodeUtf8 } from "../../core/bytes/utf.ts";
import { isTakenOver } from "../../core/exchange/aufs-branch.ts";
import {
  type MadeDirectory,
  type MemberAction,
  type Nonsense,
  type Placed,
  placeMemberOf,
} from "../../core/exchange/place-member.ts";
import type { TarReader } from "../../core/exchange/read-tar.ts";
import type { TarEntry } from "../../core/exchange/tar-entry.ts";
import type { ArchiveForm } from "../../core/exchange/to-members.ts";
import { joinDeviceNumber } from "../../core/kernel/device-number.ts";
import type { System } from "../port/system.ts";
import { removeTree } from "../port/temporary.ts";
import { describeEntry, type EntryFacts } from "./write-changes.ts";

/** Where a layer is unpacked, and who hears of what is not as it was. */
export interface LayerTarget {
  /** An empty directory of mode 0700. */
  readonly to: string;
  readonly form: ArchiveForm;
  readonly tellLeftOut: (path: string, reason: Nonsense) => void;
  readonly tellLost: (path: string, attribute: string) => void;
}

const partBytes = 1 << 20;

/** The mode of a directory that an archive does not describe. */
const usualMode = 0o755;

/** Unpacks a layer; returns how many members it had. */
export function unpackLayer(system: System, tar: TarReader, target: LayerTarget): number {
  const directories = new Map<string, EntryFacts | undefined>([["", undefined]]);
  const look = (path: string): Placed => lookAt(system, `${target.to}/${path}`);
  let count = 0;
  for (let member = tar.next(); member !== undefined; member = tar.next()) {
    count++;
    const placement = placeMemberOf(target.form, member, look);
    if (placement.do === "refuse") target.tellLeftOut(`/${member.path}`, placement.reason);
    if (placement.do !== "place") continue;
    for (const parent of placement.parents) {
      makeDirectory(system, target.to, parent);
      directories.set(parent.path, undefined);
    }
    perform(system, { action: placement.action, member, tar, target, directories });
  }
  // From below, since what is done in a directory changes its time.
  for (const [path, entry] of [...directories].toReversed()) {
    if (look(path) !== "directory") continue;
    const name = path === "" ? "" : `/${path}`;
    if (entry === undefined) system.setMode(`${target.to}${name}`, usualMode);
    else describeEntry(system, target, { path: name, entry });
  }
  return count;
}

/** One member, and all that it needs. */
interface Task {
  readonly action: MemberAction;
  readonly member: TarEntry;
  readonly tar: TarReader;
  readonly target: LayerTarget;
  readonly directories: Map<string, EntryFacts | undefined>;
}

function perform(system: System, task: Task): void {
  const { action, member, target, directories } = task;
  const path = `${target.to}/${action.path}`;
  switch (action.kind) {
    case "delete":
      system.makeNode(path, "character", 0, 0);
      return;
    case "hide-below":
      hideBelow(system, path);
      return;
    case "describe":
      if (action.hides) hideBelow(system, path);
      directories.set(action.path, factsOf(member));
      return;
    case "make":
      if (member.kind === "directory") {
        makeDirectory(system, target.to, action);
        directories.set(action.path, factsOf(member));
        return;
      }
      if (action.replaces) removeTree(system, path);
      makeFile(system, path, task);
  }
}

function lookAt(system: System, path: string): Placed {
  const found = system.linkStatus(path);
  if (found === undefined) return "nothing";
  if (found.kind === "directory") return "directory";
  return found.kind === "character" && found.deviceNumber === 0 ? "whiteout" : "file";
}

function makeDirectory(system: System, to: string, { path, replaces, hides }: MadeDirectory): void {
  const made = `${to}/${path}`;
  if (replaces) removeTree(system, made);
  system.makeDirectory(made, 0o700);
  if (hides) hideBelow(system, made);
}

function hideBelow(system: System, path: string): void {
  system.setXattr(path, "trusted.overlay.opaque", encodeUtf8("y"));
}

function makeFile(system: System, path: string, { member, tar, target }: Task): void {
  switch (member.kind) {
    case "hard-link":
      system.makeHardLink(path, `${target.to}/${member.to}`);
      return;
    case "link":
      system.makeLink(path, member.to);
      break;
    case "file":
      system.createFile(path, 0o600);
      writeData(system, path, { member, tar });
      break;
    case "directory":
      throw new Error(`"${member.path}" is a directory`);
    default:
      system.makeNode(path, member.kind, 0o600, joinDeviceNumber(member.device));
  }
  describeEntry(system, target, { path: `/${member.path}`, entry: factsOf(member) });
}

function writeData(
  system: System,
  path: string,
  { member, tar }: { readonly member: TarEntry; readonly tar: TarReader },
): void {
  system.truncate(path, member.bytes);
  for (const { offset, bytes } of member.data)
    for (let done = 0; done < bytes; ) {
      const part = tar.readData(Math.min(partBytes, bytes - done));
      system.writeBytes(path, offset + done, part);
      done += part.length;
    }
}

/** Overlayfs's own attributes would get a meaning that they have not in the archive. */
function factsOf({ kind, mode, uid, gid, modified, xattrs }: TarEntry): EntryFacts {
  const kept = xattrs.filter(({ name }) => isTakenOver(name));
  return {
    ...{ kind, mode, uid, gid, modified },
    xattrs: new Map(kept.map(({ name, value }) => [name, value])),
  };
}
