// Changes become a tar archive, as a layer of OCI has them or as an upper directory has them. What
// is small goes into the file many at a time.

import { joinBytes } from "../../core/bytes/join.ts";
import { clipRanges } from "../../core/bytes/ranges.ts";
import type { Carried, LeftOutReason } from "../../core/exchange/carried.ts";
import { endOfTar, formatHead, formatTail, startOfUpper } from "../../core/exchange/format-tar.ts";
import type { TarEntry } from "../../core/exchange/tar-entry.ts";
import { type ArchiveForm, toMembers } from "../../core/exchange/to-members.ts";
import type { OpenLayer } from "../changes/read-layer.ts";
import { errnoOf, type OpenFile, type System } from "../port/system.ts";

/** What becomes an archive, and which. */
export interface ArchiveRequest {
  readonly layer: OpenLayer;
  readonly entries: Iterable<Carried>;
  readonly form: ArchiveForm;
  /** An existing, empty file. */
  readonly to: string;
  readonly heard: ArchiveListener;
}

/** Who hears what is not in it as it was, and how far it is. */
export interface ArchiveListener {
  readonly tellLeftOut: (path: string, reason: LeftOutReason) => void;
  readonly tellChanged: (path: string) => void;
  /** Hears how many bytes of files were written. */
  readonly progress: (bytes: number) => void;
}

const heldBytes = 1 << 20;

/** Writes an archive; returns how many members it has. */
export function writeArchive(
  system: System,
  { layer, entries, form, to, heard }: ArchiveRequest,
): number {
  const output = new Output(system, to);
  let count = 0;
  let written = 0;
  if (form === "upper") output.add(startOfUpper);
  for (const carried of entries) {
    const made = withData(system, { layer, carried }, (file) => {
      const data = file?.data() ?? [];
      const bytes = carried.kind === "file" ? carried.entry.bytes : 0;
      const members = toMembers(carried, form, clipRanges(data, 0, bytes));
      if (members.kind === "left-out") return heard.tellLeftOut(members.path, members.reason);
      for (const member of members.members) {
        output.add(formatHead(member));
        if (file !== undefined && !addData(output, { member, file }))
          heard.tellChanged(carried.path);
        output.add(formatTail(member));
        count++;
      }
      return undefined;
    });
    if (made === "gone") heard.tellLeftOut(carried.path, "gone");
    if (carried.kind === "file" && carried.entry.kind === "file") {
      written += carried.entry.allocatedBytes;
      heard.progress(written);
    }
  }
  output.add(endOfTar);
  output.end();
  return count;
}

/** Passes `use` the opened file of an entry that is one; "gone" if it is not there any more. */
function withData(
  system: System,
  { layer, carried }: { layer: OpenLayer; carried: Carried },
  use: (file: OpenFile | undefined) => void,
): "gone" | undefined {
  if (carried.kind !== "file" || carried.entry.kind !== "file") {
    use(undefined);
    return undefined;
  }
  let isOpen = false;
  try {
    system.withFile(layer.placeOf(carried.path), (file) => {
      isOpen = true;
      use(file);
    });
    return undefined;
  } catch (error) {
    if (isOpen || errnoOf(error) !== "ENOENT") throw error;
    return "gone";
  }
}

/** Adds the data of a member; returns whether the file is as long as it was. */
function addData(output: Output, { member, file }: { member: TarEntry; file: OpenFile }): boolean {
  let isWhole = true;
  for (const { offset, bytes } of member.data)
    for (let done = 0; done < bytes; ) {
      const wanted = Math.min(heldBytes, bytes - done);
      const part = file.read(offset + done, wanted);
      output.add(part);
      // The header has promised so many.
      if (part.length < wanted) output.add(new Uint8Array(wanted - part.length));
      isWhole &&= part.length === wanted;
      done += wanted;
    }
  return isWhole;
}

/** A file that is written in large parts. */
class Output {
  private readonly system: System;
  private readonly path: string;
  private held: Uint8Array[] = [];
  private bytes = 0;

  constructor(system: System, path: string) {
    this.system = system;
    this.path = path;
  }

  add(part: Uint8Array): void {
    if (part.length === 0) return;
    this.held.push(part);
    this.bytes += part.length;
    if (this.bytes >= heldBytes) this.end();
  }

  end(): void {
    if (this.bytes > 0) this.system.appendFile(this.path, joinBytes(this.held));
    this.held = [];
    this.bytes = 0;
  }
}
