// grow and shrink on real files: every type, in use by a session and not, on hosts of several
// kinds, and everything that has to be refused before anything is changed.
import { spawn, spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { patch } from "./images.ts";
import { isRoot, type Outcome, run, tryRun } from "./programs.ts";
import {
  allocatedBytes,
  complaints,
  directory,
  findRemains,
  innerBytes,
  makeModel,
  program,
  putBack,
  readContents,
  type StoreModel,
} from "./stores.ts";

const store = join(directory, "host", "sysrcd.bs");
const mebibyte = 2 ** 20;
const models = new Map<string, StoreModel>();

function modelOf(type: string): StoreModel {
  const megabytes = { xfs: 320, btrfs: 320 }[type] ?? 24;
  const made = models.get(type) ?? makeModel(type, megabytes, { filler: megabytes / 2 });
  models.set(type, made);
  return made;
}

function call(...words: readonly (string | number)[]): Outcome {
  return tryRun([program, ...words.map(String)]);
}

/** Checks that a store has a size, is clean, and has its contents. */
function expectStore(model: StoreModel, megabytes: number): void {
  expect(findRemains(store)).toEqual([]);
  expect(statSync(store).size).toBe(megabytes * mebibyte);
  expect(innerBytes(model.type, store)).toBe(megabytes * mebibyte);
  expect(allocatedBytes(store)).toBeGreaterThanOrEqual(megabytes * mebibyte);
  expect(complaints(model.type, store)).toBe("");
  expect(readContents(model.type, store)).toBe(model.contents);
}

/** Checks that a store was not changed. */
function expectUntouched(model: StoreModel, file: string): void {
  run(["cmp", model.model, file]);
  expect(findRemains(file)).toEqual([]);
}

describe.skipIf(!isRoot)(
  "grow and shrink (the contents are read by mounting, which needs root)",
  () => {
    test("what they read is everything in a store", () => {
      const { contents } = modelOf("ext4");
      for (const part of [
        "hard link",
        "trusted.overlay.opaque",
        "user.comment",
        "gone 0:0",
        "4711",
      ])
        expect(contents).toContain(part);
      expect(contents.split("\n").length).toBeGreaterThan(25);
    });

    for (const type of ["ext4", "ext3", "ext2", "xfs", "btrfs"]) {
      const [before = 0, more = 0, less = 0] = { xfs: [320, 400, 300], btrfs: [320, 400, 270] }[
        type
      ] ?? [24, 300, 20];
      test(`${type} keeps everything when it grows, and when it shrinks`, {
        timeout: 60_000,
      }, () => {
        const model = modelOf(type);
        putBack(model, store);
        const identity = run(["blkid", "-o", "value", "-s", "UUID", store]);
        expect(call("grow", store, more)).toMatchObject({
          status: 0,
          stderr: "",
          stdout: `The store ${JSON.stringify(store)} now has ${more}.0 MiB, was ${before}.0 MiB (${type})\n`,
        });
        expectStore(model, more);
        chmodSync(store, 0o640);
        expect(call("shrink", store, less)).toMatchObject({ status: 0, stderr: "" });
        expectStore(model, less);
        expect(run(["blkid", "-o", "value", "-s", "UUID", store])).toBe(identity);
        expect(statSync(store).mode & 0o777).toBe(0o640);
      });
    }

    test("shrink to min leaves what the files need, and that can shrink no more", {
      timeout: 60_000,
    }, () => {
      for (const type of ["ext4", "btrfs"]) {
        const model = modelOf(type);
        putBack(model, store);
        expect(call("shrink", dirname(store), "min")).toMatchObject({ status: 0, stderr: "" });
        expect(statSync(store).size).toBeLessThan(model.bytes);
        expect(complaints(type, store)).toBe("");
        expect(readContents(type, store)).toBe(model.contents);
      }
    });

    test("many sizes in turn, as they come", { timeout: 120_000 }, () => {
      const model = modelOf("ext4");
      putBack(model, store);
      for (const size of [40, 23, 129, 130, 900, 131, 64, 9, 10, 33]) {
        const operation = size * mebibyte > statSync(store).size ? "grow" : "shrink";
        expect([size, call(operation, store, size)]).toMatchObject([
          size,
          { status: 0, stderr: "" },
        ]);
        expect([size, complaints("ext4", store)]).toEqual([size, ""]);
      }
      expectStore(model, 33);
    });

    test("a sparse file is allocated in full", () => {
      const model = modelOf("ext4");
      putBack(model, store);
      run(["cp", "--sparse=always", model.model, store]);
      expect(allocatedBytes(store)).toBeLessThan(model.bytes);
      expect(call("grow", store, 24)).toMatchObject({ status: 0, stderr: "" });
      expectStore(model, 24);
    });

    test("a journal that was never replayed is, and its content is kept", () => {
      const model = modelOf("ext4");
      putBack(model, store);
      const frozen = join(directory, "frozen.img");
      // A copy of a mounted file system is what a power failure leaves.
      run([
        "unshare",
        "--mount",
        "sh",
        "-euc",
        'mount -o loop "$1" /mnt; echo journalled > /mnt/upperdir/late; sync /mnt/upperdir/late; blockdev --flushbufs $(findmnt -no SOURCE /mnt); cp "$1" "$2"; umount /mnt',
        "sh",
        store,
        frozen,
      ]);
      run(["cp", frozen, store]);
      run(["fallocate", "-l", String(model.bytes), store]);
      expect(run(["dumpe2fs", "-h", store])).toContain("needs_recovery");
      expect(call("grow", store, 40)).toMatchObject({ status: 0, stderr: "" });
      expect(complaints("ext4", store)).toBe("");
      expect(readContents("ext4", store)).toContain("upperdir/late");
      run(["cp", frozen, store]);
      expect(call("shrink", store, 12)).toMatchObject({ status: 0, stderr: "" });
      expect(complaints("ext4", store)).toBe("");
      expect(readContents("ext4", store)).toContain("upperdir/late");
    });

    test("without root ext is resized all the same, and xfs is not", () => {
      const nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--"];
      for (const type of ["ext4", "xfs"]) {
        const model = modelOf(type);
        putBack(model, store);
        chmodSync(directory, 0o711);
        run(["chown", "-R", "65534:65534", dirname(store)]);
        const size = model.bytes / mebibyte + 16;
        const ended = tryRun([...nobody, program, "grow", store, String(size)]);
        if (type === "ext4") {
          expect(ended).toMatchObject({ status: 0, stderr: "" });
          expectStore(model, size);
        } else {
          expect(ended).toMatchObject({ status: 3 });
          expect(ended.stderr).toContain("which requires root");
          expectUntouched(model, store);
        }
      }
    });

    test("--dry-run and --json say what would be done, and nothing is", () => {
      const model = modelOf("ext4");
      putBack(model, store);
      const said = call("grow", store, 40, "--dry-run");
      expect(said).toMatchObject({ status: 0, stderr: "" });
      expect(said.stdout).toContain(`allocate ${JSON.stringify(store)} from 24.0 MiB to 40.0 MiB`);
      const plan = JSON.parse(call("shrink", store, 12, "--dry-run", "--json").stdout);
      expect(plan.result).toEqual({
        operation: "shrink",
        store,
        type: "ext4",
        fromBytes: 24 * mebibyte,
        toBytes: 12 * mebibyte,
        online: false,
        changed: true,
      });
      expectUntouched(model, store);
      expect(JSON.parse(call("grow", store, 40, "--json").stdout)).toMatchObject({
        toBytes: 40 * mebibyte,
        changed: true,
      });
      expect(JSON.parse(call("grow", store, 40, "--json").stdout)).toMatchObject({
        changed: false,
      });
    });
  },
);

describe.skipIf(!isRoot)("grow refuses (the cases need root to be made)", () => {
  test("a damaged store, before anything is touched", { timeout: 60_000 }, () => {
    for (const [type, status] of [
      ["ext4", 6],
      ["xfs", 6],
      ["btrfs", 6],
    ] as const) {
      const model = modelOf(type);
      putBack(model, store);
      damage[type](store);
      const before = run(["sha256sum", store]);
      const ended = call("grow", store, model.bytes / mebibyte + 16);
      expect([type, ended.status, ended.stderr]).toEqual([
        type,
        status,
        expect.stringContaining("is damaged"),
      ]);
      if (type === "ext4") expect(run(["sha256sum", store])).toBe(before);
      expect(statSync(store).size).toBe(model.bytes);
      expect(findRemains(store)).toEqual([]);
    }
  });

  test("ext whose blocks are laid out in ways that it does not know", () => {
    for (const features of ["bigalloc", "meta_bg,^resize_inode"]) {
      rmSync(dirname(store), { recursive: true, force: true });
      mkdirSync(dirname(store));
      run(["truncate", "-s", "24M", store]);
      run(["mkfs.ext4", "-q", "-O", features, store]);
      for (const words of [
        ["grow", store, 40],
        ["shrink", store, 12],
      ] as const) {
        const ended = call(...words);
        expect(ended).toMatchObject({ status: 8 });
        expect(ended.stderr).toContain("that allow resizing only while it is in use");
      }
      expect(complaints("ext4", store)).toBe("");
    }
  });

  test("a file that is cut", () => {
    putBack(modelOf("ext4"), store);
    truncateSync(store, 20 * mebibyte);
    const ended = call("grow", store, 30);
    expect(ended).toMatchObject({ status: 6 });
    expect(ended.stderr).toContain("its ext4 file system is larger than the file");
    expect(statSync(store).size).toBe(20 * mebibyte);
  });

  test("what is no store", () => {
    rmSync(dirname(store), { recursive: true, force: true });
    mkdirSync(dirname(store));
    expect(call("grow", store, 30)).toMatchObject({ status: 4 });
    writeFileSync(store, "x".repeat(mebibyte));
    const ended = call("grow", store, 30);
    expect(ended).toMatchObject({ status: 8 });
    expect(ended.stderr).toContain("no file system was recognised in it");
    rmSync(store);
    mkdirSync(store);
    expect(call("grow", store, 30)).toMatchObject({ status: 4 });
    expect(call("shrink", "/dev/null", 30)).toMatchObject({ status: 2 });
  });

  test("a store that is attached or mounted by somebody else, by name", () => {
    const model = modelOf("ext4");
    putBack(model, store);
    const loop = run(["losetup", "--find", "--show", store]).trim();
    try {
      for (const operation of ["grow", "shrink"]) {
        const ended = call(operation, store, operation === "grow" ? 40 : 12);
        expect(ended).toMatchObject({ status: 5 });
        expect(ended.stderr).toContain(
          `it is attached to ${loop}\nHint: detach it first: losetup --detach ${loop}`,
        );
      }
      const mounted = run([
        "unshare",
        "--mount",
        "sh",
        "-uc",
        'mount "$1" /mnt; "$2" grow "$3" 40 2>&1; echo "$?"',
        "sh",
        loop,
        program,
        store,
      ]);
      expect(mounted).toContain(
        `it is mounted on "/mnt" through ${loop}\nHint: unmount it first: umount "/mnt"`,
      );
      expect(mounted.trimEnd().endsWith("5")).toBe(true);
    } finally {
      run(["losetup", "--detach", loop]);
    }
  });

  test("a store that another run works on, and one whose tool outlived its run", async () => {
    const model = modelOf("ext4");
    putBack(model, store);
    // A resize2fs that kills the run that started it, and continues when it is told to.
    const tools = join(directory, "tools");
    const gate = join(directory, "gate");
    rmSync(tools, { recursive: true, force: true });
    mkdirSync(tools);
    run(["mkfifo", gate]);
    writeFileSync(
      join(tools, "resize2fs"),
      `#!/bin/sh\nkill -9 $PPID\nread go < ${gate}\nexec /sbin/resize2fs "$@"\n`,
      { mode: 0o755 },
    );
    const killed = spawn(program, ["grow", store, "40"], {
      env: { ...process.env, PATH: `${tools}:${process.env.PATH}` },
      stdio: "ignore",
    });
    const signal = await new Promise((resolve) => killed.on("exit", (_, by) => resolve(by)));
    expect(signal).toBe("SIGKILL");
    const during = call("grow", store, 40);
    expect(during).toMatchObject({ status: 5 });
    expect(during.stderr).toMatch(/the program "resize2fs" \(process \d+\) is working on it/);
    // The tool ends, and with it the lock; flock waits for that.
    writeFileSync(gate, "go\n");
    run(["flock", "--timeout", "20", store, "true"]);
    const after = call("grow", store, 40);
    expect(after).toMatchObject({ status: 0 });
    expect(after.stderr).toBe(
      `Note: the interrupted resize of ${JSON.stringify(store)} from 24.0 MiB to 40.0 MiB was undone\n`,
    );
    rmSync(gate);
    expectStore(model, 40);
  });

  test("a record that it does not understand, and changes that are not whole", () => {
    const model = modelOf("ext4");
    putBack(model, store);
    writeFileSync(`${store}.backstore-intent`, '{"format":2}\n');
    const ended = call("grow", store, 40);
    expect(ended).toMatchObject({ status: 8 });
    expect(ended.stderr).toContain("the record beside it was written by another version");
    const record = {
      format: 1,
      operation: "grow",
      from: model.bytes,
      to: 2 * model.bytes,
      stage: "applying",
    };
    writeFileSync(`${store}.backstore-intent`, JSON.stringify({ ...record, scratch: "/etc" }));
    for (const changes of [
      "",
      "backstore changes 1           9\n[[0,4096]",
      "backstore changes 1          10\n[[0,4096]]x",
    ]) {
      writeFileSync(`${store}.backstore-changes`, changes);
      expect(call("grow", store, 40)).toMatchObject({ status: 6 });
    }
    run(["cmp", model.model, store]);
    expect(existsSync("/etc/passwd")).toBe(true);
  });
});

const damage: Readonly<Record<"ext4" | "xfs" | "btrfs", (file: string) => void>> = {
  // The root directory's inode is cleared.
  ext4: (file) => run(["debugfs", "-w", "-R", "clri <2>", file]),
  xfs: (file) => run(["xfs_db", "-x", "-c", "agi 0", "-c", "write -d count 9999", file]),
  btrfs: (file) => {
    // A leaf of the file tree, wherever its two copies are: their checksums are wrong then.
    const tree = run(["btrfs", "inspect-internal", "dump-tree", "-t", "5", file]);
    const logical = /^leaf (\d+)/m.exec(tree)?.[1] ?? "";
    const copies = tryRun(["btrfs-map-logical", "-l", logical, file]).stdout;
    for (const [, physical] of copies.matchAll(/physical (\d+)/g))
      patch(file, Number(physical) + 200, new Uint8Array(64).fill(7));
  },
};

describe.skipIf(!isRoot)("grow in use by a session (mounting needs root)", () => {
  const place = "/run/initramfs/backstore/store";

  /**
   * Mounts the store where a session has it, runs lines of shell with "$1" the program and "$2" the
   * store, and unmounts.
   */
  function inSession(script: string): Outcome {
    const whole = `mkdir -p ${place}; mount -o loop "$2" ${place}; ${script}; umount ${place}`;
    const { status, stdout, stderr } = spawnSync(
      "unshare",
      ["--mount", "sh", "-uc", whole, "sh", program, store],
      { encoding: "utf8" },
    );
    return { status, stdout, stderr };
  }

  afterAll(() => {
    // Directories that existed before are kept.
    for (const path of [place, dirname(place), "/run/initramfs"])
      if (existsSync(path) && readdirSync(path).length === 0) rmSync(path, { recursive: true });
  });

  for (const type of ["xfs", "btrfs"]) {
    test(`${type}: the new room is there at once`, { timeout: 60_000 }, () => {
      const model = modelOf(type);
      putBack(model, store);
      const free = `stat -f -c '%b %S' ${place}`;
      const ended = inSession(
        `${free}; "$1" grow "$2" 400; echo "status $?"; ${free}; echo new > ${place}/upperdir/new; sync; rm ${place}/upperdir/new`,
      );
      expect(ended.stdout).toContain("status 0");
      const [before = 0, after = 0] = [...ended.stdout.matchAll(/^(\d+) (\d+)$/gm)].map(
        ([, blocks, bytes]) => Number(blocks) * Number(bytes),
      );
      expect(after - before).toBe(80 * mebibyte);
      expectStore(model, 400);
    });
  }

  test("btrfs: less than what the kernel resizes it to is refused, and holes are filled", () => {
    rmSync(store, { force: true });
    run(["truncate", "-s", "128M", store]);
    run(["mkfs.btrfs", "-q", store]);
    const refused = inSession('"$1" grow "$2" 160; echo "status $?"');
    expect(refused.stdout).toContain("status 2");
    expect(refused.stderr).toContain(
      "to 160.0 MiB: the kernel resizes a btrfs to no less than 256.0 MiB",
    );
    expect(statSync(store)).toMatchObject({ size: 128 * mebibyte });
    expect(inSession('"$1" grow "$2" 128; echo "status $?"').stdout).toContain("status 0");
    expect(statSync(store).blocks * 512).toBeGreaterThanOrEqual(128 * mebibyte);
    expect(call("grow", store, 256)).toMatchObject({ status: 0 });
    expect(complaints("btrfs", store)).toBe("");
  });

  test("ext4 is taken back where the kernel refuses, and says why", () => {
    const model = modelOf("ext4");
    putBack(model, store);
    const ended = inSession(
      'setpriv --bounding-set=-sys_resource --inh-caps=-sys_resource "$1" grow "$2" 40; echo "status $?"',
    );
    expect(ended.stdout).toContain("status 3");
    expect(ended.stderr).toContain('"resize2fs" says');
    expectStore(model, 24);
  });

  test("shrink is refused", () => {
    const model = modelOf("ext4");
    putBack(model, store);
    const ended = inSession('"$1" shrink "$2" 12; echo "status $?"');
    expect(ended.stdout).toContain("status 5");
    expect(ended.stderr).toContain("the session uses it");
    expectStore(model, 24);
  });
});

describe.skipIf(!isRoot)("grow and shrink on other hosts (mounting needs root)", () => {
  const image = join(directory, "host.img");
  const mountpoint = join(directory, "mounted");

  /** Mounts a new host of a type, lets `use` work in it, and unmounts it. */
  function onHost(mkfs: readonly string[], megabytes: number, use: (store: string) => void): void {
    rmSync(image, { force: true });
    run(["truncate", "-s", `${megabytes}M`, image]);
    run([...mkfs, image]);
    mkdirSync(mountpoint, { recursive: true });
    run(["mount", "-o", "loop", image, mountpoint]);
    try {
      use(join(mountpoint, "sysrcd.bs"));
    } finally {
      run(["umount", mountpoint]);
    }
  }

  beforeAll(() => {
    modelOf("ext4");
  });

  const hosts: readonly (readonly [string, readonly string[]])[] = [
    ["vfat", ["mkfs.vfat"]],
    ["ext4", ["mkfs.ext4", "-q"]],
    ["xfs", ["mkfs.xfs", "-q"]],
    ["btrfs", ["mkfs.btrfs", "-q"]],
  ];
  const known = readFileSync("/proc/filesystems", "utf8");
  for (const [name, mkfs] of hosts) {
    const isKnown = known.includes(`\t${name}\n`);
    const needs = isKnown ? "" : " (this kernel has no such driver)";
    test.skipIf(!isKnown)(
      `${name}: a store grows and shrinks, and a host that is full is left alone${needs}`,
      {
        timeout: 60_000,
      },
      () => {
        const model = modelOf("ext4");
        onHost(mkfs, 320, (file) => {
          run(["cp", "--sparse=never", model.model, file]);
          expect(call("grow", mountpoint, 64)).toMatchObject({ status: 0 });
          expect(complaints("ext4", file)).toBe("");
          expect(readContents("ext4", file)).toBe(model.contents);
          const tooMuch = call("grow", mountpoint, 400);
          expect(tooMuch).toMatchObject({ status: 7 });
          expect(tooMuch.stderr).toMatch(/Cannot grow .* to 400\.0 MiB: .* is free on/);
          expect(statSync(file).size).toBe(64 * mebibyte);
          expect(call("grow", mountpoint, "max")).toMatchObject({ status: 0 });
          expect(statSync(file).size).toBeGreaterThan(200 * mebibyte);
          expect(complaints("ext4", file)).toBe("");
          expect(call("shrink", mountpoint, 20)).toMatchObject({ status: 0, stderr: "" });
          expect(complaints("ext4", file)).toBe("");
          expect(readContents("ext4", file)).toBe(model.contents);
          expect(readdirSync(mountpoint).filter((entry) => entry.startsWith("sysrcd"))).toEqual([
            "sysrcd.bs",
          ]);
        });
      },
    );
  }

  test("a host that is mounted read-only is refused", () => {
    const model = modelOf("ext4");
    onHost(["mkfs.ext4", "-q"], 100, (file) => {
      run(["cp", model.model, file]);
      run(["mount", "-o", "remount,ro", mountpoint]);
      for (const words of [
        ["grow", file, 40],
        ["shrink", file, 12],
      ] as const) {
        const ended = call(...words);
        expect(ended).toMatchObject({ status: 8 });
        expect(ended.stderr).toContain("is mounted read-only");
      }
    });
  });

  // Each step that writes to the host meets a full one: the free space is reduced step by step.
  test("a host that fills up while a store shrinks or grows loses nothing", {
    timeout: 120_000,
  }, () => {
    const model = modelOf("ext4");
    onHost(["mkfs.ext4", "-q", "-m", "0"], 60, (file) => {
      run(["cp", "--sparse=never", model.model, file]);
      const filler = join(mountpoint, "filler");
      const statuses = new Set<number | null>();
      for (const left of [0, 4, 8, 16, 24, 48, 96, 200, 400]) {
        tryRun(["dd", "if=/dev/zero", `of=${filler}`, "bs=4096", "status=none"]);
        truncateSync(filler, Math.max(0, statSync(filler).size - left * 1024));
        run(["sync", "-f", mountpoint]);
        for (const words of [
          ["shrink", file, 12],
          ["grow", file, 30],
        ] as const) {
          const ended = call(...words);
          statuses.add(ended.status);
          expect([left, ended.status === 0 || ended.status === 7, ended.stderr]).toEqual([
            left,
            true,
            expect.anything(),
          ]);
          if (ended.status === 7) expect([12, 24, 30]).toContain(statSync(file).size / mebibyte);
        }
        rmSync(filler);
        expect([left, call("grow", file, 24).status === 1]).toEqual([left, false]);
        expect([left, complaints("ext4", file)]).toEqual([left, ""]);
        expect(readdirSync(mountpoint).filter((entry) => entry.startsWith("sysrcd"))).toEqual([
          "sysrcd.bs",
        ]);
        run(["cp", "--sparse=never", model.model, file]);
      }
      expect(statuses).toContain(7);
    });
  });
});

test("a size that is none is refused", () => {
  for (const size of ["", "0", "-1", "many", "1.2.3", "max 3"]) {
    expect(tryRun([program, "shrink", "/nowhere", "max"])).toMatchObject({ status: 2 });
    expect([size, tryRun([program, "grow", "/nowhere", size]).status]).toEqual([size, 2]);
  }
});
