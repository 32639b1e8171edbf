import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Mount } from "../../../src/core/kernel/mount-table.ts";
import {
  type ClaimFacts,
  checkClaim,
  type StatusKind,
} from "../../../src/core/status/check-claim.ts";

const at = "/run/initramfs/backstore";
const root = mount("/", "overlay", {
  source: "overlay",
  superOptions: `rw,lowerdir=${at}/base,upperdir=${at}/store/upperdir,workdir=${at}/store/workdir`,
});
const run = mount("/run", "tmpfs", { source: "tmpfs" });
const dev = mount("/dev", "devtmpfs", { source: "devtmpfs" });
const onDisk = [root, run, dev, mount(`${at}/store`, "ext4", { source: "/dev/sdb1" })];
const inFile = [
  root,
  run,
  mount(`${at}/host`, "vfat", { source: "/dev/sdb1" }),
  mount(`${at}/medium`, "vfat", { source: "/dev/sdb1", options: "ro,relatime" }),
  mount(`${at}/store`, "ext4", { source: "/dev/loop0" }),
  mount("/mnt/memory", "ext4", { source: "/dev/loop0", options: "ro,relatime" }),
];

function mount(target: string, type: string, more: Partial<Mount> = {}): Mount {
  const table = { options: "rw,relatime", superOptions: "rw", deviceNumber: "0:1", root: "/" };
  return { target, type, source: "none", ...table, ...more };
}

/** Returns the mounts with one of them changed. */
function change(mounts: readonly Mount[], target: string, part: Partial<Mount>): Mount[] {
  return mounts.map((one) => (one.target === target ? { ...one, ...part } : one));
}

function facts(mounts: readonly Mount[], more: Partial<ClaimFacts> = {}): ClaimFacts {
  return {
    mounts,
    loops: new Map([["/dev/loop0", `${at}/host/sysrcd.bs`]]),
    gone: [],
    hasUpper: true,
    readProblem: undefined,
    unreadable: undefined,
    errors: [],
    lostWrites: [],
    suspected: [],
    roomLack: undefined,
    ...more,
  };
}

const directoryStore = { kind: "directory", device: "/dev/sdb1", directory: "" };
const unreadable = { path: "/srv/to", reason: "operation not permitted" };
const fileStore = { ...directoryStore, kind: "file", file: "/sysrcd.bs" };

describe("checkClaim()", () => {
  const cases: readonly (readonly [
    when: string,
    word: StatusKind,
    facts: ClaimFacts,
    messages: readonly (string | RegExp)[],
    store?: typeof directoryStore,
  ])[] = [
    ["the changes are on the store's disk", "persistent", facts(onDisk), []],
    ["the changes are in the store's file", "persistent", facts(inFile), [], fileStore],
    [
      "the host is a whole disk that a loop device shows",
      "persistent",
      facts(change(inFile, `${at}/host`, { source: "/dev/loop1" }), {
        loops: new Map([
          ["/dev/loop0", `${at}/host/sysrcd.bs`],
          ["/dev/loop1", "/dev/sdb1"],
        ]),
      }),
      [],
      fileStore,
    ],
    [
      "the upper directory has a name that the kernel writes in numbers",
      "persistent",
      facts(
        change(onDisk, "/", {
          superOptions: `rw,upperdir=${at}/store/a\\054b\\040c\\134\\012/upperdir`,
        }),
      ),
      [],
    ],
    [
      "the store is btrfs, of which the kernel names another device",
      "persistent",
      facts(change(onDisk, `${at}/store`, { type: "btrfs", source: "/dev/sdc" })),
      [],
    ],
    [
      "the upper directory is in memory",
      "volatile",
      facts(change(onDisk, "/", { superOptions: `rw,upperdir=${at}/memory/upperdir` })),
      [`Changes are in memory: "/run/backstore/memory/upperdir" is on tmpfs`],
    ],
    [
      "memory is mounted over the store",
      "volatile",
      facts([...onDisk, mount(`${at}/store`, "tmpfs")]),
      [/is on tmpfs/],
    ],
    [
      "the store's file is in memory",
      "volatile",
      facts(change(inFile, `${at}/host`, { type: "tmpfs", source: "tmpfs" })),
      [/is on tmpfs/],
      fileStore,
    ],
    [
      "the store's mount is gone from the tree",
      "unknown",
      facts(
        onDisk.filter(({ target }) => target !== `${at}/store`),
        { hasUpper: false },
      ),
      [`Cannot see where changes go: "/run/backstore/store/upperdir" is no longer mounted here`],
    ],
    [
      "what is at the store's place may not be looked at",
      "volatile",
      facts(
        onDisk.filter(({ target }) => target !== `${at}/store`),
        { hasUpper: undefined },
      ),
      [/is on tmpfs/],
    ],
    [
      "the root is no overlay, as in a chroot",
      "unknown",
      facts([mount("/", "ext4", { source: "/dev/sdc1" }), run]),
      ["Cannot see where changes go: the root directory here is not an overlay"],
    ],
    [
      "there is no root",
      "unknown",
      facts([]),
      ["Cannot see where changes go: the root directory here is not an overlay"],
    ],
    [
      "the root's overlay takes no changes",
      "readonly",
      facts(change(onDisk, "/", { superOptions: "ro,lowerdir=/a:/b" })),
      ["The root is an overlay without an upper directory"],
    ],
    [
      "the root was made read-only",
      "readonly",
      facts(change(onDisk, "/", { options: "ro,relatime" })),
      ["The root is read-only"],
    ],
    [
      "the changes go to another disk",
      "unknown",
      facts(change(onDisk, `${at}/store`, { source: "/dev/sdc1" })),
      ['Changes go to "/dev/sdc1", but the boot used the store on "/dev/sdb1"'],
    ],
    [
      "the changes go to something that is no disk",
      "unknown",
      facts(change(onDisk, `${at}/store`, { type: "9p", source: "share" })),
      ["Cannot see which disk the changes are on"],
    ],
    [
      "loop devices go round in a circle",
      "unknown",
      facts(inFile, { loops: new Map([["/dev/loop0", `${at}/store/sysrcd.bs`]]) }),
      ["Cannot see which disk the changes are on"],
      fileStore,
    ],
    [
      "the changes are on the disk and not in the file",
      "unknown",
      facts(onDisk),
      ["Changes do not go to the file that the boot used"],
      fileStore,
    ],
    [
      "the changes are in a file and not on the disk",
      "unknown",
      facts(inFile),
      ["Changes go to a file, but the boot used a directory"],
    ],
    [
      "the store's file was deleted",
      "volatile",
      facts(inFile, { loops: new Map([["/dev/loop0", `${at}/host/sysrcd.bs (deleted)`]]) }),
      ['The store\'s file "/sysrcd.bs" was deleted and will be gone when the session ends'],
      fileStore,
    ],
    [
      "the store's file has another name",
      "persistent",
      facts(inFile, { loops: new Map([["/dev/loop0", `${at}/host/old/my.bs`]]) }),
      ['The store\'s file is now "/old/my.bs", but a boot looks for "/sysrcd.bs"'],
      fileStore,
    ],
    [
      "a change cannot be reached",
      "unknown",
      facts(onDisk, { unreadable }),
      [/^Some changes in the store cannot be read here: "\/srv\/to": operation not permitted \(/],
    ],
    [
      "the store's disk was pulled out",
      "volatile",
      facts(onDisk, { gone: ["/dev/sdb1"], readProblem: "I/O error" }),
      ['The device "/dev/sdb1" has disappeared', "The store cannot be read: I/O error"],
    ],
    [
      "the disk under the store's host was pulled out",
      "volatile",
      facts(inFile, { gone: ["/dev/sdb1"] }),
      ['The device "/dev/sdb1" has disappeared'],
      fileStore,
    ],
    ["another disk was pulled out", "persistent", facts(onDisk, { gone: ["/dev/sdz"] }), []],
    [
      "the store's file system has become read-only",
      "readonly",
      facts(change(onDisk, `${at}/store`, { superOptions: "ro,errors=remount-ro" }), {
        errors: [{ source: "/dev/sdb1", count: 2, last: "2026-01-02T03:04:05.000Z", stops: false }],
      }),
      [
        `Nothing can be written to the store any more: "/run/backstore/store" (ext4) has become read-only after 2 errors, the last at 2026-01-02T03:04:05.000Z`,
      ],
    ],
    [
      "ext4 stopped writing because of an error and does not list as read-only",
      "readonly",
      facts(onDisk, { errors: [{ source: "/dev/sdb1", count: 1, last: undefined, stops: true }] }),
      [
        `Nothing can be written to the store any more: "/run/backstore/store" (ext4) has become read-only after 1 error`,
      ],
    ],
    [
      "ext4 goes on after an error",
      "persistent",
      facts(onDisk, {
        errors: [{ source: "/dev/sdb1", count: 1, last: "2026-01-02T03:04:05.000Z", stops: false }],
      }),
      [
        `The file system "/run/backstore/store" (ext4) has had 1 error, the last at 2026-01-02T03:04:05.000Z and should be checked`,
      ],
    ],
    [
      "a write to the store's loop device failed",
      "unknown",
      facts(inFile, { lostWrites: [{ device: "/dev/loop0", count: 3 }] }),
      [/^Changes of this session were lost: 3 writes to "\/dev\/loop0" failed/],
      fileStore,
    ],
    [
      "ext4 has warned, and nobody here can read of what",
      "unknown",
      facts(inFile, { suspected: [{ source: "/dev/loop0", counted: "warnings", count: 39 }] }),
      [/^Changes may have been lost: the kernel counts 39 warnings for "\/dev\/loop0", .*root/],
      fileStore,
    ],
    [
      "a device of btrfs has refused a write",
      "unknown",
      facts(onDisk, {
        suspected: [{ source: "/dev/sdb1", counted: "failed writes", count: 1 }],
      }),
      [/^Changes may have been lost: the kernel counts 1 failed write for "\/dev\/sdb1"/],
    ],
    [
      "the store's file has come to share blocks with a snapshot",
      "persistent",
      facts(inFile, {
        roomLack: { kind: "shared", isShort: false, sentence: "shares 1.0 MiB with a snapshot" },
      }),
      ["The store's file shares 1.0 MiB with a snapshot: if its host fills up, changes are lost"],
      fileStore,
    ],
    [
      "the store's file shares more than its host has free",
      "persistent",
      facts(inFile, {
        roomLack: { kind: "shared", isShort: true, sentence: "shares 1.0 MiB with a snapshot" },
      }),
      ["The store's file shares 1.0 MiB with a snapshot: changes will be lost"],
      fileStore,
    ],
    ...["emergency_ro", "shutdown"].map(
      (word) =>
        [
          `ext4 says ${word}`,
          "readonly",
          facts(change(onDisk, `${at}/store`, { superOptions: `rw,${word}` })),
          [/^Nothing can be written to the store any more/],
        ] as const,
    ),
    [
      "the store's host has become read-only",
      "readonly",
      facts(change(inFile, `${at}/host`, { superOptions: "ro" })),
      [
        `Nothing can be written to the store any more: "/run/backstore/host" (vfat) has become read-only`,
      ],
      fileStore,
    ],
    [
      "an option only begins like the one for read-only",
      "persistent",
      facts(change(onDisk, `${at}/store`, { superOptions: "rw,errors=remount-ro,rodir" })),
      [],
    ],
  ];
  for (const [when, word, seen, messages, store = directoryStore] of cases) {
    test(`checkClaim() says ${word} when ${when}`, () => {
      const checked = checkClaim({ session: "persistent", store }, seen);
      expect(checked.word).toBe(word);
      expect(checked.findings.map(({ message }) => message)).toEqual(
        messages.map((one) => (typeof one === "string" ? one : expect.stringMatching(one))),
      );
    });
  }

  test("checkClaim() says unknown when the boot does not name its store", () => {
    const { word, findings } = checkClaim(
      { session: "persistent", store: undefined },
      facts(onDisk),
    );
    expect(word).toBe("unknown");
    expect(findings).toEqual([
      { level: "error", message: "The boot record does not name the store" },
    ]);
  });

  test("checkClaim() tells errors before warnings", () => {
    const loops = new Map([["/dev/loop0", `${at}/host/my.bs`]]);
    const { findings } = checkClaim(
      { session: "persistent", store: fileStore },
      facts(inFile, { loops, gone: ["/dev/sdb1"] }),
    );
    expect(findings.map(({ level }) => level)).toEqual(["error", "warning"]);
  });

  test("checkClaim() tells hidden changes from changes that are not kept", () => {
    const claim = { session: "persistent", store: directoryStore } as const;
    expect(checkClaim(claim, facts(onDisk, { unreadable })).hidesChanges).toBe(true);
    const pulled = facts(onDisk, { unreadable, gone: ["/dev/sdb1"] });
    expect(checkClaim(claim, pulled)).toMatchObject({ word: "volatile", hidesChanges: false });
  });

  test("checkClaim() tells lost writes from changes that are not kept", () => {
    const claim = { session: "persistent", store: directoryStore } as const;
    const lostWrites = [{ device: "/dev/sdb1", count: 1 }];
    expect(checkClaim(claim, facts(onDisk, { lostWrites })).lostChanges).toBe(true);
    const pulled = facts(onDisk, { lostWrites, gone: ["/dev/sdb1"] });
    expect(checkClaim(claim, pulled)).toMatchObject({ word: "volatile", lostChanges: false });
  });

  const plain = [
    ["readonly", "readonly"],
    ["volatile", "volatile"],
    ["stopped", "volatile"],
    ["foreign", "foreign"],
  ] as const;
  for (const [session, word] of plain) {
    test(`checkClaim() says ${word} of a boot that said ${session}, whatever is seen`, () => {
      expect(checkClaim({ session, store: directoryStore }, facts(onDisk))).toEqual({
        word,
        findings: [],
        hidesChanges: false,
        lostChanges: false,
      });
    });
  }

  test("checkClaim() never says persistent of an upper directory in memory, and always ends", () => {
    const places = ["/", "/run", at, `${at}/host`, `${at}/store`, `${at}/memory`, "/mnt"];
    const sources = ["/dev/sdb1", "/dev/loop0", "/dev/loop1", "tmpfs", "overlay"];
    const mounts = fc.array(
      fc.record({
        target: fc.constantFrom(...places.slice(1)),
        type: fc.constantFrom("tmpfs", "ramfs", "ext4", "vfat", "overlay"),
        source: fc.constantFrom(...sources),
        options: fc.constantFrom("rw", "ro"),
        superOptions: fc.constantFrom("rw", "rw", "ro"),
      }),
    );
    const uppers = fc.constantFrom(...places.map((place) => `${place}/upperdir`));
    const files = [...places.map((place) => `${place}/sysrcd.bs`), ...sources];
    const loops = fc.record({ loop0: fc.constantFrom(...files), loop1: fc.constantFrom(...files) });
    const stores = fc.constantFrom(directoryStore, fileStore);
    let persistent = 0;
    fc.assert(
      fc.property(mounts, uppers, loops, stores, (others, upper, { loop0, loop1 }, store) => {
        const seen = [
          ...others.map((one) => mount(one.target, one.type, one)),
          { ...root, superOptions: `rw,upperdir=${upper}` },
        ];
        const behind = new Map([
          ["/dev/loop0", loop0],
          ["/dev/loop1", loop1],
        ]);
        const { word } = checkClaim(
          { session: "persistent", store },
          facts(seen, { loops: behind }),
        );
        if (word !== "persistent") return;
        persistent++;
        const above = seen
          .filter(({ target }) => `${upper}/`.startsWith(target === "/" ? "/" : `${target}/`))
          .sort((one, other) => one.target.length - other.target.length)
          .at(-1);
        expect(["tmpfs", "ramfs", "overlay"]).not.toContain(above?.type);
        expect(above?.source).toMatch(/^\/dev\//);
      }),
      { numRuns: 4000 },
    );
    // One in a hundred is.
    expect(persistent).toBeGreaterThan(5);
  });
});
