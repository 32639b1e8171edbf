// Checkers in an initramfs, on machines in memory: what is there, and what is unpacked when one is
// needed.
import { describe, expect, test } from "vitest";
import { encodeUtf8 } from "../../../src/core/bytes/utf.ts";
import { listCheckers, prepareChecker } from "../../../src/system/checkers/boot-checkers.ts";
import { file, link, type Tree } from "../../support/memory/entry.ts";
import { pack } from "../../support/memory/packed.ts";
import type { Fault } from "../../support/memory/recorded.ts";
import { createMemory } from "../../support/memory.ts";

const at = "lib/backstore/checkers";
const libc = "/lib/x86_64-linux-gnu/libc.so.6";

function packed(text: string): Uint8Array {
  return pack(encodeUtf8(text));
}

/**
 * An initramfs with what ext and xfs need, and only half of the files that its index lists for
 * f2fs.
 */
const carried: Tree = {
  "lib/backstore/checkers.json": JSON.stringify({
    tools: {
      e2fsck: ["/bin/e2fsck", libc],
      e2image: ["/bin/e2image", libc],
      xfs_repair: ["/bin/xfs_repair", libc],
      "fsck.f2fs": ["/bin/fsck.f2fs", "/lib/missing.so"],
    },
  }),
  [`${at}${libc}.zst`]: packed("libc"),
  [`${at}/bin/e2fsck.zst`]: packed("e2fsck"),
  [`${at}/bin/e2image.zst`]: packed("e2image"),
  [`${at}/bin/xfs_repair.zst`]: packed("xfs_repair"),
  [`${at}/bin/fsck.f2fs.zst`]: packed("fsck.f2fs"),
};

function create(files: Tree = carried, faults: readonly Fault[] = []) {
  return createMemory({ files, faults, isBooted: false });
}

describe("listCheckers()", () => {
  test("lists the types that the index has all tools for, and reads nothing else", () => {
    const { system, journal } = create();
    expect(listCheckers(system)).toEqual(["ext2", "ext3", "ext4", "xfs", "f2fs"]);
    expect(journal).toEqual([]);
  });

  test("lists nothing where nothing is carried", () => {
    expect(listCheckers(create({}).system)).toEqual([]);
  });

  test("lists what is installed where there is no initramfs", () => {
    const programs = { e2fsck: () => ({}), btrfs: () => ({}), xfs_repair: () => ({}) };
    expect(listCheckers(createMemory({ programs }).system)).toEqual(["xfs", "btrfs"]);
  });
});

describe("prepareChecker()", () => {
  test("unpacks what the type needs and no more, so that it can be run", () => {
    const { system } = create();
    expect(prepareChecker(system, "xfs")).toBe("/");
    expect(system.list("/bin")).toEqual(["xfs_repair"]);
    expect(system.readText("/bin/xfs_repair")).toBe("xfs_repair");
    expect(system.status("/bin/xfs_repair")?.mode).toBe(0o755);
    expect(system.readText(libc)).toBe("libc");
    expect(prepareChecker(system, "ext4")).toBe("/");
    expect(system.list("/bin")).toEqual(["e2fsck", "e2image", "xfs_repair"]);
    expect(system.list("/lib/x86_64-linux-gnu")).toEqual(["libc.so.6"]);
  });

  test("unpacks nothing a second time", () => {
    const { system, journal } = create();
    expect(prepareChecker(system, "ext4")).toBe("/");
    const before = journal.length;
    expect([prepareChecker(system, "ext4"), prepareChecker(system, "ext3")]).toEqual(["/", "/"]);
    expect(journal).toHaveLength(before);
  });

  test("says that there is none for a type that nobody checks, or that is not carried", () => {
    const { system, journal } = create();
    for (const type of ["btrfs", "vfat", "", "constructor", "__proto__"])
      expect(prepareChecker(system, type)).toBe(undefined);
    expect(journal).toEqual([]);
  });

  test("says that there is none where a file of it is not there, or is broken", () => {
    expect(prepareChecker(create().system, "f2fs")).toBe(undefined);
    const broken = { ...carried, [`${at}/bin/xfs_repair.zst`]: "no frame of zstd" };
    const { system } = create(broken);
    expect(prepareChecker(system, "xfs")).toBe(undefined);
    expect(system.list("/bin")).toEqual([]);
  });

  for (const fault of [
    { call: "writeFile", naming: "/bin/xfs_repair.new", errno: "ENOSPC" },
    { call: "rename", naming: "/bin/xfs_repair", errno: "ENOSPC" },
    { call: "makeDirectory", naming: "/bin", errno: "EROFS" },
  ] as const)
    test(`leaves nothing half done where ${fault.call}() fails`, () => {
      const { system } = create(carried, [fault]);
      expect(prepareChecker(system, "xfs")).toBe(undefined);
      const directory = system.status("/bin") === undefined ? [] : system.list("/bin");
      expect(directory).toEqual([]);
    });

  test("takes what is installed where there is no initramfs", () => {
    const { system } = createMemory({ programs: { xfs_repair: () => ({}) } });
    expect([prepareChecker(system, "xfs"), prepareChecker(system, "ext4")]).toEqual([
      "/",
      undefined,
    ]);
  });

  const base: Tree = {
    usr: { sbin: { e2fsck: file("", 0o755), e2image: file("", 0o755), "fsck.f2fs": "no program" } },
    sbin: link("usr/sbin"),
    bin: { xfs_repair: link("/sbin/xfs_repair") },
  };

  test("takes what the base has where it has all, and nothing else has", () => {
    const { system, journal } = createMemory({ files: { base } });
    const types = ["ext4", "xfs", "btrfs", "f2fs"];
    expect(types.map((type) => prepareChecker(system, type, "/base"))).toEqual([
      "/base",
      ...[undefined, undefined, undefined],
    ]);
    expect(journal).toEqual([]);
  });

  test("prefers what is carried, and the base to what is there by chance", () => {
    const here = createMemory({ files: { ...carried, base } });
    expect(prepareChecker(here.system, "ext4", "/base")).toBe("/");
    const faults = [{ call: "writeFile", naming: "/bin/e2fsck.new", errno: "ENOSPC" } as const];
    const full = createMemory({ files: { ...carried, base }, faults });
    expect(prepareChecker(full.system, "ext4", "/base")).toBe("/base");
    const programs = { e2fsck: () => ({}), e2image: () => ({}) };
    const others = createMemory({ files: { base }, programs });
    expect(prepareChecker(others.system, "ext4", "/base")).toBe("/base");
  });
});

test("pack() makes frames that readPacked() gives back, however long", () => {
  const { system } = createMemory();
  for (const length of [0, 1, 131_071, 131_072, 131_073, 300_000]) {
    const bytes = new Uint8Array(length).fill(7);
    system.writeFile(`/tmp/packed-${length}`, pack(bytes));
    const found = system.readPacked(`/tmp/packed-${length}`);
    expect([length, Buffer.compare(found, bytes)]).toEqual([length, 0]);
  }
});
