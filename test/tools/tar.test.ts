// GNU tar as the oracle of our archives: what we write, it unpacks; what it packs, in each of its
// formats, we read.

import { createHash } from "node:crypto";
import { lstatSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { joinBytes } from "../../src/core/bytes/join.ts";
import { decodeName, encodeName } from "../../src/core/bytes/utf.ts";
import { endOfTar, formatHead, formatTail } from "../../src/core/exchange/format-tar.ts";
import { openTar } from "../../src/core/exchange/read-tar.ts";
import type { TarEntry, TarKind } from "../../src/core/exchange/tar-entry.ts";
import { streamOf } from "../support/byte-stream.ts";
import { isRoot, run, temporaryDirectory } from "./programs.ts";

/** What is compared of a file; a further name of one has all of it, too. */
interface Seen {
  readonly kind: TarKind | "further name";
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly modified: string;
  readonly bytes: number;
  readonly digest: string;
  readonly to: string;
  readonly device: number;
  readonly xattrs: Readonly<Record<string, string>>;
}

const long = "n".repeat(250);
const common: TarEntry = {
  ...{ kind: "file", path: "", mode: 0o644, uid: 0, gid: 0 },
  modified: { seconds: 1_700_000_000, nanoseconds: 123_456_789 },
  ...{ bytes: 0, data: [], to: "", device: { major: 0, minor: 0 }, xattrs: [] },
};
const whole = (bytes: number) => ({ bytes, data: [{ offset: 0, bytes }] });
const directory = { kind: "directory", mode: 0o755 } as const;

const members: readonly TarEntry[] = [
  { ...common, ...directory, modified: { seconds: 7, nanoseconds: 5 } },
  { ...common, ...directory, path: "etc", mode: 0o1777, uid: 3_000_000, gid: 5 },
  { ...common, path: "etc/plain", ...whole(1000) },
  { ...common, path: "etc/setuid", mode: 0o6755, ...whole(1) },
  { ...common, path: "etc/empty", modified: { seconds: -5, nanoseconds: 0 } },
  { ...common, path: "etc/large-owner", uid: 4_000_000_000, gid: 4_000_000_000 },
  { ...common, path: "etc/two words\nand a line", ...whole(3) },
  { ...common, path: "etc/größe", ...whole(600) },
  { ...common, path: "etc/caf\udce9", ...whole(2) },
  { ...common, path: "etc/later", modified: { seconds: 2 ** 33 + 1, nanoseconds: 1 } },
  { ...common, ...directory, path: `etc/${long}` },
  { ...common, path: `etc/${long}/${long}`, ...whole(5) },
  { ...common, path: `etc/${long}/holes`, bytes: 5 << 20, data: [{ offset: 0, bytes: 4096 }] },
  { ...common, kind: "link", path: "etc/link", mode: 0o777, to: "../../outside" },
  { ...common, kind: "link", path: "etc/long-link", mode: 0o777, to: `${long}/${long}` },
  { ...common, kind: "hard-link", path: "etc/second", to: "etc/plain" },
  { ...common, kind: "hard-link", path: "etc/third", to: `etc/${long}/${long}` },
  { ...common, kind: "character", path: "etc/whiteout", mode: 0 },
  { ...common, kind: "block", path: "etc/disk", mode: 0o660, device: { major: 259, minor: 300 } },
  { ...common, kind: "fifo", path: "etc/pipe" },
  {
    ...common,
    ...{ path: "etc/holes", bytes: 3 << 20 },
    data: [
      { offset: 1 << 20, bytes: 4096 },
      { offset: 2 << 20, bytes: 8192 },
    ],
  },
  { ...common, path: "etc/hole", bytes: 1 << 20 },
];

const attributed: readonly TarEntry[] = [
  {
    ...common,
    ...{ ...directory, path: "replaced" },
    xattrs: [{ name: "trusted.overlay.opaque", value: encodeName("y") }],
  },
  {
    ...common,
    path: "ping",
    mode: 0o755,
    xattrs: [
      {
        name: "security.capability",
        value: Uint8Array.from([1, 0, 0, 2, 0, 32, ...new Array(14).fill(0)]),
      },
      { name: "user.a=b%3D", value: Uint8Array.of(0, 255, 10, 61) },
    ],
  },
];

/** The data of every file is its bytes' place in the file. */
function fill(entry: TarEntry): Uint8Array {
  return joinBytes(
    entry.data.map(({ offset, bytes }) =>
      Uint8Array.from({ length: bytes }, (_, at) => (offset + at) % 251),
    ),
  );
}

function pack(entries: readonly TarEntry[]): Uint8Array {
  const parts = entries.flatMap((entry) => [formatHead(entry), fill(entry), formatTail(entry)]);
  return joinBytes([...parts, endOfTar]);
}

function withHoles(entry: TarEntry, stored: Uint8Array): Uint8Array {
  const content = new Uint8Array(entry.bytes);
  let at = 0;
  for (const { offset, bytes } of entry.data) {
    content.set(stored.subarray(at, at + bytes), offset);
    at += bytes;
  }
  return content;
}

function digest(content: Uint8Array): string {
  return createHash("sha256").update(content).digest("hex");
}

/** What members say of a tree; without parts of a second if the format has none. */
function seeMembers(
  found: readonly { readonly entry: TarEntry; readonly stored: Uint8Array }[],
): Map<string, Seen> {
  const seen = new Map<string, Seen>();
  for (const { entry, stored } of found) {
    const isNode = entry.kind === "block" || entry.kind === "character";
    const { major, minor } = entry.device;
    const first = entry.kind === "hard-link" ? seen.get(entry.to) : undefined;
    seen.set(
      entry.path,
      first ?? {
        ...{ kind: entry.kind, mode: entry.mode, uid: entry.uid, gid: entry.gid },
        modified: `${BigInt(entry.modified.seconds) * 10n ** 9n + BigInt(entry.modified.nanoseconds)}`,
        bytes: entry.bytes,
        digest: entry.kind === "file" ? digest(withHoles(entry, stored)) : "",
        to: entry.to,
        device: isNode ? (major << 8) + (minor & 0xff) + ((minor >> 8) << 20) : 0,
        xattrs: Object.fromEntries(
          entry.xattrs.map(({ name, value }) => [name, Buffer.from(value).toString("hex")]),
        ),
      },
    );
  }
  return seen;
}

/** What the kernel says of a tree. */
function seeTree(top: string, attributes: ReadonlyMap<string, Seen["xattrs"]>): Map<string, Seen> {
  const seen = new Map<string, Seen>();
  const pending = [Buffer.from("")];
  for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
    const path = Buffer.concat([Buffer.from(`${top}/`), name]);
    const status = lstatSync(path, { bigint: true });
    const kind: TarKind = status.isDirectory()
      ? "directory"
      : status.isSymbolicLink()
        ? "link"
        : status.isFile()
          ? "file"
          : status.isBlockDevice()
            ? "block"
            : status.isCharacterDevice()
              ? "character"
              : "fifo";
    const key = decodeName(name);
    if (kind === "directory")
      for (const below of readdirSync(path, { encoding: "buffer" }))
        pending.push(Buffer.concat(name.length === 0 ? [below] : [name, Buffer.from("/"), below]));
    seen.set(key, {
      kind,
      ...{ mode: Number(status.mode) & 0o7777, uid: Number(status.uid), gid: Number(status.gid) },
      modified: String(status.mtimeNs),
      bytes: kind === "file" ? Number(status.size) : 0,
      digest: kind === "file" ? digest(readFileSync(path)) : "",
      to: kind === "link" ? readlinkSync(path, { encoding: "utf8" }) : "",
      device: kind === "block" || kind === "character" ? Number(status.rdev) : 0,
      xattrs: attributes.get(key) ?? {},
    });
  }
  return seen;
}

function attributesOf(top: string, paths: readonly string[]): Map<string, Seen["xattrs"]> {
  return new Map(
    paths.map((path) => {
      const text = run(["getfattr", "-h", "-d", "-m", "-", "-e", "hex", join(top, path)]);
      const lines = [...text.matchAll(/^([^#=\n]+(?:\\075[^=\n]*)?)=(?:0x)?([0-9a-f]*)$/gm)];
      const found = lines.map(([, name = "", value = ""]) => [
        name.replaceAll("\\075", "="),
        value,
      ]);
      return [path, Object.fromEntries(found)];
    }),
  );
}

function readArchive(bytes: Uint8Array) {
  const tar = openTar(streamOf(bytes));
  const found: { entry: TarEntry; stored: Uint8Array }[] = [];
  for (let entry = tar.next(); entry !== undefined; entry = tar.next())
    found.push({ entry, stored: tar.readData(8 << 20).slice() });
  return found;
}

const top = temporaryDirectory();
const tree = join(top, "tree");
const expected = seeMembers(members.map((entry) => ({ entry, stored: fill(entry) })));

describe.skipIf(!isRoot)(
  `GNU tar${isRoot ? "" : " (skipped: only root makes devices and owners)"}`,
  () => {
    beforeAll(() => {
      writeFileSync(join(top, "ours.tar"), pack(members));
      run(["mkdir", tree]);
      run(["tar", "--numeric-owner", "-xpf", join(top, "ours.tar"), "-C", tree]);
    });

    test("unpacks what we write", () => {
      expect(seeTree(tree, new Map())).toEqual(expected);
    });

    test("makes holes where we say so", () => {
      for (const { path, bytes } of members.filter((entry) => entry.path.includes("hole")))
        expect(lstatSync(join(tree, path)).blocks * 512).toBeLessThan(bytes / 10);
    });

    test("makes further names where we say so", () => {
      const inode = (path: string) => lstatSync(join(tree, path)).ino;
      expect(inode("etc/second")).toBe(inode("etc/plain"));
      expect(inode("etc/third")).toBe(inode(`etc/${long}/${long}`));
    });

    test("unpacks the attributes that we write, and packs them so that we read them", () => {
      const place = join(top, "attributed");
      run(["mkdir", place]);
      writeFileSync(join(top, "attributed.tar"), pack(attributed));
      const all = ["--xattrs", "--xattrs-include=*"];
      run(["tar", ...all, "--numeric-owner", "-xpf", join(top, "attributed.tar"), "-C", place]);
      const wanted = seeMembers(attributed.map((entry) => ({ entry, stored: fill(entry) })));
      const paths = attributed.map(({ path }) => path);
      const seen = seeTree(place, attributesOf(place, paths));
      seen.delete("");
      expect(seen).toEqual(wanted);
      run(["tar", ...all, "--format=posix", "-cf", join(top, "again.tar"), "-C", place, ...paths]);
      expect(seeMembers(readArchive(readFileSync(join(top, "again.tar"))))).toEqual(wanted);
    });

    const formats = [
      { name: "posix", options: ["--format=posix"], hasParts: true },
      ...["0.0", "0.1", "1.0"].map((version) => ({
        name: `posix with holes in format ${version}`,
        options: ["--format=posix", "--sparse", `--sparse-version=${version}`],
        hasParts: true,
      })),
      { name: "gnu", options: ["--format=gnu"], hasParts: false },
      { name: "gnu with holes", options: ["--format=gnu", "--sparse"], hasParts: false },
      { name: "oldgnu with holes", options: ["--format=oldgnu", "--sparse"], hasParts: false },
    ];
    for (const { name, options, hasParts } of formats) {
      test(`packs as ${name} so that we read it`, () => {
        const archive = join(top, "theirs.tar");
        run(["tar", ...options, "--numeric-owner", "-cf", archive, "-C", tree, "."]);
        const found = readArchive(readFileSync(archive));
        if (name.includes("holes")) {
          const holes = found.find(({ entry }) => entry.path === "etc/holes");
          expect(holes?.entry.data.length).toBeGreaterThan(1);
        }
        const seen = [...seeMembers(found)].map(([path, one]) => [path, inParts(one, hasParts)]);
        const wanted = [...expected].map(([path, one]) => [path, inParts(one, hasParts)]);
        expect(new Map(seen as [string, Seen][])).toEqual(new Map(wanted as [string, Seen][]));
      });
    }
  },
);

/** Whole seconds, rounded down, where a format has nothing else. */
function inParts(one: Seen, hasParts: boolean): Seen {
  if (hasParts) return one;
  const nanoseconds = BigInt(one.modified);
  const part = ((nanoseconds % 10n ** 9n) + 10n ** 9n) % 10n ** 9n;
  return { ...one, modified: String(nanoseconds - part) };
}
