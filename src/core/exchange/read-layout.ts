// Which image of an OCI image layout is meant, and which layers it has. The texts are what somebody
// else may have written.
// Facts: OCI image specification 1.1, "Image Index", "Image Manifest" and "Image Configuration".

import * as v from "valibot";
import { Failure } from "../text/failure.ts";
import { parseJson } from "../text/json.ts";
import { formatFew, formatQuoted } from "../text/quoted.ts";
import {
  type Compression,
  type Descriptor,
  mediaTypes,
  pathOfDigest,
  unusableLayout,
} from "./oci-layout.ts";

const descriptor = v.looseObject({
  mediaType: v.string(),
  digest: v.string(),
  size: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
});

const indexSchema = v.looseObject({
  schemaVersion: v.literal(2),
  manifests: v.array(
    v.looseObject({
      ...descriptor.entries,
      platform: v.optional(v.looseObject({ architecture: v.string() })),
      annotations: v.optional(v.record(v.string(), v.string())),
    }),
  ),
});

const manifestSchema = v.looseObject({
  schemaVersion: v.literal(2),
  config: descriptor,
  layers: v.array(descriptor),
  annotations: v.optional(v.record(v.string(), v.string())),
});

const configSchema = v.looseObject({
  architecture: v.optional(v.string()),
  created: v.optional(v.string()),
  rootfs: v.looseObject({ diff_ids: v.array(v.string()) }),
});

/** Longer ones are not read. */
export const mostJsonBytes = 4 << 20;

/** Chooses the image of a layout: the one with a tag, else the only one. */
export function chooseManifest(indexText: string, tag: string | undefined): Descriptor {
  const { manifests } = parseAs(indexSchema, indexText, "index.json");
  const tagOf = (manifest: (typeof manifests)[number]) =>
    manifest.annotations?.["org.opencontainers.image.ref.name"];
  const fitting = manifests.filter(
    (manifest) => isManifest(manifest.mediaType) && (tag === undefined || tagOf(manifest) === tag),
  );
  const [only] = fitting;
  if (only !== undefined && fitting.length === 1) return toDescriptor(only);
  const tags = manifests.flatMap((manifest) => tagOf(manifest) ?? []);
  const known = tags.length > 0 ? `; its images are ${formatFew(tags.map(formatQuoted))}` : "";
  if (only === undefined)
    throw new Failure(
      "not-found",
      `Cannot use the image layout: it has no ${tag === undefined ? "image" : `image ${formatQuoted(tag)}`}${known}`,
    );
  throw new Failure(
    "usage",
    `Cannot use the image layout: it has ${fitting.length} images${known}`,
    "Name one of them, as DIR:NAME",
  );
}

function isManifest(mediaType: string): boolean {
  return (
    mediaType === mediaTypes.manifest ||
    mediaType === "application/vnd.docker.distribution.manifest.v2+json"
  );
}

/** A layer of an image: its file, how it is compressed, and its digest without that. */
export interface ImageLayer extends Descriptor {
  readonly compression: Compression;
  readonly diffId: string;
}

/** Reads the layers of an image, the lowest first. */
export function readLayers(manifestText: string, configText: string): readonly ImageLayer[] {
  const { layers } = parseAs(manifestSchema, manifestText, "the manifest");
  const { rootfs } = parseAs(configSchema, configText, "the configuration");
  if (rootfs.diff_ids.length !== layers.length)
    throw unusableLayout("its manifest and its configuration name different numbers of layers");
  return layers.map((layer, index) => {
    const compression = compressionOf(layer.mediaType);
    if (compression === undefined)
      throw unusableLayout(`a layer is of the type ${formatQuoted(layer.mediaType)}`);
    const diffId = rootfs.diff_ids[index] ?? "";
    // Both are compared with what is computed, and the first one names a file.
    for (const digest of [layer.digest, diffId]) pathOfDigest(digest);
    return { ...toDescriptor(layer), compression, diffId };
  });
}

/** Reads where the configuration of an image is. */
export function readConfigDescriptor(manifestText: string): Descriptor {
  return toDescriptor(parseAs(manifestSchema, manifestText, "the manifest").config);
}

/** Docker's layers, and those that are not to be distributed, are the same archives. */
function compressionOf(mediaType: string): Compression | undefined {
  if (mediaType === "application/vnd.docker.image.rootfs.diff.tar.gzip") return "gzip";
  const match =
    /^application\/vnd\.oci\.image\.layer\.(?:nondistributable\.)?v1\.tar(?:\+(gzip|zstd))?$/.exec(
      mediaType,
    );
  if (match === null) return undefined;
  return match[1] === "gzip" || match[1] === "zstd" ? match[1] : "none";
}

function toDescriptor(found: v.InferOutput<typeof descriptor>): Descriptor {
  pathOfDigest(found.digest);
  return { mediaType: found.mediaType, digest: found.digest, bytes: found.size };
}

function parseAs<S extends v.GenericSchema>(
  schema: S,
  text: string,
  what: string,
): v.InferOutput<S> {
  const value = parseJson(text);
  const found = v.safeParse(schema, value);
  if (found.success) return found.output;
  throw unusableLayout(
    value === undefined ? `${what} is not JSON` : `${what} is not as the specification says`,
  );
}
