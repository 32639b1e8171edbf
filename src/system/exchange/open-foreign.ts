// What is imported: a directory, or a file or device with a file system, in which another live
// system has kept its changes; or a layer of an OCI image, as an archive or in an image layout.

import { type Compression, pathOfDigest } from "../../core/exchange/oci-layout.ts";
import {
  chooseManifest,
  mostJsonBytes,
  readConfigDescriptor,
  readLayers,
} from "../../core/exchange/read-layout.ts";
import type { ForeignStore, ForeignSystem, LeftOut } from "../../core/stores/foreign-store.ts";
import { Failure } from "../../core/text/failure.ts";
import { joinPath } from "../../core/text/path.ts";
import { formatFew, formatPath } from "../../core/text/quoted.ts";
import { type ChangesView, listIfDirectory, withFileSystem } from "../changes/open-changes.ts";
import { readSuperblock } from "../looking/read-superblock.ts";
import { ifPossible, orFail } from "../port/errors.ts";
import { listBelow, readBelow } from "../port/files.ts";
import type { System } from "../port/system.ts";
import { identifyForeignPlace } from "../stores/identify-foreign-place.ts";
import type { ForeignChanges } from "./import-changes.ts";

/** What was found. */
export type Foreign =
  | (ForeignChanges & {
      readonly kind: "changes";
      readonly system: ForeignSystem;
      readonly leftOut: readonly LeftOut[];
    })
  | ({ readonly kind: "archive" } & LayerArchive);

/** The archive of a layer. */
export interface LayerArchive {
  readonly path: string;
  readonly compression: Compression;
  /** What it has to be; undefined for a file that says nothing of it. */
  readonly digests: LayerDigests | undefined;
}

/** The digests of an archive, as it is and without compression. */
export interface LayerDigests {
  readonly packed: string;
  readonly unpacked: string;
}

/** How a directory is taken that nothing identifies. */
export type ForeignFormat = "overlay" | "aufs";

/** What is asked for. */
export interface ForeignRequest {
  readonly given: string;
  /** Undefined to identify it. */
  readonly format: ForeignFormat | undefined;
  readonly view: ChangesView;
}

/** Passes what is imported to `use`; throws a Failure for what is not known. */
export function withForeign<T>(
  system: System,
  { given, format, view }: ForeignRequest,
  use: (foreign: Foreign) => T,
): T {
  const cannot = `Cannot import ${formatPath(given)}`;
  const tagged = findTagged(system, given);
  if (tagged !== undefined) return use(openLayout(system, { ...tagged, cannot }));
  const found = (root: string) => use(openDirectory(system, { root, given, format, cannot }));
  if (listIfDirectory(system, given, cannot) !== undefined) return found(given);
  const kind = orFail(cannot, () => system.status(given))?.kind;
  if (kind !== "file" && kind !== "block")
    throw new Failure("not-found", `${cannot}: it is neither a file nor a directory`);
  const compression = orFail(cannot, () => identifyArchive(system, given));
  if (compression !== undefined)
    return use({ kind: "archive", path: given, compression, digests: undefined });
  const bytes = orFail(cannot, () => system.deviceBytes(given));
  if (orFail(cannot, () => readSuperblock(system, given, bytes)) === undefined)
    throw unknown(cannot);
  return withFileSystem(system, { path: given, name: "foreign", cannot, view }, found);
}

/** "DIR:NAME" is an image of a layout, unless there is something with that name. */
function findTagged(system: System, given: string) {
  const colon = given.lastIndexOf(":");
  if (colon <= 0 || ifPossible(() => system.linkStatus(given)) !== undefined) return undefined;
  const root = given.slice(0, colon);
  const isLayout = readText(system, root, "oci-layout") !== undefined;
  return isLayout ? { root, tag: given.slice(colon + 1) } : undefined;
}

function openDirectory(
  system: System,
  {
    root,
    given,
    format,
    cannot,
  }: Pick<ForeignRequest, "given" | "format"> & { root: string; cannot: string },
): Foreign {
  const foreign: ForeignStore | undefined =
    format === undefined
      ? identifyForeignPlace(system, { root, name: given })
      : {
          ...{ kind: "changes", system: format === "aufs" ? "aufs" : "overlay", leftOut: [] },
          parts: [{ from: "", to: "", format }],
        };
  if (foreign === undefined) throw ownOrUnknown(system, root, cannot);
  switch (foreign.kind) {
    case "layout":
      return openLayout(system, { root, tag: undefined, cannot });
    case "sessions":
      throw new Failure(
        "usage",
        `${cannot}: there are several sessions in it (${formatFew(foreign.paths.map(formatPath))})`,
        `name one of them: ${joinPath(given, foreign.paths[0] ?? "")}`,
      );
    case "changes":
      if (foreign.parts.length === 0)
        throw new Failure("not-found", `${cannot}: there are no changes in it yet`);
      return { ...foreign, root };
  }
}

function readText(system: System, root: string, path: string): string | undefined {
  return ifPossible(() => readBelow(system, { root, path }, mostJsonBytes));
}

function ownOrUnknown(system: System, root: string, cannot: string): Failure {
  const names = ifPossible(() => listBelow(system, { root, path: "" })) ?? [];
  if (!names.includes("upperdir")) return unknown(cannot);
  return new Failure(
    "usage",
    `${cannot}: it is a store already`,
    "clone it: backstore copy STORE TARGET",
  );
}

function unknown(cannot: string): Failure {
  return new Failure(
    "not-found",
    `${cannot}: it contains no changes that a live system is known to keep so`,
    "if it is an upper directory of overlayfs or a branch of aufs, say so: --as overlay, --as aufs",
  );
}

/** Identifies an archive by its first bytes; undefined if it is none. */
function identifyArchive(system: System, path: string): Compression | undefined {
  const start = system.readBytes(path, 0, 512);
  const has = (offset: number, ...bytes: readonly number[]) =>
    bytes.every((byte, index) => start[offset + index] === byte);
  if (has(0, 0x1f, 0x8b)) return "gzip";
  if (has(0, 0x28, 0xb5, 0x2f, 0xfd)) return "zstd";
  return has(257, 0x75, 0x73, 0x74, 0x61, 0x72) ? "none" : undefined;
}

const again = "fetch the image once more, for instance with skopeo copy";

function openLayout(
  system: System,
  { root, tag, cannot }: { root: string; tag: string | undefined; cannot: string },
): Foreign {
  const read = (path: string) =>
    orFail(`${cannot}: ${formatPath(path)} cannot be read`, () =>
      readBelow(system, { root, path }, mostJsonBytes),
    );
  const manifest = read(pathOfDigest(chooseManifest(read("index.json"), tag).digest));
  const layers = readLayers(manifest, read(pathOfDigest(readConfigDescriptor(manifest).digest)));
  const [layer] = layers;
  if (layer === undefined || layers.length > 1)
    throw new Failure(
      "unsafe",
      `${cannot}: the image has ${layers.length} layers, and a store is one`,
      "import the archive of one layer: a file in blobs/sha256",
    );
  const path = joinPath(root, pathOfDigest(layer.digest));
  if (system.linkStatus(path)?.kind === "link")
    throw new Failure("unsafe", `${cannot}: its layer is a link, and links are not followed`);
  if (orFail(cannot, () => system.status(path)) === undefined)
    throw new Failure("damaged", `${cannot}: its layer ${formatPath(path)} is missing`, again);
  return {
    kind: "archive",
    path,
    compression: layer.compression,
    digests: { packed: layer.digest, unpacked: layer.diffId },
  };
}
