// umoci and skopeo as the oracles of our image layouts: what we write, they copy and unpack; what
// umoci packs, we read.

import { createHash } from "node:crypto";
import { lstatSync, mkdirSync, readFileSync, readlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { gunzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { joinBytes } from "../../src/core/bytes/join.ts";
import { endOfTar, formatHead, formatTail } from "../../src/core/exchange/format-tar.ts";
import {
  formatLayout,
  type ImageFacts,
  layerMediaType,
  pathOfDigest,
} from "../../src/core/exchange/oci-layout.ts";
import {
  chooseManifest,
  readConfigDescriptor,
  readLayers,
} from "../../src/core/exchange/read-layout.ts";
import { openTar } from "../../src/core/exchange/read-tar.ts";
import { readUpper } from "../../src/core/exchange/read-upper.ts";
import { toMembers } from "../../src/core/exchange/to-members.ts";
import { streamOf } from "../support/byte-stream.ts";
import {
  dir,
  file,
  layerOf,
  link,
  type ModelEntry,
  marked,
  other,
  whiteout,
} from "../support/layer-model.ts";
import { isRoot, run, temporaryDirectory, tryRun } from "./programs.ts";

const top = temporaryDirectory();

function isInstalled(program: string): boolean {
  return tryRun(["sh", "-c", `command -v ${program}`]).status === 0;
}

const why = !isRoot
  ? " (skipped: only root makes devices and owners)"
  : !isInstalled("umoci") || !isInstalled("skopeo")
    ? " (skipped: umoci or skopeo is not installed)"
    : "";

function digestOf(bytes: Uint8Array): string {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}

/** Packs an upper directory as a layer. */
function pack(upper: ModelEntry): Uint8Array {
  const contents = new Map<string, string>();
  const layer = layerOf(upper);
  const parts: Uint8Array[] = [];
  for (const carried of readUpper(layer, "trusted")) {
    const at = layer.look(carried.path) as ModelEntry | undefined;
    if (at?.kind === "file") contents.set(carried.path.slice(1), at.content);
    const data = at?.kind === "file" ? [{ offset: 0, bytes: at.bytes }] : [];
    const made = toMembers(carried, "oci", data);
    if (made.kind === "left-out") throw new Error(`${made.path}: ${made.reason}`);
    for (const member of made.members) {
      const text = member.kind === "file" ? (contents.get(member.path) ?? "") : "";
      parts.push(formatHead(member), Buffer.from(text), formatTail(member));
    }
  }
  return joinBytes([...parts, endOfTar]);
}

function writeLayout(place: string, layer: Uint8Array): void {
  const digest = digestOf(layer);
  const facts: ImageFacts = {
    layer: { mediaType: layerMediaType("none"), digest, bytes: layer.length },
    diffId: digest,
    ...{ created: "2026-01-31T10:20:00Z", architecture: "amd64", tag: "latest" },
    annotations: { "org.opencontainers.image.title": "changes" },
  };
  const put = (path: string, content: string | Uint8Array) => {
    mkdirSync(dirname(join(place, path)), { recursive: true });
    writeFileSync(join(place, path), content);
  };
  put(pathOfDigest(digest), layer);
  for (const { path, text } of formatLayout(facts)) put(path, text);
}

const shared = { inode: 4_000_000, links: 2 };
const long = "n".repeat(200);
const upper = dir({
  etc: dir({
    motd: file("text", { uid: 1000, gid: 2000, mode: 0o4755, xattrs: { "user.a": "b" } }),
    gone: whiteout(),
    one: file("xy", shared),
    two: file("xy", shared),
    größe: file("utf"),
    [long]: dir({ [long]: file("long") }),
  }),
  link: link("../../outside"),
  node: other("block", { deviceNumber: 8 * 256 + 1 }),
  replaced: marked({ opaque: "y" }, { new: file("new") }),
});

describe.skipIf(why !== "")(`image layouts${why}`, () => {
  const ours = join(top, "ours");

  test("skopeo copies what we write, and it is the same image", () => {
    writeLayout(ours, pack(upper));
    const inspected = JSON.parse(run(["skopeo", "inspect", "--raw", `oci:${ours}:latest`]));
    expect(inspected.annotations).toEqual({ "org.opencontainers.image.title": "changes" });
    const argv = ["--insecure-policy", "copy", `oci:${ours}:latest`, `oci:${ours}-copy:latest`];
    run(["skopeo", ...argv]);
    const manifests = [ours, `${ours}-copy`].map((place) =>
      chooseManifest(readFileSync(join(place, "index.json"), "utf8"), "latest"),
    );
    // skopeo compresses a layer on its way, so the manifest is another one.
    const [, copied] = manifests.map(({ digest }, index) => {
      const place = [ours, `${ours}-copy`][index] ?? "";
      const manifest = readFileSync(join(place, pathOfDigest(digest)), "utf8");
      const config = readConfigDescriptor(manifest);
      return readLayers(manifest, readFileSync(join(place, pathOfDigest(config.digest)), "utf8"));
    });
    expect(copied?.map(({ diffId }) => diffId)).toEqual([digestOf(pack(upper))]);
  });

  test("umoci unpacks what we write", () => {
    writeLayout(ours, pack(upper));
    run(["umoci", "unpack", "--image", `${ours}:latest`, join(top, "bundle")]);
    const tree = join(top, "bundle/rootfs");
    const motd = lstatSync(join(tree, "etc/motd"));
    expect([motd.uid, motd.gid, motd.mode & 0o7777, motd.size]).toEqual([1000, 2000, 0o4755, 4]);
    expect(run(["getfattr", "--only-values", "-n", "user.a", join(tree, "etc/motd")])).toBe("b");
    expect(lstatSync(join(tree, "etc/one")).ino).toBe(lstatSync(join(tree, "etc/two")).ino);
    expect(readlinkSync(join(tree, "link"))).toBe("../../outside");
    expect(lstatSync(join(tree, "node")).rdev).toBe(8 * 256 + 1);
    expect(readFileSync(join(tree, "etc/größe"), "utf8")).toBe("utf");
    expect(readFileSync(join(tree, "etc", long, long), "utf8")).toBe("long");
    expect(run(["find", tree, "-name", ".wh.*"])).toBe("");
  });

  test("what umoci packs, we read", () => {
    writeLayout(ours, pack(upper));
    const bundle = join(top, "changed");
    run(["umoci", "unpack", "--image", `${ours}:latest`, bundle]);
    run(["rm", "-r", join(bundle, "rootfs/replaced"), join(bundle, "rootfs/etc/motd")]);
    writeFileSync(join(bundle, "rootfs/etc/new"), "new");
    run(["umoci", "repack", "--image", `${ours}:changed`, bundle]);
    const read = (digest: string) => readFileSync(join(ours, pathOfDigest(digest)));
    const index = readFileSync(join(ours, "index.json"), "utf8");
    const manifest = read(chooseManifest(index, "changed").digest).toString();
    const config = read(readConfigDescriptor(manifest).digest).toString();
    const layers = readLayers(manifest, config);
    expect(layers.map(({ compression }) => compression)).toEqual(["none", "gzip"]);
    const [, second] = layers;
    const bytes = gunzipSync(read(second?.digest ?? ""));
    expect(digestOf(bytes)).toBe(second?.diffId);
    expect(list(bytes)).toEqual(["etc", "etc/.wh.motd", "etc/new", ".wh.replaced"].sort());
  });
});

function list(archive: Uint8Array): string[] {
  const tar = openTar(streamOf(archive));
  const paths: string[] = [];
  for (let member = tar.next(); member !== undefined; member = tar.next()) paths.push(member.path);
  return paths.filter((path) => path !== "").sort();
}
