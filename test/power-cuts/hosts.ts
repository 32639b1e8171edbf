// Hosts of stores for power failures: file systems of each type with another file on them and, if
// one is to grow, a store with files in it; the live system that works on them.

import { rmSync } from "node:fs";
import { join } from "node:path";
import { makeOnce } from "../../scripts/lib/cache.ts";
import { runTool } from "../../scripts/lib/tool.ts";
import { writeHost } from "../machines/disks/hosts.ts";
import { makeMedium, type Tree, writeTree } from "../machines/disks/media.ts";
import { writeStore } from "../machines/disks/stores.ts";
import { withTemporary } from "../machines/guest/base.ts";
import { toolTree } from "../machines/guest/tool-base.ts";
import { digestText } from "./workload.ts";

const mebibyte = 2 ** 20;

export type HostType = "vfat" | "exfat" | "ext4";

/** The file beside the store on every host, which must stay as it is. */
export const otherText = "another file\n".repeat(5000);

/** Its representation in a listing. */
export const otherDigest = digestText(otherText);

/** Returns the path of the medium with the live system that has the tools. */
export function makeToolMedium(): string {
  return makeMedium("power-cuts", { kind: "vfat", label: "RESCUE1100", tree: toolTree() });
}

/** Writes the image of a host; one of vfat has so much free space beside its files. */
export function writeCutHost(
  path: string,
  { type, spareMegabytes, tree }: { type: HostType; spareMegabytes: number; tree: Tree },
): void {
  const all = { ...tree, "other.txt": otherText };
  if (type !== "vfat") {
    writeHost({ path, type, tree: all });
    return;
  }
  // As on real sticks, though small: FAT32.
  withTemporary((directory) => {
    const root = join(directory, "root");
    const bytes = writeTree(root, all) * 1.15 + spareMegabytes * mebibyte;
    rmSync(path, { force: true });
    const kibibytes = String(Math.max(48 * 1024, Math.ceil(bytes / 1024)));
    runTool(["mkfs.vfat", "-F", "32", "-s", "1", "-C", path, kibibytes]);
    const tops = [...new Set(Object.keys(all).map((name) => name.split("/")[0] ?? name))];
    runTool(["mcopy", "-s", "-i", path, ...tops.map((top) => join(root, top)), "::/"]);
  });
}

/** The number of files of the store to be grown, each listed with its checksum. */
export const keptFiles = 12;

/** Returns the path of a store with files in it and, in its changes, a list of their checksums. */
export function makeKeptStore(megabytes: number): string {
  return makeOnce({
    name: `power-cuts-store-${megabytes}`,
    inputs: ["1"],
    make: (path) =>
      withTemporary((directory) => {
        const texts = Array.from(
          { length: keptFiles },
          (_, index) => [`kept-${index}`, `file ${index}\n`.repeat(index * 4000 + 1)] as const,
        );
        const sums = texts.map(([name, text]) => `${digestText(text)}  ${name}\n`).join("");
        const files = Object.fromEntries(
          [...texts, ["sums", sums] as const].map(([name, text]) => [`upperdir/${name}`, text]),
        );
        writeTree(directory, files);
        writeStore({ type: "ext4", bytes: megabytes * mebibyte, contents: directory, path });
      }),
  });
}
