import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import {
  formatLayout,
  type ImageFacts,
  layerMediaType,
  pathOfDigest,
} from "../../../src/core/exchange/oci-layout.ts";
import {
  chooseManifest,
  readConfigDescriptor,
  readLayers,
} from "../../../src/core/exchange/read-layout.ts";

const digestOf = (text: string) => `sha256:${createHash("sha256").update(text).digest("hex")}`;

const facts: ImageFacts = {
  layer: { mediaType: layerMediaType("zstd"), digest: digestOf("packed"), bytes: 6 },
  diffId: digestOf("unpacked"),
  created: "2026-01-31T10:20:00Z",
  architecture: "amd64",
  annotations: { "org.opencontainers.image.title": "größe" },
  tag: "latest",
};

const files = new Map(formatLayout(facts).map(({ path, text }) => [path, text]));
const index = files.get("index.json") ?? "";

describe("formatLayout()", () => {
  test("names its files by their digests, and ends with the index", () => {
    expect([...files.keys()].slice(-2)).toEqual(["oci-layout", "index.json"]);
    for (const [path, text] of [...files].slice(0, -2))
      expect(path).toBe(`blobs/sha256/${digestOf(text).slice(7)}`);
  });

  test("is read again, with the sizes of the files", () => {
    const manifest = chooseManifest(index, "latest");
    const manifestText = files.get(pathOfDigest(manifest.digest)) ?? "";
    expect(Buffer.byteLength(manifestText)).toBe(manifest.bytes);
    const config = readConfigDescriptor(manifestText);
    const configText = files.get(pathOfDigest(config.digest)) ?? "";
    expect(Buffer.byteLength(configText)).toBe(config.bytes);
    expect(readLayers(manifestText, configText)).toEqual([
      { ...facts.layer, compression: "zstd", diffId: facts.diffId },
    ]);
    expect(JSON.parse(manifestText).annotations).toEqual(facts.annotations);
  });
});

test("pathOfDigest() lets nothing be a path but digests", () => {
  const hash = "a".repeat(64);
  expect(pathOfDigest(`sha256:${hash}`)).toBe(`blobs/sha256/${hash}`);
  const wrong = [
    ...["", "sha256:", `sha256:${"A".repeat(64)}`, `sha256:${hash}0`, `sha512:${hash}${hash}`],
    ...["sha256:../../../etc/shadow", `sha256:${hash}\n`, `../sha256:${hash}`],
  ];
  for (const digest of wrong) expect(() => pathOfDigest(digest)).toThrow(/the digest/);
});

const manifestOf = (digest: string, tag?: string, mediaType?: string) => ({
  mediaType: mediaType ?? "application/vnd.oci.image.manifest.v1+json",
  digest,
  size: 1,
  ...(tag !== undefined && { annotations: { "org.opencontainers.image.ref.name": tag } }),
});
const indexOf = (...manifests: readonly unknown[]) =>
  JSON.stringify({ schemaVersion: 2, manifests });
const [one, other] = [digestOf("one"), digestOf("other")];

const choices: readonly (readonly [
  is: string,
  index: string,
  tag: string | undefined,
  found: string | RegExp,
])[] = [
  ["the only one", indexOf(manifestOf(one)), undefined, one],
  ["the only one by its tag", indexOf(manifestOf(one, "a")), "a", one],
  ["one of two by its tag", indexOf(manifestOf(one, "a"), manifestOf(other, "b")), "b", other],
  [
    "none without a tag",
    indexOf(manifestOf(one, "a"), manifestOf(other, "b")),
    undefined,
    /it has 2 images; its images are "a" and "b"/,
  ],
  [
    "none by another tag",
    indexOf(manifestOf(one, "a")),
    "b",
    /it has no image "b"; its images are "a"/,
  ],
  [
    "none of two with one tag",
    indexOf(manifestOf(one, "a"), manifestOf(other, "a")),
    "a",
    /2 images/,
  ],
  [
    "none of what is no image",
    indexOf(manifestOf(one, "a", "application/json")),
    undefined,
    /no image/,
  ],
  [
    "an image of Docker's",
    indexOf(manifestOf(one, undefined, "application/vnd.docker.distribution.manifest.v2+json")),
    undefined,
    one,
  ],
  ["none of nothing", indexOf(), undefined, /it has no image/],
  [
    "none whose digest leads elsewhere",
    indexOf(manifestOf("sha256:../..")),
    undefined,
    /the digest/,
  ],
  ["none of a text", "{", undefined, /index.json is not JSON/],
  ["none of another JSON", "[]", undefined, /index.json is not as the specification says/],
  [
    "none of a version that is not known",
    JSON.stringify({ schemaVersion: 1, manifests: [] }),
    undefined,
    /not as the/,
  ],
];

describe("chooseManifest()", () => {
  for (const [is, text, tag, found] of choices) {
    test(`takes ${is}`, () => {
      if (typeof found === "string") expect(chooseManifest(text, tag).digest).toBe(found);
      else expect(() => chooseManifest(text, tag)).toThrow(found);
    });
  }
});

describe("readLayers()", () => {
  const layer = (mediaType: string, digest = one) => ({ mediaType, digest, size: 1 });
  const manifest = (...layers: readonly unknown[]) =>
    JSON.stringify({ schemaVersion: 2, config: layer("x"), layers });
  const config = (...ids: readonly string[]) => JSON.stringify({ rootfs: { diff_ids: ids } });

  for (const [mediaType, compression] of [
    ["application/vnd.oci.image.layer.v1.tar", "none"],
    ["application/vnd.oci.image.layer.v1.tar+gzip", "gzip"],
    ["application/vnd.oci.image.layer.v1.tar+zstd", "zstd"],
    ["application/vnd.oci.image.layer.nondistributable.v1.tar+gzip", "gzip"],
    ["application/vnd.docker.image.rootfs.diff.tar.gzip", "gzip"],
  ] as const) {
    test(`knows ${mediaType}`, () => {
      expect(readLayers(manifest(layer(mediaType)), config(other))).toMatchObject([
        { compression, diffId: other },
      ]);
    });
  }

  test("refuses layers of which one is unknown, or which do not belong together", () => {
    const tar = layer(layerMediaType("none"));
    expect(() => readLayers(manifest(layer("text/plain")), config(one))).toThrow(/of the type/);
    expect(() => readLayers(manifest(tar), config())).toThrow(/different numbers of layers/);
    expect(() => readLayers(manifest(tar), config("sha256:.."))).toThrow(/the digest/);
    expect(() => readLayers(manifest(layer(layerMediaType("none"), "x")), config(one))).toThrow();
    expect(() => readLayers("{}", config())).toThrow(/the manifest is not as/);
    expect(() => readLayers(manifest(), "{}")).toThrow(/the configuration is not as/);
  });
});
