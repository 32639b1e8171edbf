// What the block of a protected ext4 says, and how long the kernel waits at it.
import { expect, test } from "vitest";
import { identify } from "../../../src/core/superblocks/identify.ts";
import * as formats from "../../support/formats.ts";

const free = 0xff4d4d50;
const fsck = 0xe24d4d50;
const made = formats.protectedExt4;
const block = 1024 + 0x168;

const cases: readonly (readonly [string, Uint8Array, object | undefined])[] = [
  ["not protected", formats.ext("ext4"), undefined],
  ["given back", made("", free), { state: "free", waitSeconds: 0 }],
  // Looked at after 2 * 10 + 1 seconds, and once more after as many.
  ["mounted, or cut off", made("", 1), { state: "held", waitSeconds: 42 }],
  [
    "written to every second: at least 5 s count",
    made("", 1, { interval: 1 }),
    { state: "held", waitSeconds: 22 },
  ],
  [
    "slower than its superblock says",
    made("", 1, { demanded: 30 }),
    { state: "held", waitSeconds: 122 },
  ],
  ["very slow", made("", 1, { interval: 100 }), { state: "held", waitSeconds: 520 }],
  ["the largest number", made("", 0xe24d4d4f), { state: "held", waitSeconds: 42 }],
  ["being checked", made("", fsck), { state: "checked", waitSeconds: 0 }],
  ["a number that nobody writes", made("", fsck + 1), { state: "checked", waitSeconds: 0 }],
  [
    "a block that is none",
    formats.change(made("", 1), ["u32le", 4096, 0]),
    { state: "unknown", waitSeconds: 0 },
  ],
  ...[0, 8, 2 ** 40, Number.MAX_SAFE_INTEGER].map(
    (at) =>
      [
        `a block at ${at}`,
        formats.change(made("", 1), ["u64le", block, at]),
        { state: "unknown", waitSeconds: 0 },
      ] as const,
  ),
];

for (const [name, image, expected] of cases)
  test(`identify() reads multiple mount protection: ${name}`, () => {
    expect(identify(formats.readerOf(image).read, image.length)?.protection).toEqual(expected);
  });
