// Which checkers an initramfs can include, with everything they need; on machines in memory, laid
// out as distributions are.
import { describe, expect, test } from "vitest";
import { findCheckers } from "../../../src/system/initramfs/find-checkers.ts";
import { type ElfRequest, formProgram } from "../../support/elf.ts";
import { file, link, type Tree } from "../../support/memory/entry.ts";
import { createMemory, type Machine } from "../../support/memory.ts";

const glibc = "/lib64/ld-linux-x86-64.so.2";
const musl = "/lib/ld-musl-x86_64.so.1";

function program(request: ElfRequest = {}) {
  return file(formProgram(request), 0o755);
}

function createMachine(files: Tree, cached: readonly string[] = []) {
  const lines = cached.map((path) => `\t${path.replace(/.*\//, "")} (libc6,x86-64) => ${path}\n`);
  const machine: Machine = {
    files: { init: program(), ...files },
    proc: { "self/exe": link("/init") },
    programs: { ldconfig: () => ({ stdout: lines.join("") }) },
  };
  return createMemory(machine).system;
}

/** Returns the places of a tool's files, as "path < source", or why it cannot be included. */
function find(tool: string, files: Tree, cached?: readonly string[]): readonly string[] | string {
  const { found, missing } = findCheckers(createMachine(files, cached));
  const reason = missing.find((one) => one.tool === tool)?.reason;
  const carried = found.find((one) => one.tool === tool)?.files ?? [];
  expect(carried.length > 0).toBe(reason === undefined);
  return reason ?? carried.map(({ path, source }) => `${path} < ${source}`);
}

const debianLibraries = {
  "libext2fs.so.2": link("libext2fs.so.2.4"),
  "libext2fs.so.2.4": program({ needed: ["libc.so.6"] }),
  "libc.so.6": program({ needed: ["ld-linux-x86-64.so.2"] }),
  "ld-linux-x86-64.so.2": program(),
};
const triplet = "/lib/x86_64-linux-gnu";
const debianCache = [`${triplet}/libext2fs.so.2`, `${triplet}/libc.so.6`];
const e2fsck = program({ interpreter: glibc, needed: ["libext2fs.so.2", "libc.so.6"] });
const linker = link("/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2");

describe("findCheckers() finds a tool and its libraries", () => {
  test("where /usr is a directory of its own", () => {
    const files = { "sbin/e2fsck": e2fsck, lib64: { "ld-linux-x86-64.so.2": linker } };
    expect(find("e2fsck", { ...files, [triplet]: debianLibraries }, debianCache)).toEqual([
      "/bin/e2fsck < /sbin/e2fsck",
      `${glibc} < ${triplet}/ld-linux-x86-64.so.2`,
      `${triplet}/libext2fs.so.2 < ${triplet}/libext2fs.so.2.4`,
      `${triplet}/libc.so.6 < ${triplet}/libc.so.6`,
    ]);
  });

  test("where all is in /usr", () => {
    const files = {
      "usr/sbin/e2fsck": e2fsck,
      "usr/lib64": { "ld-linux-x86-64.so.2": linker },
      [`usr${triplet}`]: debianLibraries,
      lib: link("usr/lib"),
      lib64: link("usr/lib64"),
      sbin: link("usr/sbin"),
    };
    expect(find("e2fsck", files, debianCache)).toEqual([
      "/bin/e2fsck < /usr/sbin/e2fsck",
      `${glibc} < /usr${triplet}/ld-linux-x86-64.so.2`,
      `${triplet}/libext2fs.so.2 < /usr${triplet}/libext2fs.so.2.4`,
      `${triplet}/libc.so.6 < /usr${triplet}/libc.so.6`,
    ]);
  });

  test("without the linker's list, in the usual directories", () => {
    const files = {
      "usr/bin/e2fsck": e2fsck,
      "usr/lib": { ...debianLibraries },
      lib64: { "ld-linux-x86-64.so.2": link("/usr/lib/ld-linux-x86-64.so.2") },
    };
    expect(find("e2fsck", files)).toEqual([
      "/bin/e2fsck < /usr/bin/e2fsck",
      `${glibc} < /usr/lib/ld-linux-x86-64.so.2`,
      "/usr/lib/libext2fs.so.2 < /usr/lib/libext2fs.so.2.4",
      "/usr/lib/libc.so.6 < /usr/lib/libc.so.6",
    ]);
  });

  test("where each package has its own directories", () => {
    const at = "/nix/store/glibc/lib";
    const interpreter = `${at}/ld-linux-x86-64.so.2`;
    const needed = ["libext2fs.so.2", "libc.so.6"];
    const runpath = "$ORIGIN/../lib:/nix/store/e2fsprogs/../glibc/lib";
    const files = {
      "nix/store/e2fsprogs/bin/e2fsck": program({ interpreter, needed, runpath }),
      "nix/store/e2fsprogs/lib/libext2fs.so.2": program({ needed: ["libc.so.6"] }),
      [at]: { "libc.so.6": program(), "ld-linux-x86-64.so.2": program() },
      "usr/bin/e2fsck": link("/nix/store/e2fsprogs/bin/e2fsck"),
    };
    // All are in the one directory that this linker searches by default.
    expect(find("e2fsck", files)).toEqual([
      "/bin/e2fsck < /nix/store/e2fsprogs/bin/e2fsck",
      `${interpreter} < ${interpreter}`,
      `${at}/libext2fs.so.2 < /nix/store/e2fsprogs/lib/libext2fs.so.2`,
      `${at}/libc.so.6 < ${at}/libc.so.6`,
    ]);
  });

  test("with musl, which is linker and C library in one", () => {
    const needed = ["libz.so.1", "libc.musl-x86_64.so.1"];
    const files = {
      "sbin/btrfs": program({ interpreter: musl, needed }),
      lib: { "ld-musl-x86_64.so.1": program(), "libz.so.1": program() },
    };
    expect(find("btrfs", files, ["/opt/libz.so.1"])).toEqual([
      "/bin/btrfs < /sbin/btrfs",
      `${musl} < ${musl}`,
      "/lib/libz.so.1 < /lib/libz.so.1",
    ]);
  });

  test("which is linked statically", () => {
    expect(find("btrfs", { "bin/btrfs": program() })).toEqual(["/bin/btrfs < /bin/btrfs"]);
  });

  test("and the library that ending a thread needs", () => {
    const needed = ["libc.so.6"];
    const names = ["pthread_cancel"];
    const files = (library: Tree) => ({
      "bin/btrfs": program({ interpreter: glibc, needed, names }),
      lib64: { "ld-linux-x86-64.so.2": program(), "libc.so.6": program({ names }), ...library },
    });
    const [libc, unwinder] = ["libc.so.6", "libgcc_s.so.1"].map(
      (name) => `/lib64/${name} < /lib64/${name}`,
    );
    const others = ["/bin/btrfs < /bin/btrfs", `${glibc} < ${glibc}`, libc];
    expect(find("btrfs", files({ "libgcc_s.so.1": program() }))).toEqual([...others, unwinder]);
    expect(find("btrfs", files({}))).toEqual(others);
  });

  test("and not a library of another kind of machine", () => {
    const files = {
      "bin/btrfs": program({ interpreter: glibc, needed: ["libc.so.6"] }),
      "lib64/ld-linux-x86-64.so.2": program(),
      "lib32/libc.so.6": program({ machine: 3, is32: true }),
      "usr/lib64/libc.so.6": file("GROUP ( /lib/libc.so.6 )"),
      "lib/libc.so.6": program(),
    };
    expect(find("btrfs", files, ["/lib32/libc.so.6"])).toContain("/lib/libc.so.6 < /lib/libc.so.6");
  });
});

describe("findCheckers() says why it cannot take a tool:", () => {
  const cases: readonly (readonly [string, Tree, string])[] = [
    ["it is not there", {}, "is not installed"],
    ["it is nothing that can be run", { "bin/btrfs": file("x", 0o644) }, "is not installed"],
    [
      "it is a script",
      { "bin/btrfs": file("#!/bin/sh\nexec real\n", 0o755) },
      "is a script, but the initramfs has no shell",
    ],
    ["it is empty", { "bin/btrfs": file("", 0o755) }, "is not a program for this architecture"],
    [
      "it is for another machine",
      { "bin/btrfs": program({ machine: 183 }) },
      "is not a program for this architecture",
    ],
    [
      "its linker is not there",
      { "bin/btrfs": program({ interpreter: glibc, needed: ["libc.so.6"] }) },
      `needs "${glibc}", which does not exist`,
    ],
    [
      "its linker would be anywhere",
      { "bin/btrfs": program({ interpreter: "/lib/../../init" }), lib: {} },
      'needs "/lib/../../init", which does not exist',
    ],
    [
      "one of its libraries is not there",
      {
        "bin/btrfs": program({ interpreter: glibc, needed: ["liba.so.1"] }),
        lib64: {
          "ld-linux-x86-64.so.2": program(),
          "liba.so.1": program({ needed: ["libb.so.1"] }),
        },
      },
      'needs the library "libb.so.1", which was not found',
    ],
    [
      "nothing loads its libraries",
      { "bin/btrfs": program({ needed: ["libc.so.6"] }) },
      "needs libraries but names no dynamic loader",
    ],
  ];
  for (const [what, files, reason] of cases)
    test(`findCheckers() says that ${what}`, () => {
      expect(find("btrfs", files)).toBe(reason);
    });

  test("findCheckers() says that it cannot be read", () => {
    const files = { init: program(), "bin/btrfs": program() };
    const { system } = createMemory({
      files,
      proc: { "self/exe": link("/init") },
      faults: [{ call: "readBytes", naming: "/bin/btrfs", errno: "EACCES" }],
    });
    const { missing } = findCheckers(system);
    expect(missing.find(({ tool }) => tool === "btrfs")?.reason).toBe("cannot be read");
  });

  test("findCheckers() says that two tools want different files in one place", () => {
    const needed = ["liba.so.1"];
    const files = {
      "bin/e2fsck": program({ interpreter: glibc, needed, runpath: "/opt/a" }),
      "bin/btrfs": program({ interpreter: glibc, needed, runpath: "/opt/b" }),
      "lib64/ld-linux-x86-64.so.2": program(),
      "opt/a/liba.so.1": program(),
      "opt/b/liba.so.1": program(),
    };
    expect(find("btrfs", files)).toBe(
      'needs a different "/lib64/liba.so.1" than the checkers before it',
    );
    expect(find("e2fsck", files)).toContain("/lib64/liba.so.1 < /opt/a/liba.so.1");
  });
});

test("findCheckers() names the package of what is not installed, and no other", () => {
  const { found, missing } = findCheckers(
    createMachine({ "bin/e2fsck": file("#!/bin/sh", 0o755), "bin/e2image": program() }),
  );
  expect(found.map(({ tool }) => tool)).toEqual(["e2image"]);
  expect(missing.map(({ tool, package: name }) => [tool, name])).toEqual([
    ["e2fsck", undefined],
    ["xfs_repair", "xfsprogs"],
    ["btrfs", "btrfs-progs"],
    ["fsck.f2fs", "f2fs-tools"],
  ]);
});
