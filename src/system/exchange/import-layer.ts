// A layer of an OCI image becomes the upper directory of a new store. A compressed archive is
// unpacked beside it first, by gzip or zstd, and the digests are compared with what is there.

import { startOfUpper } from "../../core/exchange/format-tar.ts";
import type { Compression } from "../../core/exchange/oci-layout.ts";
import type { Nonsense } from "../../core/exchange/place-member.ts";
import { openTar, type TarReader } from "../../core/exchange/read-tar.ts";
import { Failure } from "../../core/text/failure.ts";
import { directoryOf } from "../../core/text/path.ts";
import { formatPath } from "../../core/text/quoted.ts";
import { ifPossible } from "../port/errors.ts";
import type { System } from "../port/system.ts";
import { runTool } from "../port/tool.ts";
import { digestOf } from "./digest-of.ts";
import type { LayerArchive } from "./open-foreign.ts";
import { withStagedUpper } from "./stage-upper.ts";
import { unpackLayer } from "./unpack-layer.ts";

/** Who hears what is not as it was, and how far it is. */
export interface LayerListener {
  readonly tellLeftOut: (path: string, reason: Nonsense) => void;
  readonly tellLost: (path: string, attribute: string) => void;
  /** Hears how many bytes of the archive were read, and how many there are. */
  readonly progress: (bytes: number, all: number) => void;
}

/** Imports a layer into the directory of a store; returns how many members it had. */
export function importLayer(
  system: System,
  archive: LayerArchive,
  { store, heard }: { store: string; heard: LayerListener },
): number {
  return withStagedUpper(system, store, (to) =>
    withPlain(system, { archive, to }, (plain) => {
      const start = system.readBytes(plain, 0, startOfUpper.length);
      const isUpper = start.every((byte, index) => byte === startOfUpper[index]);
      const form = isUpper && start.length > 0 ? "upper" : "oci";
      const tar = openFile(system, plain, heard.progress);
      return unpackLayer(system, tar, { to, form, ...heard });
    }),
  );
}

/** The name of the archive while it is unpacked; a layer cannot have it, for it is aufs's own. */
const unpacked = ".wh..wh.backstore.tar";

const suffixes: Readonly<Record<Compression, string>> = { none: "", gzip: ".gz", zstd: ".zst" };

/** Passes `use` the path of the archive without compression. */
function withPlain<T>(
  system: System,
  { archive, to }: { archive: LayerArchive; to: string },
  use: (path: string) => T,
): T {
  const { compression, digests } = archive;
  const file = system.openFile(system.resolve(archive.path));
  const plain = `${to}/${unpacked}`;
  const packed = `${plain}${suffixes[compression]}`;
  try {
    if (compression === "none") {
      if (digests !== undefined) requireDigest(system, file.path, digests.packed);
      return use(file.path);
    }
    system.createFile(packed, 0o600);
    copyWhole(system, file.path, packed);
    if (digests !== undefined) requireDigest(system, packed, digests.packed);
    const tool = compression === "gzip" ? ["gzip", "-dq"] : ["zstd", "-dq", "--rm"];
    runTool(system, {
      action: `unpack ${formatPath(archive.path)}`,
      argv: [...tool, `./${packed.slice(packed.lastIndexOf("/") + 1)}`],
      directory: directoryOf(packed),
    });
    if (digests !== undefined) requireDigest(system, plain, digests.unpacked);
    return use(plain);
  } finally {
    file.close();
    for (const path of [plain, packed])
      if (compression !== "none") ifPossible(() => system.removeFile(path));
  }
}

const partBytes = 1 << 20;

function copyWhole(system: System, from: string, to: string): void {
  for (let at = 0; ; ) {
    const part = system.readBytes(from, at, partBytes);
    if (part.length === 0) return;
    system.writeBytes(to, at, part);
    at += part.length;
  }
}

function requireDigest(system: System, path: string, digest: string): void {
  const found = digestOf(system, path);
  if (found === digest) return;
  throw new Failure("damaged", `Cannot import the layer: its digest is ${found}, not ${digest}`);
}

function openFile(system: System, path: string, progress: LayerListener["progress"]): TarReader {
  const all = system.deviceBytes(path);
  let at = 0;
  let held: Uint8Array = new Uint8Array(0);
  return openTar({
    read(length) {
      if (held.length < length) {
        held = system.readBytes(path, at, Math.max(length, partBytes));
        progress(at, all);
      }
      const found = held.subarray(0, length);
      held = held.subarray(found.length);
      at += found.length;
      return found;
    },
    skip(length) {
      at += length;
      held = held.subarray(Math.min(length, held.length));
    },
  });
}
