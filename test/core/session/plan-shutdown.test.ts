// What is left of a session when systemd hands over, and what is done with it, for each kind of
// session. The mounts are those of real sessions, without those of the kernel's own file systems
// that do not matter here.
import fc from "fast-check";
import { expect, describe as group, test } from "vitest";
import type { Mount } from "../../../src/core/kernel/mount-table.ts";
import {
  type EndedRecord,
  findStorePlace,
  hasStore,
  planForcedShutdown,
  planShutdown,
} from "../../../src/core/session/plan-shutdown.ts";
import { describe, type Step } from "../../../src/core/steps/step.ts";

/** The mounts of this program's root: systemd 252 binds them one by one. */
const own = ["/ tmpfs rw", "/sys sysfs rw", "/dev devtmpfs rw", "/run tmpfs rw", "/proc proc rw"];
/**
 * The boot mounts them before the overlay and moves them into it, so they come before it in the
 * table.
 */
const kernel = ["/oldroot/proc proc rw", "/oldroot/dev devtmpfs rw", "/oldroot/run tmpfs rw"];
const overlay = "/oldroot backstore rw";
const at = "/oldroot/run/initramfs/backstore";
const medium = `${at}/medium /dev/sda1 ro`;
const base = `${at}/base /dev/loop0 ro`;
const memory = `${at}/memory backstore rw`;
/** systemd makes everything read-only that it cannot unmount, if possible. */
const store = `${at}/store /dev/sdb1 ro`;

const kernelSteps = ['unmount "/oldroot/dev"', 'unmount "/oldroot/proc"'];
const oldRootSteps = ['unmount "/oldroot/run" (or stop)', 'unmount "/oldroot" (or stop)'];

function moves(...names: readonly string[]): string[] {
  return names.map((name) => `move the mount "${at}/${name}" to "/backstore/${name}"`);
}

function endsOf(...names: readonly string[]): string[] {
  return names.map((name) => `unmount "/backstore/${name}"`);
}

/** Returns the plan for a session in which nobody mounted anything else. */
function takenDown(names: readonly string[], ends: readonly string[]): string[] {
  return [...kernelSteps, ...moves(...names), ...oldRootSteps, ...ends];
}

interface Case {
  readonly is: string;
  readonly mounted: readonly string[];
  readonly loops?: readonly string[];
  readonly files?: Readonly<Record<string, string>>;
  readonly record?: EndedRecord;
  readonly steps: readonly string[];
}

// live-boot's own mounts, twice; the session's medium and base are binds of them.
const liveBoot = [
  "/oldroot/run/live/medium /dev/sda1 ro",
  "/oldroot/run/live/rootfs/f /dev/loop0 ro",
  "/oldroot/run/live/overlay tmpfs rw",
  "/oldroot/usr/lib/live/mount tmpfs rw",
  "/oldroot/usr/lib/live/mount/medium /dev/sda1 ro",
];
const liveImage = "/oldroot/run/live/medium/live/f.squashfs";

const cases: readonly Case[] = [
  {
    is: "unmounts modules before the medium that carries them",
    mounted: [
      ...kernel,
      `${at}/copy backstore rw`,
      store,
      medium,
      base,
      `${at}/srm1 /dev/loop1 ro`,
      `${at}/srm2 /dev/loop2 ro`,
      overlay,
      ...own,
    ],
    steps: takenDown(
      ["store", "base", "srm1", "srm2", "copy", "medium"],
      endsOf("store", "base", "srm1", "srm2", "copy", "medium"),
    ),
  },
  {
    is: "moves the medium that another initramfs has mounted out of the way, and unmounts it last",
    mounted: [...kernel, ...liveBoot, store, medium, base, overlay, ...own],
    loops: ["/dev/loop0"],
    files: { "/dev/loop0": liveImage },
    steps: [
      'unmount "/oldroot/usr/lib/live/mount/medium"',
      'unmount "/oldroot/usr/lib/live/mount"',
      'unmount "/oldroot/run/live/rootfs/f"',
      'unmount "/oldroot/run/live/overlay"',
      ...kernelSteps,
      ...moves("store", "base", "medium"),
      'create the directory "/backstore/carrier-1"',
      'move the mount "/oldroot/run/live/medium" to "/backstore/carrier-1"',
      ...oldRootSteps,
      ...endsOf("store", "base", "medium", "carrier-1"),
    ],
  },
  {
    is: "makes new places where the session's directory is a mount, which goes with the old root",
    mounted: [...kernel, `${at} backstore rw`, store, medium, base, overlay, ...own],
    steps: [
      ...kernelSteps,
      ...["store", "base", "medium"].flatMap((name) => [
        `create the directory "/backstore/${name}"`,
        ...moves(name),
      ]),
      `unmount "${at}" (or stop)`,
      ...oldRootSteps,
      ...endsOf("store", "base", "medium"),
    ],
  },
  {
    is: "follows an image in an image to the medium, and goes on with what was moved before",
    mounted: [
      ...kernel,
      "/oldroot/run/live /dev/sda1 ro",
      "/backstore/carrier-1 /dev/loop0 ro",
      "/backstore/base /dev/loop1 ro",
      overlay,
      ...own,
    ],
    loops: ["/dev/loop0", "/dev/loop1"],
    files: {
      "/dev/loop1": "/backstore/carrier-1/LiveOS/rootfs.img",
      "/dev/loop0": "/oldroot/run/live/LiveOS/squashfs.img",
    },
    steps: [
      ...kernelSteps,
      'create the directory "/backstore/carrier-2"',
      'move the mount "/oldroot/run/live" to "/backstore/carrier-2"',
      ...oldRootSteps,
      ...endsOf("base", "carrier-1", "carrier-2"),
    ],
  },
  {
    is: "puts a directory store away first, once the overlay is gone",
    mounted: [...kernel, store, medium, base, overlay, ...own],
    loops: ["/dev/loop0"],
    steps: takenDown(["store", "base", "medium"], endsOf("store", "base", "medium")),
  },
  {
    is: "writes a store out that systemd could not make read-only",
    mounted: [...kernel, `${at}/store /dev/sdb1 rw,noatime`, medium, base, overlay, ...own],
    loops: ["/dev/loop0"],
    steps: takenDown(
      ["store", "base", "medium"],
      ['sync the file system of "/backstore/store" to disk', ...endsOf("store", "base", "medium")],
    ),
  },
  {
    is: "marks the session as ended, for which what systemd made read-only is writable for the moment",
    mounted: [...kernel, store, medium, base, overlay, ...own],
    loops: ["/dev/loop0"],
    record: { path: "persistent_R/x86_64/backstore.json", text: "{}" },
    steps: takenDown(
      ["store", "base", "medium"],
      [
        'remount "/backstore/store" read-write',
        'write "/backstore/store/persistent_R/x86_64/backstore.json" (2 B)',
        'sync the file system of "/backstore/store" to disk',
        ...endsOf("store", "base", "medium"),
      ],
    ),
  },
  {
    is: "marks the session as ended in a file store that is still writable",
    mounted: [
      ...kernel,
      `${at}/host /dev/sdb1 rw`,
      `${at}/store /dev/loop0 rw`,
      medium,
      `${at}/base /dev/loop1 ro`,
      overlay,
      ...own,
    ],
    loops: ["/dev/loop0", "/dev/loop1"],
    record: { path: "backstore.json", text: "{}" },
    steps: takenDown(
      ["store", "base", "medium", "host"],
      [
        'write "/backstore/store/backstore.json" (2 B)',
        'sync the file system of "/backstore/store" to disk',
        ...endsOf("store", "base", "medium", "host"),
      ],
    ),
  },
  {
    is: "marks nothing where the store is gone already",
    mounted: [overlay, ...own],
    record: { path: "backstore.json", text: "{}" },
    steps: ['unmount "/oldroot" (or stop)'],
  },
  {
    is: "unmounts a host that a loop device shows of a disk before the mount with that disk's node",
    mounted: [
      ...kernel,
      `${at}/host /dev/loop2 rw`,
      `${at}/store /dev/loop1 ro`,
      medium,
      base,
      overlay,
      ...own,
    ],
    loops: ["/dev/loop0", "/dev/loop1", "/dev/loop2"],
    files: { "/dev/loop1": `${at}/host/sysrcd.bs`, "/dev/loop2": "/oldroot/dev/sda" },
    steps: [
      'unmount "/oldroot/proc"',
      ...moves("store", "base", "medium", "host"),
      'create the directory "/backstore/carrier-1"',
      'move the mount "/oldroot/dev" to "/backstore/carrier-1"',
      ...oldRootSteps,
      ...endsOf("store", "base", "medium", "host", "carrier-1"),
    ],
  },
  {
    is: "puts a file store away before the host it lies on",
    mounted: [
      ...kernel,
      `${at}/host /dev/sdb1 rw`,
      `${at}/store /dev/loop0 ro`,
      medium,
      `${at}/base /dev/loop1 ro`,
      overlay,
      ...own,
    ],
    loops: ["/dev/loop0", "/dev/loop1"],
    steps: takenDown(
      ["store", "base", "medium", "host"],
      endsOf("store", "base", "medium", "host"),
    ),
  },
  {
    is: "takes a medium that is the store's file system like any other",
    mounted: [...kernel, store, `${at}/medium /dev/sdb1 ro`, base, overlay, ...own],
    loops: ["/dev/loop0"],
    steps: takenDown(["store", "base", "medium"], endsOf("store", "base", "medium")),
  },
  {
    is: "frees the memory of a volatile session",
    mounted: [...kernel, medium, base, memory, overlay, ...own],
    loops: ["/dev/loop0"],
    steps: takenDown(["base", "memory", "medium"], endsOf("base", "memory", "medium")),
  },
  {
    is: "takes down a read-only session, which has a store and memory",
    mounted: [...kernel, store, medium, base, memory, overlay, ...own],
    loops: ["/dev/loop0"],
    steps: takenDown(
      ["store", "base", "memory", "medium"],
      endsOf("store", "base", "memory", "medium"),
    ),
  },
  {
    is: "unmounts a base that was copied into memory before its copy",
    mounted: [...kernel, `${at}/copy backstore rw`, base, memory, overlay, ...own],
    loops: ["/dev/loop0"],
    steps: takenDown(["base", "memory", "copy"], endsOf("base", "memory", "copy")),
  },
  {
    is: "unmounts a base before the image that is around it",
    mounted: [
      ...kernel,
      medium,
      `${at}/image /dev/loop0 ro`,
      `${at}/base /dev/loop1 ro`,
      memory,
      overlay,
      ...own,
    ],
    loops: ["/dev/loop0", "/dev/loop1"],
    steps: takenDown(
      ["base", "image", "memory", "medium"],
      endsOf("base", "image", "memory", "medium"),
    ),
  },
  {
    is: "begins with what people mounted and attached",
    mounted: [
      ...kernel,
      store,
      medium,
      base,
      overlay,
      "/oldroot/mnt/usb /dev/sdc1 rw",
      "/oldroot/mnt/usb/image /dev/loop7 rw",
      "/oldroot/run/media/stick /dev/sdd1 rw",
      ...own,
    ],
    loops: ["/dev/loop0", "/dev/loop7", "/dev/loop8"],
    steps: [
      'detach "/dev/loop7" from its file',
      'detach "/dev/loop8" from its file',
      'unmount "/oldroot/run/media/stick"',
      'unmount "/oldroot/mnt/usb/image"',
      'unmount "/oldroot/mnt/usb"',
      ...takenDown(["store", "base", "medium"], endsOf("store", "base", "medium")),
    ],
  },
  {
    is: "unmounts the last of several mounts at one place first",
    mounted: [
      ...kernel,
      overlay,
      "/oldroot/mnt /dev/sdc1 rw",
      "/oldroot/mnt /dev/sdd1 rw",
      "/oldroot/mnt/deeper /dev/sde1 rw",
      ...own,
    ],
    steps: [
      'unmount "/oldroot/mnt/deeper"',
      'unmount "/oldroot/mnt"',
      'unmount "/oldroot/mnt"',
      'unmount "/oldroot/run"',
      ...kernelSteps,
      'unmount "/oldroot" (or stop)',
    ],
  },
  {
    is: "unmounts what is mounted on or in a part before moving it",
    mounted: [
      ...kernel,
      store,
      `${at}/store/more /dev/sdc1 rw`,
      medium,
      `${at}/medium tmpfs rw`,
      base,
      overlay,
      ...own,
    ],
    loops: ["/dev/loop0"],
    steps: [
      `unmount "${at}/store/more"`,
      `unmount "${at}/medium"`,
      ...takenDown(["store", "base", "medium"], endsOf("store", "base", "medium")),
    ],
  },
  {
    is: "moves nothing where systemd has bound the parts into the new root, as 257 does",
    mounted: [
      ...kernel,
      store,
      medium,
      base,
      overlay,
      "/ tmpfs rw",
      "/backstore/store /dev/sdb1 ro",
      "/backstore/medium /dev/sda1 ro",
      "/backstore/base /dev/loop0 ro",
      "/dev devtmpfs rw",
      "/dev/pts devpts rw",
      "/sys sysfs rw",
      "/sys/fs/cgroup cgroup2 rw",
      "/proc proc rw",
      "/run tmpfs rw",
      "/run/credentials ramfs rw",
    ],
    loops: ["/dev/loop0"],
    steps: [
      `unmount "${at}/base"`,
      `unmount "${at}/medium"`,
      `unmount "${at}/store"`,
      'unmount "/run/credentials"',
      'unmount "/oldroot/run"',
      ...kernelSteps,
      'unmount "/oldroot" (or stop)',
      ...endsOf("store", "base", "medium"),
    ],
  },
  {
    is: "leaves the parts where they are when the root was not changed",
    mounted: ["/proc proc rw", "/run tmpfs rw", "/run/initramfs/backstore/store /dev/sdb1 ro"],
    steps: ['unmount "/run/initramfs/backstore/store"'],
  },
  {
    is: "takes nothing for a part that only has a name like one",
    mounted: [
      overlay,
      "/oldroot/backstore/store /dev/sdb1 rw",
      "/oldroot/run/initramfs/backstore/store/x /dev/sdb2 rw",
      ...own,
    ],
    steps: [
      'unmount "/oldroot/run/initramfs/backstore/store/x"',
      'unmount "/oldroot/backstore/store"',
      'unmount "/oldroot" (or stop)',
    ],
  },
  {
    is: "goes on where an attempt before it ended",
    mounted: [...own, overlay, "/backstore/store /dev/sdb1 ro", "/backstore/base /dev/loop0 ro"],
    loops: ["/dev/loop0"],
    steps: ['unmount "/oldroot" (or stop)', ...endsOf("store", "base")],
  },
  {
    is: "detaches a loop device that is left over",
    mounted: own,
    loops: ["/dev/loop0"],
    steps: ['detach "/dev/loop0" from its file'],
  },
  { is: "has no steps when nothing is left", mounted: own, steps: [] },
];

group("planShutdown()", () => {
  for (const { is, mounted, loops = [], files = {}, record, steps } of cases)
    test(`planShutdown() ${is}`, () => {
      const facts = { mounts: mounts(mounted), loops, files: new Map(Object.entries(files)) };
      const plan = planShutdown({ ...facts, record });
      expect(plan.steps.map(format)).toEqual(steps);
    });

  test("planShutdown() unmounts everything but its own, whatever is mounted where", () => {
    const names = ["a", "run", "initramfs", "backstore", "store", "host", "dev"];
    const path = fc
      .array(fc.constantFrom(...names), { maxLength: 5 })
      .map((parts) => ["/oldroot", ...parts].join("/"));
    const table = fc.uniqueArray(fc.oneof(path, fc.constant(`${at}/store`)), { maxLength: 8 });
    fc.assert(
      fc.property(table, (targets) => {
        const mounted = [...own, ...targets.map((target) => `${target} /dev/sdb1 rw`)];
        const { steps } = planShutdown({ mounts: mounts(mounted), loops: [] });
        expect(simulate(mounted, steps).sort()).toEqual(own.map(targetOf).sort());
      }),
    );
  });
});

test("findStorePlace() finds where the store is seen, wherever the root went", () => {
  const place = (...mounted: string[]) => findStorePlace({ mounts: mounts(mounted), loops: [] });
  expect(place(store, medium, overlay)).toBe(`${at}/store`);
  expect(place("/backstore/store /dev/sdb1 ro", store)).toBe("/backstore/store");
  expect(place(medium, overlay)).toBe(undefined);
});

group("planForcedShutdown()", () => {
  test("planForcedShutdown() makes what is writable read-only, the store first, and lets go of everything", () => {
    const mounted = [
      ...own,
      overlay,
      "/oldroot/mnt/usb /dev/sdc1 rw",
      "/oldroot/mnt/disc /dev/sr0 ro",
      "/backstore/host /dev/sdb1 rw",
      "/backstore/store /dev/loop0 rw",
    ];
    const plan = planForcedShutdown({ mounts: mounts(mounted), loops: ["/dev/loop0"] });
    expect(plan.steps.map(format)).toEqual([
      'sync the file system of "/backstore/store" to disk',
      'remount "/backstore/store" read-only',
      'sync the file system of "/backstore/host" to disk',
      'remount "/backstore/host" read-only',
      'sync the file system of "/oldroot/mnt/usb" to disk',
      'remount "/oldroot/mnt/usb" read-only',
      'unmount "/oldroot/mnt/disc" lazily',
      'unmount "/oldroot/mnt/usb" lazily',
      'unmount "/oldroot" lazily',
      'unmount "/backstore/store" lazily',
      'unmount "/backstore/host" lazily',
    ]);
  });
});

group("hasStore()", () => {
  for (const [is, mounted, expected] of [
    ["a session on a store", [store, overlay], true],
    ["a volatile session", [memory, medium, overlay], false],
    ["a user's mount of that name", ["/oldroot/backstore/store /dev/sdb1 rw"], false],
  ] as const)
    test(`hasStore() tells ${is}`, () => {
      expect(hasStore({ mounts: mounts(mounted), loops: [] })).toBe(expected);
    });
});

/** Reads "TARGET SOURCE OPTIONS". */
function mounts(lines: readonly string[]): Mount[] {
  return lines.map((line) => {
    const [target = "", source = "", superOptions = ""] = line.split(" ");
    return { target, source, superOptions, type: "", options: "", deviceNumber: "", root: "/" };
  });
}

function format(step: Step): string {
  return `${describe(step)}${step.optional ? "" : " (or stop)"}`;
}

function targetOf(line: string): string {
  return line.split(" ")[0] ?? "";
}

/**
 * Simulates the steps as the kernel would do them, and returns the remaining mounts; no step may
 * fail.
 */
function simulate(mounted: readonly string[], steps: readonly Step[]): string[] {
  let targets = mounted.map(targetOf);
  const isBelow = (target: string, other: string) => other.startsWith(`${target}/`);
  for (const step of steps) {
    if (step.do === "unmount") {
      expect(targets).toContain(step.target);
      expect(targets.filter((other) => isBelow(step.target, other))).toEqual([]);
      targets = targets.filter((target) => target !== step.target);
    }
    if (step.do === "move-mount")
      targets = targets.map((target) =>
        target === step.source || isBelow(step.source, target)
          ? step.target + target.slice(step.source.length)
          : target,
      );
  }
  return targets;
}
