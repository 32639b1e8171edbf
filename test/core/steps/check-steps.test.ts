import { expect, test } from "vitest";
import {
  type CheckedStore,
  refuseStore,
  type StoreCheck,
} from "../../../src/core/steps/check-steps.ts";

const step: CheckedStore["step"] = {
  path: "/dev/sdb",
  type: "ext4",
  because: "it was not cleanly unmounted",
  hasErrors: false,
  store: 'the store "kept" of /dev/sdb',
  remedy: "run: this",
  scratch: "/s",
  base: "/base",
};
const noted = { ...step, because: "the kernel recorded errors in it", hasErrors: true };

const cases: readonly {
  readonly check: StoreCheck;
  readonly step?: CheckedStore["step"];
  readonly refused?: string;
}[] = [
  { check: { result: "clean", tool: "e2fsck" } },
  {
    check: { result: "clean", tool: "btrfs", says: "checksum verify failed" },
  },
  {
    check: { result: "repaired", tool: "e2fsck", says: "Inode 12 ref count is 3.  FIXED." },
  },
  {
    check: { result: "repaired", tool: "e2fsck" },
    step: noted,
  },
  {
    check: { result: "unchecked", says: "neither initramfs nor base has a checker for ext4" },
  },
  {
    check: { result: "unchecked", tool: "e2fsck", says: "e2fsck took longer than 60 seconds" },
    step: noted,
    refused:
      'Cannot write to the store "kept" of /dev/sdb: the kernel recorded errors in its ext4 file system, and it could not be checked: e2fsck took longer than 60 seconds',
  },
  {
    check: { result: "damaged", tool: "e2fsck", says: 'a\n"b' },
    refused:
      'Cannot write to the store "kept" of /dev/sdb: its ext4 file system is damaged and cannot be repaired safely: e2fsck says "a\\n\\"b"',
  },
];

for (const { check, step: asked = step, refused } of cases)
  test(`refuseStore() ${refused === undefined ? "accepts" : "refuses"} a store that is ${check.result}${asked.hasErrors ? ", with errors" : ""}`, () => {
    const failure = refuseStore({ check, step: asked });
    expect(failure?.message).toBe(refused);
    expect(failure?.hint).toBe(refused && "run: this");
    if (refused !== undefined) expect(failure?.code).toBe("damaged");
  });
