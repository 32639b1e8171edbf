// "backstore create" with the real tools: its own checker and blkid confirm what was created, on
// every kind of host that this machine can mount; a failure leaves nothing.
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { findStoreType } from "../../src/core/file-systems/store-types.ts";
import { copyProgram, isRoot, rootNote, run, temporaryDirectory, tryRun } from "./programs.ts";

const mebibyte = 2 ** 20;
const directory = temporaryDirectory();
const timeout = 60_000;
const at = join(directory, "at");
const store = join(at, "sysrcd.bs");
const program = copyProgram(directory);
// Everybody may run it.
chmodSync(directory, 0o755);

beforeEach(() => {
  rmSync(at, { recursive: true, force: true });
  mkdirSync(at);
});

/** Runs a script in a private mount namespace, in the directory of the test; "at" is empty. */
function inMounts(script: string): string {
  return run(["unshare", "--mount", "sh", "-euc", `cd "$1"; ${script}`, "sh", directory]);
}

function create(...words: string[]) {
  return tryRun([program, "create", ...words]);
}

function blkid(path: string): Record<string, string> {
  // Spaces are escaped with a backslash.
  const text = run(["blkid", "-p", "-o", "export", path]).replaceAll("\\ ", " ");
  return Object.fromEntries(
    text
      .trim()
      .split("\n")
      .map((line) => line.split(/=(.*)/s)),
  );
}

describe("backstore create PATH SIZE", () => {
  const features = {
    ext2: "ext_attr resize_inode dir_index filetype sparse_super large_file",
    ext3: "has_journal ext_attr resize_inode dir_index filetype sparse_super large_file",
    ext4: "has_journal ext_attr resize_inode dir_index filetype extent flex_bg sparse_super large_file huge_file uninit_bg dir_nlink extra_isize",
  };
  const cases = [
    { type: "ext4", size: "64" },
    { type: "ext4", size: "8" },
    { type: "ext3", size: "64MiB" },
    { type: "ext2", size: "64M" },
    { type: "xfs", size: "300" },
    { type: "btrfs", size: "109" },
  ];
  for (const { type, size } of cases) {
    test(`makes ${type} of ${size} that its checker finds no fault with`, { timeout }, () => {
      const ended = create(at, size, "--type", type, "--label", "My label", "--json");
      expect([ended.status, ended.stderr]).toEqual([0, ""]);
      const made = JSON.parse(ended.stdout);
      const status = statSync(store);
      expect(status.size).toBe(Number.parseInt(size, 10) * mebibyte);
      expect(status.blocks * 512).toBeGreaterThanOrEqual(status.size);
      expect(status.mode & 0o7777).toBe(0o600);
      expect(blkid(store)).toMatchObject({ TYPE: type, LABEL: "My label", UUID: made.uuid });
      expect(tryRun([...(findStoreType(type)?.check(store) ?? [])]).status).toBe(0);
      expect(readdirSync(at)).toEqual(["sysrcd.bs"]);
    });
  }

  for (const [type, expected] of Object.entries(features)) {
    test(`makes ${type} as a system of ten years ago can use it, all of it for its user`, () => {
      expect(create(at, "256", "--type", type).status).toBe(0);
      const said = run(["dumpe2fs", "-h", store]);
      const field = (name: string) => new RegExp(`^${name}:\\s+(.*)$`, "m").exec(said)?.[1]?.trim();
      expect(field("Filesystem features")).toBe(expected);
      expect(field("Block size")).toBe("4096");
      expect(field("Inode size")).toBe("256");
      expect(field("Reserved block count")).toBe("0");
      expect(Number(field("Inode count"))).toBe(32768);
      // Its directory of blocks can grow with it while it is mounted.
      expect(Number(field("Reserved GDT blocks"))).toBeGreaterThan(0);
    });
  }

  for (const [type, least] of [
    ["ext4", 8],
    ["ext3", 8],
    ["ext2", 8],
    ["xfs", 300],
    ["btrfs", 109],
  ] as const) {
    test(`knows how small ${type} can be: the tool agrees`, { timeout }, () => {
      const ended = create(at, String(least - 1), "--type", type);
      expect([ended.status, ended.stderr]).toEqual([2, expect.stringContaining("needs at least")]);
      expect(create(at, String(least), "--type", type).status).toBe(0);
    });
  }

  test("leaves nothing for the kernel to initialise, which a stick's file system refuses", () => {
    run([program, "create", at, "300"]);
    const groups = run(["dumpe2fs", store]).match(/^Group .*/gm) ?? [];
    expect(groups.length).toBeGreaterThan(1);
    expect(groups.filter((line) => !line.includes("ITABLE_ZEROED"))).toEqual([]);
  });

  test("takes a path that is relative, or has spaces and letters of all kinds", () => {
    const name = "ä 'b' $(c) %20.bs";
    const ended = spawnSync(program, ["create", name, "16"], { cwd: at, encoding: "utf8" });
    expect([ended.status, withoutNote(ended.stderr)]).toEqual([0, ""]);
    expect(readdirSync(at)).toEqual([name]);
  });

  test.skipIf(!isRoot)(`needs no root and no PATH (setpriv needs root)${rootNote}`, () => {
    chownSync(at, 65534, 65534);
    const nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"];
    const ended = spawnSync("env", ["-i", ...nobody, program, "create", at, "64"], {
      encoding: "utf8",
    });
    expect([ended.status, withoutNote(ended.stderr)]).toEqual([0, ""]);
    expect(statSync(store).uid).toBe(65534);
    const root = run(["debugfs", "-R", "stat <2>", store]);
    expect(root).toMatch(/User:\s+0\s+Group:\s+0/);
  });

  test.skipIf(!isRoot)(`says which package is missing, before anything is made${rootNote}`, () => {
    const script = "mount -t tmpfs none /usr/sbin; ./backstore create at 64 || echo $?";
    const ended = tryRun(["unshare", "--mount", "sh", "-euc", `cd ${directory}; ${script}`]);
    expect(ended.stdout).toBe("3\n");
    expect(ended.stderr).toContain('"mkfs.ext4" is not installed');
    expect(ended.stderr).toContain('Hint: install the package "e2fsprogs"');
    expect(readdirSync(at)).toEqual([]);
  });

  test("of two at once, one has it and the other says so", { timeout }, async () => {
    const ended = await Promise.all([1, 2, 3, 4].map(() => finish(spawnCreate())));
    const statuses = ended.map(({ status }) => status).sort();
    expect(statuses[0]).toBe(0);
    // Later ones found it running, or done.
    for (const status of statuses.slice(1)) expect([5, 8]).toContain(status);
    expect(readdirSync(at)).toEqual(["sysrcd.bs"]);
    expect(tryRun(["e2fsck", "-f", "-n", store]).status).toBe(0);
  });

  test("ends by Ctrl-C, and removes what it has begun", { timeout }, async () => {
    const tools = join(directory, "interrupted");
    const started = join(directory, "at-work");
    mkdirSync(tools);
    run(["mkfifo", started]);
    const script = `#!/bin/sh\n[ "$1" = -V ] && exit\necho > ${started}\nread word < ${started}\n`;
    writeFileSync(join(tools, "mkfs.ext4"), script, { mode: 0o755 });
    // A terminal sends the signal to the whole foreground process group.
    const child = spawn(program, ["create", at, "64"], {
      env: { PATH: `${tools}:${process.env.PATH}` },
      stdio: ["ignore", "ignore", "pipe"],
      detached: true,
    });
    let said = "";
    child.stderr?.on("data", (part) => {
      said += part;
    });
    const ended = new Promise((resolve) => child.on("close", (status) => resolve(status)));
    run(["head", "-n", "1", started]);
    expect(readdirSync(at)).toEqual(["sysrcd.bs.backstore-new"]);
    process.kill(-(child.pid ?? 0), "SIGINT");
    expect(await ended).toBe(130);
    expect(said).toContain(`backstore: Interrupted: nothing is left of "${store}"\n`);
    expect(readdirSync(at)).toEqual([]);
    expect(create(at, "64").status).toBe(0);
    expect(readdirSync(at)).toEqual(["sysrcd.bs"]);
  });

  test("is kept out while the mkfs of a killed run goes on", { timeout }, async () => {
    const tools = join(directory, "tools");
    const [started, goOn] = [join(directory, "started"), join(directory, "go-on")];
    mkdirSync(tools);
    for (const fifo of [started, goOn]) run(["mkfifo", fifo]);
    const script = `#!/bin/sh\n[ "$1" = -V ] && exit\necho > ${started}\nread word < ${goOn}\necho > ${started}\n`;
    writeFileSync(join(tools, "mkfs.ext4"), script, { mode: 0o755 });
    const killed = spawnCreate(`${tools}:${process.env.PATH}`);
    run(["cat", started]);
    killed.kill("SIGKILL");
    await finish(killed);
    const second = create(at, "64");
    expect([second.status, second.stderr]).toEqual([
      5,
      expect.stringMatching(/the program "mkfs\.ext4" \(process \d+\) is working on "/),
    ]);
    writeSync(openSync(goOn, "w"), "now\n");
    run(["cat", started]);
    // It prints this just before it ends, and its lock is released then.
    run(["flock", at, "true"]);
    expect(create(at, "64").status).toBe(0);
    expect(readdirSync(at)).toEqual(["sysrcd.bs"]);
  });
});

function spawnCreate(path = process.env.PATH ?? ""): ChildProcess {
  return spawn(program, ["create", at, "64"], { env: { PATH: path }, stdio: "ignore" });
}

function finish(child: ChildProcess): Promise<{ status: number | null }> {
  return new Promise((resolve) => child.on("exit", (status) => resolve({ status })));
}

/** This machine's disk may be the one that the tests are on. */
function withoutNote(stderr: string): string {
  return stderr.replace(/^Note: .* the disk of the running system; .*\n/, "");
}

describe.skipIf(!isRoot)(`backstore create on hosts of each kind${rootNote}`, () => {
  const hosts = [
    { type: "ext4", bytes: 100, make: "mkfs.ext4 -q host.img", mount: "mount -o loop host.img at" },
    // Neither of these can allocate: zeros are written.
    { type: "ext3", bytes: 100, make: "mkfs.ext3 -q host.img", mount: "mount -o loop host.img at" },
    {
      type: "exfat",
      bytes: 100,
      make: "mkfs.exfat host.img",
      mount: "mount.exfat-fuse $(losetup --find --show host.img) at",
    },
    { type: "xfs", bytes: 320, make: "mkfs.xfs -q host.img", mount: "mount -o loop host.img at" },
    {
      type: "btrfs",
      bytes: 200,
      make: "mkfs.btrfs -q host.img",
      mount: "mount -o loop,compress-force=zlib host.img at",
    },
    { type: "tmpfs", bytes: 1, make: "true", mount: "mount -t tmpfs none at" },
  ];
  for (const { type, bytes, make, mount } of hosts) {
    test(`${type}: all of the store is allocated, and it is there after a remount`, {
      timeout,
    }, () => {
      const said = inMounts(`
        rm -f host.img; truncate -s ${bytes}M host.img; ${make} > /dev/null; ${mount} > /dev/null
        ./backstore create at 64 ${type === "tmpfs" ? "--force" : ""} > said 2>&1
        stat -c '%s %b' at/sysrcd.bs; ls -A at
        e2fsck -fn at/sysrcd.bs > /dev/null 2>&1; echo $?
        umount at; for loop in $(losetup -n -O NAME -j host.img); do losetup -d $loop; done`);
      const [first = "", ...others] = said.replace("lost+found\n", "").trim().split("\n");
      const [size = 0, blocks = 0] = first.split(" ").map(Number);
      expect(size).toBe(64 * mebibyte);
      expect(blocks * 512).toBeGreaterThanOrEqual(size);
      expect(others).toEqual(["sysrcd.bs", "0"]);
    });
  }

  const subvolumes = `rm -f host.img; truncate -s 320M host.img; mkfs.btrfs -q -L kept host.img > /dev/null
    mount -o loop host.img at; mkdir -p at/dir
    for name in @ @/nested @home; do btrfs subvolume create at/$name > /dev/null; done`;
  const defaults = [
    ["@", "@", "/@/my.bs", "/my.bs"],
    ["@", "@/nested", "/@/nested/my.bs", "/nested/my.bs"],
    ["@home", "", "/@home/my.bs", "/my.bs"],
    ["@", "@home", "/@home/my.bs", undefined],
    ["@", "", "/dir/my.bs", undefined],
    ["", "@home", "/@home/my.bs", "/@home/my.bs"],
  ] as const;
  for (const [first, mounted, place, told] of defaults)
    test(`btrfs with the default subvolume "${first}", and "${mounted}" mounted: ${place} is told as a boot sees it`, {
      timeout,
    }, () => {
      const path = mounted === "" ? place : place.slice(mounted.length + 1);
      const said = inMounts(`${subvolumes}
        btrfs subvolume set-default at/${first}; umount at
        mount -o loop,subvol=/${mounted} host.img at
        ./backstore create at${path} 24 --json; umount at
        mount -o loop host.img at; ls at${told ?? ""} > /dev/null; umount at`);
      const { options, notes } = JSON.parse(said);
      expect(options).toBe(told === undefined ? null : `backstore=${told}`);
      const shown = expect.stringContaining(`shows its subvolume "/${first}"`);
      expect(notes).toEqual(told === undefined ? [shown] : []);
    });

  for (const [first, directory] of [
    ["@", "@/store"],
    ["@", "@home/store"],
    ["", "@home/store"],
  ] as const)
    test(`btrfs with the default subvolume "${first}": the options for the directory ${directory} lead a boot to it`, {
      timeout,
    }, () => {
      const created = inMounts(`${subvolumes}
        btrfs subvolume set-default at/${first}; umount at; mount -o loop,subvol=/ host.img at
        ./backstore create --directory at/${directory} --json; umount at`);
      const { options } = JSON.parse(created);
      const said = inMounts(`./backstore list --image host.img --json --cmdline '${options}'`);
      expect(JSON.parse(said).boot).toMatchObject({ session: "persistent" });
    });

  test("a full host: it says how much would fit, and that fits", { timeout }, () => {
    const said = inMounts(`
      rm -f host.img; truncate -s 40M host.img; mkfs.ext4 -q host.img; mount -o loop host.img at
      ./backstore create at 64 2>&1 || echo "status $?"; ls -A at
      ./backstore create at max > /dev/null; stat -c '%s' at/sysrcd.bs; stat -f -c '%a' at
      umount at; rm host.img`);
    const most = Number(/at most (\d+) MiB/.exec(said)?.[1]);
    const lines = said.trim().split("\n");
    expect(lines.slice(2, 4)).toEqual(["status 7", "lost+found"]);
    expect(Number(lines[4])).toBe(most * mebibyte);
    expect(Number(lines[5])).toBeGreaterThan(0);
  });

  test("what a store was promised it has, when its host is full", { timeout }, () => {
    const said = inMounts(`
      mkdir -p inner; rm -f host.img; truncate -s 100M host.img; mkfs.ext4 -q host.img; mount -o loop host.img at
      ./backstore create at 64 > /dev/null
      cat /dev/zero > at/fill 2> /dev/null || true; sync -f at
      mount -o loop at/sysrcd.bs inner
      head -c 40M /dev/urandom > inner/file; sync -f inner; sha256sum < inner/file
      umount inner; umount at; mount -o loop host.img at; mount -o loop at/sysrcd.bs inner
      sha256sum < inner/file; umount inner; umount at; rm host.img`);
    const [before, after] = said.trim().split("\n");
    expect(before).toMatch(/^[0-9a-f]{64}/);
    expect(after).toBe(before);
  });

  const filling = [
    { type: "ext4", megabytes: 64 },
    { type: "xfs", megabytes: 320 },
    { type: "btrfs", megabytes: 320 },
  ];
  for (const { type, megabytes } of filling) {
    for (const [when, word] of [
      ["before the first byte, after it was looked at", "-V"],
      ["while mkfs is at work", "-q"],
    ]) {
      test(`${type}: a host that somebody fills up ${when}`, { timeout }, () => {
        const said = inMounts(`
          rm -rf host.img full; truncate -s ${megabytes}M host.img; mkfs.${type} -q host.img > /dev/null
          mount -o loop host.img at; mkdir full
          cat > full/mkfs.ext4 <<-'END'
			#!/bin/sh
			[ "$1" = ${word} ] && { cat /dev/zero > at/fill; sync -f at; } 2> /dev/null
			exec /usr/sbin/mkfs.ext4 "$@"
			END
          chmod 755 full/mkfs.ext4; PATH=$PWD/full:$PATH ./backstore create at 32 2>&1 || echo "status $?"
          ls -A at; e2fsck -fn at/sysrcd.bs > /dev/null 2>&1 && echo whole
          umount at; rm -r full`);
        const left = said.replace("lost+found\n", "");
        if (word === "-V")
          expect(left).toMatch(/: no space left on device\nHint: free .*\nstatus 7\nfill\n$/);
        else expect(left).toMatch(/without any option.*\nfill\nsysrcd.bs\nwhole\n$/);
      });
    }
  }

  test("a host that is read-only is left so", { timeout }, () => {
    const said = inMounts(`
      rm -f host.img; truncate -s 40M host.img; mkfs.ext4 -q host.img; mount -o loop,ro host.img at
      ./backstore create at 16 2>&1 || echo "status $?"; umount at; rm host.img`);
    expect(said).toContain(`"${at}" is mounted read-only`);
    expect(said).toContain("status 8");
  });

  test("the session's own medium is made writable for the moment", { timeout }, () => {
    const medium = "/run/initramfs/backstore/medium";
    const said = inMounts(`
      mount -t tmpfs none /run; mkdir -p ${medium}
      rm -f host.img; truncate -s 40M host.img; mkfs.ext4 -q host.img
      loop=$(losetup --find --show host.img); mount -o ro,nodev,noatime $loop ${medium}
      ./backstore create ${medium} 16; ls ${medium}; findmnt -no OPTIONS ${medium}
      umount ${medium}; losetup -d $loop`);
    expect(said).toContain("Found at boot without any option");
    const options = said.trim().split("\n").at(-1)?.split(",");
    expect(options).toEqual(expect.arrayContaining(["ro", "nodev", "noatime"]));
  });
});

describe.skipIf(!isRoot)(`backstore create --device${rootNote}`, () => {
  /** Runs a script in which $disk is a loop device. */
  function onDisk(script: string, megabytes = 320): string {
    return inMounts(`rm -f disk.img; truncate -s ${megabytes}M disk.img
      disk=$(losetup --find --show disk.img); trap 'blockdev --setrw $disk; losetup -d $disk' EXIT
      ${script}`);
  }

  for (const type of ["ext4", "ext3", "ext2", "xfs", "btrfs"]) {
    test(`makes ${type}, and the next asks for its name`, { timeout }, () => {
      const said = onDisk(`
        ./backstore create --device $disk --label changes --type ${type}
        blkid -p -s TYPE -s LABEL -o value $disk
        ./backstore create --device $disk --label other --yes 2>&1 || echo "status $?"
        ./backstore create --device $disk --label other --erase changes > /dev/null
        blkid -p -s TYPE -s LABEL -o value $disk`);
      expect(said).toContain("Found at boot with the option: cow_label=changes\n");
      expect(said).toContain(`\nchanges\n${type}\n`);
      expect(said).toContain("status 8");
      expect(said.trim().split("\n").slice(-2)).toEqual(["other", "ext4"]);
    });
  }

  const contents = [
    {
      name: "a partition table",
      make: "echo 'label: gpt' | sfdisk -q $disk",
      agree: "--erase gpt",
    },
    { name: "swap", make: "mkswap -q -L mine $disk", agree: "--erase mine" },
    {
      name: "LUKS",
      make: "echo x | cryptsetup -q luksFormat --pbkdf pbkdf2 --pbkdf-force-iterations 1000 --label safe $disk",
      agree: "--erase safe",
    },
    {
      name: "an LVM volume",
      make: "pvcreate -qq -y $disk > /dev/null 2>&1",
      agree: "--erase $(blkid -p -s UUID -o value $disk)",
    },
    {
      name: "what only wipefs knows",
      make: "printf '\\316\\372\\255\\033' > $disk",
      agree: "--erase bfs",
    },
    { name: "bytes that nobody knows", make: "echo words > $disk", agree: "--yes" },
    {
      name: "bytes at its end",
      make: "echo words | dd of=$disk bs=1M seek=23 conv=notrunc status=none",
      agree: "--yes",
    },
  ];
  for (const { name, make, agree } of contents) {
    test(`does not take ${name} for nothing, and takes it when told so`, { timeout }, () => {
      const script = `${make}
        sha256sum < $disk; ./backstore create --device $disk --label x 2>&1 || echo "status $?"
        sha256sum < $disk
        ./backstore create --device $disk --label x ${agree} > /dev/null
        blkid -p -s TYPE -s LABEL -o value $disk`;
      const said = onDisk(script, 24);
      const lines = said.trim().split("\n");
      expect(said).toMatch(/which would be lost/);
      expect(lines.at(-4)).toBe("status 8");
      expect(lines.at(-3)).toBe(lines[0]);
      expect(lines.slice(-2)).toEqual(["x", "ext4"]);
    });
  }

  const uses = [
    {
      name: "mounted",
      script: "mkfs.ext4 -q -L data $disk; mount $disk at; TRY; umount at",
      says: /is mounted on/,
    },
    {
      name: "swapped on",
      script: "mkswap -q -L data $disk; swapon $disk; TRY; swapoff $disk",
      says: /is used as swap/,
    },
    {
      name: "shown by a loop device",
      script:
        "mkfs.ext4 -q -L data $disk; second=$(losetup --find --show $disk); TRY; losetup -d $second",
      says: /is in use by \/dev\/loop/,
    },
    {
      name: "mounted where it cannot be seen",
      script:
        "mkfs.ext4 -q -L data $disk; mount --make-rprivate /; unshare --mount sh -euc 'mount $0 at; nsenter --mount=/proc/$PPID/ns/mnt sh -c \"cd $(pwd); $1\"; umount at' $disk 'TRY'",
      says: /is mounted on ".*\/at" for the program "\w+" \(process \d+\)/,
    },
    {
      name: "given to a virtual machine",
      script:
        "mkfs.ext4 -q -L data $disk; qemu-system-x86_64 -machine none -nodefaults -display none -drive if=none,format=raw,file=$disk -daemonize -pidfile pid; TRY; kill $(cat pid); while kill -0 $(cat pid) 2> /dev/null; do sleep 0.05; done",
      says: /in use by the program "qemu-system-x86" \(process \d+\)/,
    },
  ];
  for (const { name, script, says } of uses) {
    test(`never writes to one that is ${name}`, { timeout }, () => {
      const attempt =
        "./backstore create --device $disk --label x --erase data --yes 2>&1 || echo status $?";
      const said = onDisk(
        `export disk; ${script.replace("TRY", attempt)}; blkid -p -s LABEL -o value $disk`,
      );
      expect(said).toMatch(says);
      expect(said.trim().split("\n").slice(-2)).toEqual(["status 5", "data"]);
    });
  }

  test("refuses a write-protected one", { timeout }, () => {
    const said = onDisk(
      "blockdev --setro $disk; ./backstore create --device $disk --label x 2>&1 || echo status $?",
    );
    expect(said).toMatch(/it is write-protected\n(Hint.*\n)?status 8\n$/);
  });
});

describe.skipIf(!isRoot)(`backstore create --directory${rootNote}`, () => {
  for (const type of ["ext4", "xfs", "btrfs"]) {
    test(`makes a directory on ${type} that a boot can name`, { timeout }, () => {
      const said = inMounts(`
        rm -f host.img; truncate -s 320M host.img; mkfs.${type} -q -L "my disk" host.img; mount -o loop host.img at
        mkdir at/persistent_X; ./backstore create --directory at/persistent_X/x86_64; stat -c %a at/persistent_X/x86_64
        umount at; rm host.img`);
      expect(said).toContain(
        'options: cow_label="my disk" cow_directory=persistent_X/x86_64\n700\n',
      );
    });
  }

  test("refuses a file system that an overlay cannot use, and what is not empty", {
    timeout,
  }, () => {
    const said = inMounts(`
      mount -t tmpfs none at; ./backstore create --directory at/a 2>&1 || echo "status $?"; umount at
      rm -f host.img; truncate -s 40M host.img; mkfs.ext4 -q host.img; mount -o loop host.img at
      mkdir at/full; : > at/full/letter
      ./backstore create --directory at/full 2>&1 || echo "status $?"; umount at; rm host.img`);
    expect(said).toMatch(
      /tmpfs does not support[\s\S]*status 8[\s\S]*it contains "letter"[\s\S]*status 8/,
    );
  });
});

test("sysresccd-backstore is create and grow, as the first generation's manual has it", () => {
  const old = join(directory, "sysresccd-backstore");
  if (!existsSync(old)) copyFileSync(program, old);
  expect(tryRun([old, "create", `${at}/`, "16"]).status).toBe(0);
  expect(blkid(store)).toMatchObject({ TYPE: "ext4" });
  const refused = tryRun([old, "list"]);
  expect([refused.status, refused.stderr]).toEqual([
    2,
    expect.stringContaining('called as "sysresccd-backstore", the program only creates and grows'),
  ]);
  expect(tryRun([old, "--help"]).stdout).toContain("sysresccd-backstore create PATH MB");
  expect(tryRun([old]).status).toBe(2);
});
