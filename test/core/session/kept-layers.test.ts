import { expect, test } from "vitest";
import { countKept } from "../../../src/core/session/kept-layers.ts";

const store = "/run/initramfs/backstore/store";

const cases: readonly (readonly [is: string, lower: readonly string[], kept: number])[] = [
  ["of a volatile session", ["/run/initramfs/backstore/base"], 1],
  ["of a read-only session", [`${store}/upperdir`, "/run/initramfs/backstore/base"], 2],
  ["of one on a directory", [`${store}/persistent_A/x86_64/upperdir`, "/base"], 2],
  ["of a store with layers", [`${store}/upperdir`, `${store}/layers/0001/upperdir`, "/base"], 3],
  ["of another system", ["/run/live/rootfs/filesystem.squashfs", `${store}/upperdir`], 1],
  ["with names that only begin alike", [`${store}-old/upperdir`], 1],
];
for (const [is, lower, kept] of cases)
  test(`countKept() counts ${kept} ${is}`, () => {
    expect(countKept(lower)).toBe(kept);
  });
