// Writes the archives of an initramfs one after the other, compressed by the tools of the machine
// that builds it.
import { formatCpio } from "../../core/initramfs/cpio.ts";
import type { Compression, Segment } from "../../core/initramfs/initramfs-contents.ts";
import type { System } from "../port/system.ts";
import { runTool } from "../port/tool.ts";
import { readWhole } from "./module-packing.ts";

/** The segments to write to a file; `work` is a directory for temporary files. */
interface SegmentsRequest {
  readonly file: string;
  readonly segments: readonly Segment[];
  readonly compression: Compression;
  readonly work: string;
}

/**
 * Writes segments one after the other, each aligned to 4 bytes as the kernel requires; returns the
 * total length.
 */
export function writeSegments(
  system: System,
  { file, segments, compression, work }: SegmentsRequest,
): number {
  let length = 0;
  system.writeFile(file, "", 0o644);
  for (const { entries, isCompressed } of segments) {
    const archive = formatCpio(entries);
    const bytes = isCompressed ? compress(system, { archive, compression, work }) : archive;
    const padding = new Uint8Array((4 - (length % 4)) % 4);
    system.appendFile(file, padding);
    system.appendFile(file, bytes);
    length += padding.length + bytes.length;
  }
  return length;
}

// Without the name and time that gzip stores by default, the same contents result in the same file.
const compressors = {
  zstd: { argv: ["zstd", "-q", "--rm", "-19"], ending: ".zst" },
  gzip: { argv: ["gzip", "-n"], ending: ".gz" },
};

function compress(
  system: System,
  {
    archive,
    compression,
    work,
  }: { readonly archive: Uint8Array; readonly compression: Compression; readonly work: string },
): Uint8Array {
  const { argv, ending } = compressors[compression];
  const file = `${work}/segment.cpio`;
  system.writeFile(file, archive);
  runTool(system, { action: "compress the initramfs", argv: [...argv, file] });
  const bytes = readWhole(system, file + ending);
  system.removeFile(file + ending);
  return bytes;
}
