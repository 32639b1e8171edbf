// Takes an initramfs apart with external tools: each of its cpio archives with "cpio", decompressed
// by its tool.

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "./programs.ts";

/** One archive of an initramfs. */
export interface Part {
  readonly compression: "none" | "zstd" | "gzip";
  /** As "cpio -tv" shows it, without the number of links, owners and sizes: "-rwxr-xr-x init". */
  readonly entries: readonly string[];
  /** The entries as extracted by cpio; devices are left out. */
  readonly directory: string;
}

/** Takes an initramfs apart in an empty directory. */
export function takeApart(file: string, directory: string): Part[] {
  return split(readFileSync(file)).map((bytes, index) => {
    const compression = compressionOf(bytes);
    const part = join(directory, `part-${index}`);
    mkdirSync(part, { recursive: true });
    writeFileSync(`${part}.packed`, bytes);
    const archive = `${part}.cpio`;
    if (compression === "none") writeFileSync(archive, bytes);
    else run(["sh", "-c", `${compression} -dc < '${part}.packed' > '${archive}'`]);
    const listing = run(["cpio", "-tv", "--quiet", "-F", archive]).trimEnd().split("\n");
    run([
      "sh",
      "-c",
      `cd '${part}' && cpio -id --quiet --no-absolute-filenames -f 'dev/*' < '${archive}'`,
    ]);
    const entries = listing.map((line) => {
      const [mode, ...rest] = line.split(/\s+/);
      const year = rest.lastIndexOf("1970");
      return `${mode} ${rest.slice(year + 1).join(" ")}`;
    });
    return { compression, entries, directory: part };
  });
}

/** Splits after the first archive, which is not compressed: its end is a trailer and zeros. */
function split(bytes: Buffer): Buffer[] {
  const trailer = bytes.indexOf("TRAILER!!!");
  let next = trailer + "TRAILER!!!".length;
  while (next < bytes.length && bytes[next] === 0) next++;
  return [bytes.subarray(0, next), bytes.subarray(next)];
}

function compressionOf(bytes: Buffer): Part["compression"] {
  if (bytes.readUInt32BE(0) === 0x28b52ffd) return "zstd";
  return bytes.readUInt16BE(0) === 0x1f8b ? "gzip" : "none";
}
