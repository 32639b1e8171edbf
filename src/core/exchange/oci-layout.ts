// An OCI image layout: a directory in which an image lies as files named by their digests, which
// skopeo carries to a registry and back. What is read is what somebody else may have written: a
// digest becomes the name of a file, and is checked before.
// Facts: OCI image specification 1.1, "Image Layout", "Image Index", "Image Manifest" and "Image
// Configuration".

import { sha256 } from "../bytes/sha256.ts";
import { encodeUtf8 } from "../bytes/utf.ts";
import { Failure } from "../text/failure.ts";
import { formatQuoted } from "../text/quoted.ts";

/** What a layer, a configuration or a manifest is named by. */
export interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly bytes: number;
}

/** A file of a layout, with its path in it. */
export interface LayoutFile {
  readonly path: string;
  readonly text: string;
}

/** What an image is made of, apart from the layer's own bytes. */
export interface ImageFacts {
  readonly layer: Descriptor;
  /** The digest of the layer's archive before it was compressed. */
  readonly diffId: string;
  /** As ISO 8601. */
  readonly created: string;
  /** As OCI calls it: "amd64", "arm64". */
  readonly architecture: string;
  /** Of the image, by their keys: "org.opencontainers.image.title" … */
  readonly annotations: Readonly<Record<string, string>>;
  /** The name that a reference can give: "oci:DIR:NAME". */
  readonly tag: string;
}

/** The media types of what is not a layer. */
export const mediaTypes = {
  index: "application/vnd.oci.image.index.v1+json",
  manifest: "application/vnd.oci.image.manifest.v1+json",
  config: "application/vnd.oci.image.config.v1+json",
} as const;

const layerType = "application/vnd.oci.image.layer.v1.tar";

/** How the archive of a layer is compressed. */
export type Compression = "none" | "gzip" | "zstd";

const suffixes: Readonly<Record<Compression, string>> = { none: "", gzip: "+gzip", zstd: "+zstd" };

/** Returns the media type of a layer. */
export function layerMediaType(compression: Compression): string {
  return `${layerType}${suffixes[compression]}`;
}

/** Returns the path of what has a digest, in a layout. */
export function pathOfDigest(digest: string): string {
  const hash = /^sha256:([0-9a-f]{64})$/.exec(digest)?.[1];
  if (hash === undefined)
    throw unusableLayout(`the digest ${formatQuoted(digest)} is no SHA-256 in hexadecimal`);
  return `blobs/sha256/${hash}`;
}

/**
 * Formats the files of a layout with one image of one layer; the layer's own is not among them. The
 * last one makes it a layout that is whole.
 */
export function formatLayout(facts: ImageFacts): readonly LayoutFile[] {
  const { layer, annotations, tag } = facts;
  const config = blobOf(mediaTypes.config, {
    created: facts.created,
    architecture: facts.architecture,
    os: "linux",
    config: {},
    rootfs: { type: "layers", diff_ids: [facts.diffId] },
    history: [{ created: facts.created, created_by: "backstore export" }],
  });
  const manifest = blobOf(mediaTypes.manifest, {
    schemaVersion: 2,
    mediaType: mediaTypes.manifest,
    config: formatDescriptor(config.descriptor),
    layers: [formatDescriptor(layer)],
    annotations,
  });
  const index = {
    schemaVersion: 2,
    mediaType: mediaTypes.index,
    manifests: [
      {
        ...formatDescriptor(manifest.descriptor),
        platform: { architecture: facts.architecture, os: "linux" },
        annotations: { "org.opencontainers.image.ref.name": tag },
      },
    ],
  };
  return [
    config.file,
    manifest.file,
    { path: "oci-layout", text: formatJson({ imageLayoutVersion: "1.0.0" }) },
    { path: "index.json", text: formatJson(index) },
  ];
}

function blobOf(mediaType: string, value: unknown) {
  const text = formatJson(value);
  const bytes = encodeUtf8(text);
  const digest = `sha256:${sha256(bytes)}`;
  const descriptor: Descriptor = { mediaType, digest, bytes: bytes.length };
  return { descriptor, file: { path: pathOfDigest(digest), text } };
}

function formatDescriptor({ mediaType, digest, bytes }: Descriptor) {
  return { mediaType, digest, size: bytes };
}

function formatJson(value: unknown): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}

/** Returns the failure of a layout that is not as it should be. */
export function unusableLayout(found: string): Failure {
  return new Failure("damaged", `Cannot use the image layout: ${found}`);
}
