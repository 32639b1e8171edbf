import { describe, expect, test } from "vitest";
import { findCheckNeed, mendsErrors } from "../../../src/core/session/check-need.ts";
import { formatRemedy } from "../../../src/core/session/remedies.ts";
import type { FoundStore } from "../../../src/core/stores/found-store.ts";
import { parseRecord } from "../../../src/core/stores/store-record.ts";
import { device, found, foundFile, medium } from "../../support/devices.ts";

const used = { names: ["upperdir", "workdir"] };
const overlay = "index=off,metacopy=off,xino=off,redirect_dir=nofollow";
const now = { record: { id: "i", version: "v", boot: "b", machine: "m", started: "s" } };
const record = (session: object) => JSON.stringify({ format: 1, id: "x", overlay, session });
const open = record({ state: "open", boot: "a" });
const own = record({ state: "open", boot: "b" });
const clean = record({ state: "clean", boot: "a" });

const unmounted = { because: "it was not cleanly unmounted", hasErrors: false };
const cutOff = { because: "the last session on it was interrupted", hasErrors: false };
const errors = { because: "the kernel recorded errors in it", hasErrors: true };

const cases: readonly (readonly [
  is: string,
  store: FoundStore,
  need: object | undefined,
  record?: string,
])[] = [
  ["an ext4 that was unmounted", found(device("/d", { type: "ext4" }), used), undefined, open],
  ["a journal", found(device("/d", { type: "ext4", unclean: ["journal"] }), used), unmounted],
  ["orphans", found(device("/d", { type: "ext4", unclean: ["orphans"] }), used), unmounted],
  ["an ext2 in use", found(device("/d", { type: "ext2", unclean: ["dirty"] }), used), unmounted],
  [
    "errors above all",
    found(device("/d", { type: "ext4", unclean: ["journal", "errors"] }), used),
    errors,
  ],
  ["a log", found(device("/d", { type: "xfs" }), { ...used, ignoredJournal: true }), unmounted],
  ["an xfs without a log", found(device("/d", { type: "xfs" }), used), undefined, open],
  ["a btrfs that was cut off", found(device("/d", { type: "btrfs" }), used), cutOff, open],
  ["a btrfs that was not", found(device("/d", { type: "btrfs" }), used), undefined, clean],
  ["a btrfs without a record", found(device("/d", { type: "btrfs" }), used), undefined],
  ["an f2fs that was cut off", found(device("/d", { type: "f2fs" }), used), cutOff, open],
  [
    "a file, whatever its host is like",
    foundFile(device("/d", { type: "ext4", unclean: ["journal"] }), {}, used),
    undefined,
  ],
  ["what is in a file", foundFile(device("/d"), { unclean: ["journal"] }, used), unmounted],
  [
    "nothing of the store of this very session",
    found(device("/d", { type: "ext4", unclean: ["journal"] }), used),
    undefined,
    own,
  ],
  [
    "errors also in this very session",
    found(device("/d", { type: "ext4", unclean: ["errors"] }), used),
    errors,
    own,
  ],
];

describe("findCheckNeed()", () => {
  for (const [is, store, need, text] of cases)
    test(`findCheckNeed() finds ${is}`, () => {
      expect(findCheckNeed(now, store, text === undefined ? undefined : parseRecord(text))).toEqual(
        need,
      );
    });

  test("findCheckNeed() finds nothing more in a store that was just checked", () => {
    const store = found(device("/d", { type: "btrfs" }), used);
    expect(findCheckNeed({ ...now, isChecked: true }, store, parseRecord(open))).toBeUndefined();
  });
});

test("mendsErrors() knows that only e2fsck does", () => {
  expect(["ext4", "ext3", "xfs", ""].map(mendsErrors)).toEqual([true, true, false, false]);
});

describe("formatRemedy()", () => {
  const stick = device("/dev/sda1", { type: "vfat", label: "RESCUE" });
  const remedies: readonly (readonly [store: FoundStore, command: string])[] = [
    [found(device("/dev/sdb", { type: "ext4" })), "backstore check --repair /dev/sdb"],
    [found(device("/dev/sdb", { type: "xfs" })), "backstore check --repair /dev/sdb"],
    [found(device("/dev/sdb", { type: "btrfs" })), "backstore check /dev/sdb"],
    [found(device("/dev/sdb", { type: "f2fs" })), "backstore check /dev/sdb"],
    [foundFile(stick), "backstore check --repair /run/backstore/medium/sysrcd.bs"],
    [
      foundFile(device("/dev/sdb", { type: "exfat" }), { path: "/my stores/a.bs", type: "btrfs" }),
      'mount /dev/sdb /mnt && backstore check "/mnt/my stores/a.bs"',
    ],
  ];
  for (const [store, command] of remedies)
    test(`formatRemedy() says: ${command}`, () => {
      expect(formatRemedy({ medium: medium(stick) }, store)).toBe(
        `boot with backstore=off and run: ${command}`,
      );
    });

  test("formatRemedy() needs no boot for a system beside the running one", () => {
    const apart = { layers: [], file: "/media/my stores/a.bs", directory: undefined };
    const store = foundFile(stick, { path: "/my stores/a.bs", type: "ext4" });
    expect(formatRemedy({ medium: medium(stick), apart }, store)).toBe(
      'run: backstore check --repair "/media/my stores/a.bs"',
    );
  });
});
