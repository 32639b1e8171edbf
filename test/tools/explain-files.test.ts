// "backstore explain" on file stores that real tools have made: files in file systems in image
// files are inspected through two read-only loop devices, and nothing in them changes.
import { createHash } from "node:crypto";
import {
  copyFileSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { expect, describe as group, test, vi } from "vitest";
import { directory, explainJson, ext4, makeStore } from "./explain-call.ts";
import { newImage } from "./images.ts";
import { isRoot, run } from "./programs.ts";

vi.setConfig({ testTimeout: 60_000 });

const at = (name: string) => join(directory, name);

function digest(name: string): string {
  return createHash("sha256")
    .update(readFileSync(at(name)))
    .digest("hex");
}

mkdirSync(at("used/upperdir/etc"), { recursive: true });
mkdirSync(at("used/workdir"));
writeFileSync(at("used/upperdir/etc/motd"), "changed\n");
mkdirSync(at("aufs/.wh..wh.plnk"), { recursive: true });
mkdirSync(at("photos/summer"), { recursive: true });

const isXfsKnown = readFileSync("/proc/filesystems", "utf8").includes("\txfs\n");

/** Makes a host in an image file: ext4, with the files created in its top directory. */
function makeHost(name: string, fill: (top: string) => void, uuid?: string): string {
  const top = at(`${name}-tree`);
  mkdirSync(top);
  fill(top);
  const named = uuid === undefined ? [] : ["-U", uuid];
  const made = makeStore(name, [...ext4, "-L", name, ...named, "-d", top], 32);
  rmSync(top, { recursive: true });
  return made;
}

/** Makes a store's file whose file system contains a tree. */
function makeFile(path: string, tree: string, argv: readonly string[] = ext4): void {
  newImage(directory, "inner", 8);
  run([...argv, ...(tree === "" ? [] : ["-d", at(tree)]), at("inner.img")]);
  copyFileSync(at("inner.img"), path);
}

const sysrcd = (top: string) => join(top, "sysrcd.bs");
const store = makeHost(
  "store",
  (top) => makeFile(sysrcd(top), "used"),
  "aaaaaaaa-0000-4000-8000-000000000001",
);
const twin = makeHost(
  "twin",
  (top) => makeFile(sysrcd(top), "used"),
  "aaaaaaaa-0000-4000-8000-000000000002",
);
const fresh = makeHost("fresh", (top) =>
  makeFile(join(top, "my.bs"), "", ["mkfs.ext2", "-q", "-F"]),
);
const journal = makeHost("journal", (top) => {
  makeFile(sysrcd(top), "used");
  // needs_recovery, as in a store whose stick was unplugged.
  run(["debugfs", "-w", "-R", "feature needs_recovery", sysrcd(top)]);
});

const refused: readonly (readonly [name: string, reason: RegExp, fill: (top: string) => void])[] = [
  [
    "aufs",
    /contains a store of the first generation \(aufs\)/,
    (top) => makeFile(sysrcd(top), "aufs"),
  ],
  [
    "photos",
    /not a store and not empty \(it contains "summer"\)/,
    (top) => makeFile(sysrcd(top), "photos"),
  ],
  ["empty", /it is empty/, (top) => writeFileSync(sysrcd(top), "")],
  [
    "text",
    /it is too small for a file system \(5 B\)/,
    (top) => writeFileSync(sysrcd(top), "text\n"),
  ],
  [
    "zeros",
    /no file system was recognised in it/,
    (top) => writeFileSync(sysrcd(top), Buffer.alloc(1 << 20)),
  ],
  ["folder", /it is a directory/, (top) => mkdirSync(sysrcd(top))],
  [
    "link",
    /it is a link, and links are not followed/,
    (top) => symlinkSync("/etc/passwd", sysrcd(top)),
  ],
  [
    "cut",
    /it is truncated: its file system has 8\.0 MiB, the file only 4\.0 MiB/,
    (top) => {
      makeFile(sysrcd(top), "used");
      truncateSync(sysrcd(top), 4 << 20);
    },
  ],
  [
    "fat",
    /it contains vfat, and a store needs ext2/,
    (top) => makeFile(sysrcd(top), "", ["mkfs.vfat"]),
  ],
];
const hosts = refused.map(([name, , fill]) => makeHost(name, fill));

function ask(cmdline: string, ...images: readonly string[]) {
  const words = images.flatMap((image) => ["--image", image]);
  const before = images.map(digest);
  const explained = explainJson([...words, "--cmdline", cmdline], []);
  expect(images.map(digest)).toEqual(before);
  return explained;
}

const reason = isRoot ? "" : " (skipped: no root)";
group.skipIf(!isRoot)(`backstore explain looks into files${reason}`, () => {
  test("a store's file is found, with what is in it", () => {
    const { session, store: used, candidates } = ask("backstore=alldev", store, fresh);
    expect(session).toBe("persistent");
    expect(used).toMatchObject({
      kind: "file",
      device: "store.img",
      hostType: "ext4",
      file: "/sysrcd.bs",
      type: "ext4",
      bytes: 8 << 20,
      new: false,
    });
    expect(candidates.map(({ file, accepted }) => [file, accepted])).toEqual([
      ["/sysrcd.bs", true],
      [undefined, false],
    ]);
  });

  test("a file that is sparse is told", () => {
    // mkfs keeps holes as holes.
    const { session, problems } = ask("backstore=alldev", store);
    expect(session).toBe("persistent");
    expect(problems.map(({ message }) => message)).toEqual([
      expect.stringMatching(/^The store "\/sysrcd\.bs" on store\.img is sparse \(.* of 8\.0 MiB/),
    ]);
  });

  test("images are built in, so no file is looked for on them without an option", () => {
    expect(ask("", store)).toMatchObject({ session: "volatile", problems: [] });
  });

  test("a path and a device lead to one file", () => {
    const { session, store: used } = ask("backstore=LABEL=fresh,/my.bs", store, fresh);
    expect([session, used]).toMatchObject([
      "persistent",
      { file: "/my.bs", type: "ext2", new: true },
    ]);
  });

  test("of two none is taken, and the options that are told choose each", () => {
    const { session, problems } = ask("backstore=alldev", store, twin);
    expect(session).toBe("volatile");
    const options = [...(problems[0]?.message ?? "").matchAll(/backstore=UUID=\S+?(?=\)| )/g)];
    expect(options).toHaveLength(2);
    expect(options.map(([option]) => ask(option, store, twin).store?.device)).toEqual([
      "store.img",
      "twin.img",
    ]);
  });

  test("a pending journal in a file stays pending, and is no obstacle", () => {
    expect(ask("backstore=alldev", journal).session).toBe("persistent");
  });

  for (const [index, [name, why]] of refused.entries()) {
    test(`what is no store is named: ${name}`, () => {
      const image = hosts[index] ?? "";
      const { session, candidates, problems } = ask("backstore=alldev", image);
      expect(session).toBe("volatile");
      expect(candidates[0]).toMatchObject({ accepted: false, file: "/sysrcd.bs" });
      expect(candidates[0]?.reason).toMatch(why);
      expect(problems.map(({ message }) => message)).toEqual([expect.stringMatching(why)]);
    });
  }

  test("all of that beside a store does not hide it", () => {
    const { session, store: used } = ask("backstore=alldev", ...hosts, store);
    expect([session, used?.device]).toEqual(["persistent", "store.img"]);
  });
});

const xfsReason = isXfsKnown ? "" : " (skipped: this kernel has no xfs)";
group.skipIf(!isRoot || !isXfsKnown)(
  `backstore explain looks into xfs in files${reason}${xfsReason}`,
  () => {
    test("a file with xfs is a store", () => {
      const name = makeStore("big", [...ext4, "-L", "big"], 400);
      const inner = makeStore("xfs", ["mkfs.xfs", "-q", "-f"], 300);
      run(["debugfs", "-w", "-R", `write ${at(inner)} sysrcd.bs`, at(name)]);
      expect(ask("backstore=alldev", name)).toMatchObject({
        session: "persistent",
        store: { type: "xfs", new: true },
      });
    });
  },
);
