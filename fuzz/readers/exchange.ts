// What changes are carried in, and what other live systems keep: archives and layouts that anybody may
// have made.

import { parseMemberPath } from "../../src/core/exchange/archive-path.ts";
import { readBranchDirectory } from "../../src/core/exchange/aufs-branch.ts";
import { formatHead } from "../../src/core/exchange/format-tar.ts";
import { placeMemberOf } from "../../src/core/exchange/place-member.ts";
import {
  chooseManifest,
  readConfigDescriptor,
  readLayers,
} from "../../src/core/exchange/read-layout.ts";
import { openTar } from "../../src/core/exchange/read-tar.ts";
import { dataBytes, type TarEntry } from "../../src/core/exchange/tar-entry.ts";
import { identifyForeign } from "../../src/core/stores/foreign-store.ts";
import { Failure } from "../../src/core/text/failure.ts";
import { streamOf } from "../../test/support/byte-stream.ts";
import { partsOf, promise, promiseSame, type Reader, textOf } from "./reader.ts";

/** Readers of archives, layouts, and stores of other systems. */
export const readersOfExchange: readonly Reader[] = [
  {
    name: "tar",
    words: [
      "ustar\u000000",
      "ustar  \0",
      "SCHILY.xattr.user.a=",
      "GNU.sparse.major=1",
      "\n0\n512\n",
    ],
    mend: mendSums,
    read: (input) => {
      let at = 0;
      const tar = openTar({
        read(length) {
          promise(Number.isSafeInteger(length) && length >= 0, `${length} bytes are asked for`);
          promise(length <= 2 ** 26, `${length} bytes are read at once`);
          const found = input.subarray(at, at + length);
          at += found.length;
          return found;
        },
        skip(length) {
          promise(length >= 0, `${length} bytes are skipped`);
          at = Math.min(input.length, at + length);
        },
      });
      orFailure(() => {
        for (let entry = tar.next(); entry !== undefined; entry = tar.next()) checkEntry(entry);
      });
    },
  },
  {
    name: "oci-layout",
    words: ['"manifests":[', '"digest":"sha256:', '"size":', '"layers":[', '"diff_ids":['],
    read: (input) => {
      const [index = "", manifest = "", config = ""] = partsOf(input, 3);
      orFailure(() => chooseManifest(index, undefined));
      orFailure(() => chooseManifest(index, "latest"));
      orFailure(() => readConfigDescriptor(manifest));
      orFailure(() => {
        for (const { digest, diffId } of readLayers(manifest, config))
          promise(/^(sha256:[0-9a-f]{64}){2}$/.test(digest + diffId), "a digest is one");
      });
    },
  },
  {
    // The names in a directory of a branch, and a persistence.conf.
    name: "foreign-store",
    words: [".wh.", ".wh..wh..opq", "/ union", "source=", "overlayfs\n", "changes\n"],
    read: (input) => {
      const [first = "", text = ""] = partsOf(input, 2);
      const names = first.split(" ");
      const found = readBranchDirectory(
        names.map((name) => ({ name, kind: "file", deviceNumber: 0 })),
      );
      for (const name of found.deleted)
        promise(name !== "" && name !== "." && name !== "..", "a deleted name is one");
      const foreign = identifyForeign({
        name: "",
        list: () => names,
        readText: (path) => (path === "persistence.conf" ? text : undefined),
      });
      if (foreign?.kind !== "changes") return;
      for (const { from, to } of foreign.parts) {
        const all = [...from.split("/"), ...to.split("/")];
        promise(!all.includes("..") && !all.includes("."), "a part stays inside");
      }
    },
  },
];

function checkEntry(entry: TarEntry): void {
  promise(dataBytes(entry) <= entry.bytes, "a file has no more data than bytes");
  const { path, to } = entry;
  promiseSame(parseMemberPath(path), path, "a path is as members are named");
  orFailure(() => {
    for (const form of ["oci", "upper"] as const)
      for (const placed of ["nothing", "directory"] as const) {
        const placement = placeMemberOf(form, entry, () => placed);
        if (placement.do !== "place") continue;
        const all = [...placement.parents.map((one) => one.path), placement.action.path];
        const isOut = all.some((one) => one.startsWith("/") || one.split("/").includes(".."));
        promise(!isOut && !path.split("/").includes(".."), "nothing is placed outside");
      }
  });
  if (entry.data.length > 1000 || !isWritable(entry)) return;
  const bytes = formatHead(entry);
  const again = openTar(streamOf(bytes)).next();
  // Others have numbers of a device only where an archive says so.
  const plain = ({ xattrs, device, ...rest }: TarEntry) => ({
    ...{ ...rest, xattrs: xattrs.length, to },
    device: rest.kind === "character" || rest.kind === "block" ? device : undefined,
  });
  promiseSame(again && plain(again), plain(entry), "a member that is written reads back");
}

/** What an archive says, and nobody writes: names with NUL end there, a file has no link. */
function isWritable({ path, to, kind }: TarEntry): boolean {
  return !`${path}${to}`.includes("\0") && (kind !== "file" || path !== "");
}

function orFailure(read: () => unknown): void {
  try {
    read();
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    promise(error.message.length < 4096, "a sentence is short");
  }
}

/** Makes the checksums of headers right again, wherever there seems to be one. */
function mendSums(input: Uint8Array): void {
  for (let at = 0; at + 512 <= input.length; at += 512) {
    const block = input.subarray(at, at + 512);
    if (!textOf(block.subarray(257, 262)).startsWith("ustar")) continue;
    block.fill(0x20, 148, 156);
    const sum = block.reduce((total, byte) => total + byte, 0);
    const digits = `${sum.toString(8).padStart(6, "0")}\0 `;
    for (let index = 0; index < 8; index++) block[148 + index] = digits.charCodeAt(index);
  }
}
