// The user of a file or device that is refused, on machines in memory whose /proc lists programs.
import { describe, expect, test } from "vitest";
import type { System } from "../../../src/system/port/system.ts";
import { findLocker, findMounter } from "../../../src/system/usage/find-holder.ts";
import { findLastingLoops } from "../../../src/system/usage/loops-on.ts";
import { nameHolder } from "../../../src/system/usage/name-holder.ts";
import { ext4 } from "../../support/call.ts";
import type { Disk } from "../../support/memory/disks.ts";
import { file, link, type Tree } from "../../support/memory/entry.ts";
import { createMemory } from "../../support/memory.ts";

const disk: Disk = { name: "sda", content: ext4("disk") };

/** Makes a process that has a file open and sees a mount. */
function program(name: string, { opens, mountinfo }: { opens?: string; mountinfo?: string }): Tree {
  return {
    comm: `${name}\n`,
    fd: opens === undefined ? {} : { "7": link(opens) },
    mountinfo: mountinfo ?? "22 1 0:5 / / rw - rootfs rootfs rw\n",
  };
}

function machine(proc: Tree = {}, disks: readonly Disk[] = [disk]): System {
  const files = { at: {}, mnt: {}, store: {}, "sysrcd.bs": file(ext4("")) };
  const { system } = createMemory({ files, disks, proc });
  return system;
}

function attach(system: System, target?: string): void {
  system.withLoop({ file: "/sysrcd.bs", readonly: false }, (source) => {
    if (target !== undefined) system.mount({ source, target, type: "ext4" });
  });
}

/** Makes a process that has the file open, and what the kernel tells of that. */
function opener(name: string, told: string): Tree {
  return { ...program(name, { opens: "/sysrcd.bs" }), fdinfo: { "7": `pos:\t0\n${told}` } };
}

/** Returns the line of /proc/locks for a file. */
function lockLine(kind: string, process: number): (system: System) => string {
  return (system) => {
    const { device, inode } = system.status("/sysrcd.bs") ?? { device: 0, inode: 0 };
    const numbers = [Math.floor(device / 256) % 4096, device % 256].map((part) =>
      part.toString(16).padStart(2, "0"),
    );
    return `1: ${kind}  ADVISORY  READ ${process} ${numbers.join(":")}:${inode} 100 101\n`;
  };
}

describe("nameHolder()", () => {
  test("nameHolder() says nothing where nobody uses it", () => {
    const system = machine({ "12": program("sh", { opens: "/other" }) });
    expect([nameHolder(system, "/sysrcd.bs"), nameHolder(system, "/dev/sda")]).toEqual([
      undefined,
      undefined,
    ]);
  });

  test("nameHolder() names the mount of a device", () => {
    const system = machine();
    system.mount({ source: "/dev/sda", target: "/mnt", type: "ext4" });
    expect(nameHolder(system, "/dev/sda")).toEqual({
      reason: 'it is mounted on "/mnt"',
      hint: 'unmount it first: umount "/mnt"',
    });
  });

  test("nameHolder() names the mount of a file, and the loop device between them", () => {
    const system = machine();
    attach(system, "/mnt");
    expect(nameHolder(system, "/sysrcd.bs")?.reason).toMatch(
      /^it is mounted on "\/mnt" through \/dev\/loop\d$/,
    );
  });

  test("nameHolder() names the running session", () => {
    const system = machine();
    for (const path of ["/run/initramfs", "/run/initramfs/backstore"])
      system.makeDirectory(path, 0o755);
    system.makeDirectory("/run/initramfs/backstore/store", 0o755);
    attach(system, "/run/initramfs/backstore/store");
    expect(nameHolder(system, "/sysrcd.bs")).toEqual({
      reason: expect.stringMatching(
        /^the running session uses it \(mounted on "\/run\/backstore\/store" through \/dev\/loop\d\)$/,
      ),
      hint: "boot with backstore=off and try again",
    });
  });

  const claimed: Disk = { ...disk, isClaimed: true };
  const number = machine({}, [claimed]).status("/dev/sda")?.deviceNumber ?? 0;
  const numbers = `${Math.floor(number / 256)}:${number % 256}`;
  const holders: readonly (readonly [is: string, proc: Tree, reason: string])[] = [
    [
      "the mount that only another program sees",
      {
        "1": program("init", {}),
        "77": program("sh", { mountinfo: `30 22 ${numbers} / /a\\040b rw - ext4 /dev/x rw\n` }),
      },
      'it is mounted on "/a b" for the program "sh" (process 77)',
    ],
    [
      "the program that has it open",
      { "1": program("init", {}), "123": program("qemu", { opens: "/dev/sda" }) },
      'it is in use by the program "qemu" (process 123)',
    ],
    ["nobody that it knows", {}, "it is in use by another program"],
  ];
  for (const [is, proc, reason] of holders)
    test(`nameHolder() names ${is}, where the kernel says no more than busy`, () => {
      expect(nameHolder(machine(proc, [claimed]), "/dev/sda")?.reason).toBe(reason);
    });

  const locks: readonly (readonly [kind: string, process: number, reason: string | undefined])[] = [
    ["OFDLCK", -1, 'it is in use by the program "qemu" (process 123)'],
    ["POSIX", 123, 'it is in use by the program "qemu" (process 123)'],
    ["POSIX", 9, "it is in use by another program"],
    // Of the whole file: the commands' own locks, which are reported where they are taken.
    ["FLOCK", 123, undefined],
  ];
  for (const [kind, process, reason] of locks)
    test(`nameHolder() takes a lock of the kind ${kind} of process ${process} for ${reason ?? "nobody's use"}`, () => {
      const opener = process === 9 ? {} : { "123": program("qemu", { opens: "/sysrcd.bs" }) };
      const system = machine({ locks: "", ...opener });
      system.removeFile("/proc/locks");
      system.writeFile("/proc/locks", lockLine(kind, process)(system));
      expect(nameHolder(system, "/sysrcd.bs")?.reason).toBe(reason);
    });
});

describe("on a file system whose number is none that its files have", () => {
  const ofFile = "READ 0 00:27:257 100 101";
  const told: readonly (readonly [is: string, lock: string, name: string])[] = [
    ["a lock of its own", `lock:\t1: POSIX  ADVISORY  ${ofFile.replace("0", "123")}`, "qemu"],
    ["a lock without an owner", `lock:\t1: OFDLCK ADVISORY  ${ofFile.replace("0", "-1")}`, "qemu"],
    ["a lock of a process that ended", `lock:\t1: POSIX  ADVISORY  ${ofFile}`, "qemu"],
    ["a lock of the whole file alone", `lock:\t1: FLOCK  ADVISORY  ${ofFile}`, "less"],
    ["no lock that is told", "", "less"],
  ];
  for (const [is, lock, name] of told)
    test(`nameHolder() asks the programs that have the file open: ${is}`, () => {
      const system = machine({
        locks: "",
        "12": opener("less", ""),
        "123": opener("qemu", `${lock}\n`),
      });
      const { inode = 0 } = system.status("/sysrcd.bs") ?? {};
      system.removeFile("/proc/locks");
      system.writeFile("/proc/locks", `1: OFDLCK ADVISORY  READ -1 00:27:${inode} 100 101\n`);
      expect(nameHolder(system, "/sysrcd.bs")?.reason).toMatch(
        `it is in use by the program "${name}"`,
      );
    });

  const whole = "lock:\t1: FLOCK  ADVISORY  WRITE 123 00:27:257 0 EOF\n";
  const lockers: readonly (readonly [is: string, proc: Tree, locker: string | undefined])[] = [
    ["the program that took the lock", { "123": opener("flock", whole) }, '"flock" (process 123)'],
    ["its child, if it has ended", { "124": opener("tail", whole) }, '"tail" (process 124)'],
    ["nobody who has it open without a lock", { "12": opener("less", "") }, undefined],
  ];
  for (const [is, proc, locker] of lockers)
    test(`findLocker() names ${is}`, () => {
      const said = locker === undefined ? undefined : `the program ${locker}`;
      expect(findLocker(machine(proc), "/sysrcd.bs")).toBe(said);
    });

  const table = "30 22 0:39 / /a rw - btrfs /dev/sda rw\n";
  const mounters: readonly (readonly [is: string, mountinfo: string, told: string | undefined])[] =
    [
      ["is", table, 'mounted on "/a" for the program "sh" (process 77)'],
      ["only calls itself so is not", table.replace("btrfs", "tmpfs"), undefined],
      ["is of another device is not", table.replace("sda", "sdb"), undefined],
    ];
  for (const [is, mountinfo, told] of mounters)
    test(`findMounter() knows a btrfs by its source: what ${is}`, () => {
      expect(findMounter(machine({ "77": program("sh", { mountinfo }) }), "/dev/sda")).toBe(told);
    });
});

describe("findLastingLoops()", () => {
  test("findLastingLoops() waits for what has been looking, and for nothing that stays", () => {
    const system = machine();
    const attached = (readonly: boolean, use: (loop: string) => number) =>
      system.withLoop({ file: "/sysrcd.bs", readonly }, use);
    const waited = (loop: string) => {
      const before = system.uptimeMs();
      expect(findLastingLoops(system, "/sysrcd.bs")).toEqual([loop]);
      return system.uptimeMs() - before;
    };
    expect(attached(false, waited)).toBe(0);
    expect(attached(true, waited)).toBeGreaterThanOrEqual(1000);
    expect(findLastingLoops(system, "/sysrcd.bs")).toEqual([]);
  });
});
