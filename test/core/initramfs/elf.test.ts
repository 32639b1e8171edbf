import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Elf, readElf } from "../../../src/core/initramfs/elf.ts";
import { type ElfRequest, formElf, formProgram } from "../../support/elf.ts";

const nothing: Elf = {
  target: "2/62",
  interpreter: undefined,
  needed: [],
  searchPath: [],
  endsThreads: false,
};
const loader = "/lib64/ld-linux-x86-64.so.2";

describe("readElf() reads", () => {
  const cases: readonly (readonly [string, ElfRequest, Partial<Elf>])[] = [
    ["what is linked statically", {}, {}],
    [
      "a program and its libraries, in their order",
      { interpreter: loader, needed: ["libb.so.1", "liba.so.2", "libc.so.6"] },
      { interpreter: loader, needed: ["libb.so.1", "liba.so.2", "libc.so.6"] },
    ],
    ["a library", { needed: ["libc.so.6"] }, { needed: ["libc.so.6"] }],
    [
      "a program of 32 bits",
      { interpreter: "/lib/ld-linux.so.2", needed: ["libc.so.6"], machine: 3, is32: true },
      { target: "1/3", interpreter: "/lib/ld-linux.so.2", needed: ["libc.so.6"] },
    ],
    [
      "the newer search path where there are both",
      { needed: ["a"], runpath: "/opt/a:$ORIGIN/../lib", rpath: "/old" },
      { needed: ["a"], searchPath: ["/opt/a", "$ORIGIN/../lib"] },
    ],
    ["the older search path", { rpath: "/old::/older" }, { searchPath: ["/old", "/older"] }],
    ["that it ends threads", { names: ["malloc", "pthread_cancel"] }, { endsThreads: true }],
    ["that it ends its thread", { names: ["pthread_exit"] }, { endsThreads: true }],
    ["no other name as that", { names: ["pthread_exits", "my_pthread_exit", "pthread"] }, {}],
  ];
  for (const [what, request, expected] of cases)
    test(`readElf() reads ${what}`, () => {
      expect(readElf(formProgram(request))).toEqual({ ...nothing, ...expected });
    });
});

const program = formProgram({ interpreter: loader, needed: ["liba.so.1"], runpath: "/opt" });

test("readElf() gives undefined for what cannot be loaded", () => {
  const big = program.slice();
  big[5] = 2;
  const script = new Uint8Array(Buffer.from("#!/bin/sh\n".padEnd(200, "#")));
  for (const bytes of [new Uint8Array(0), new Uint8Array(4096), big, script, formElf(["a=b"])])
    expect(readElf(bytes)).toBeUndefined();
});

test("readElf() gives undefined wherever the file is cut", () => {
  for (let length = 0; length < program.length; length++)
    expect(readElf(program.subarray(0, length))).toBeUndefined();
});

test("readElf() throws nothing at broken fields", () => {
  const change = fc.record({ at: fc.nat(program.length - 1), to: fc.nat(255) });
  fc.assert(
    fc.property(fc.array(change, { minLength: 1, maxLength: 6 }), (changes) => {
      const bytes = program.slice();
      for (const { at, to } of changes) bytes[at] = to;
      const found = readElf(bytes);
      expect(found === undefined || Array.isArray(found.needed)).toBe(true);
    }),
    { numRuns: 3000 },
  );
});

test("readElf() gives undefined for addresses and sizes that no file has", () => {
  const bytes = formProgram({ needed: ["liba.so.1"] });
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const count = view.getUint16(56, true);
  const start = Number(view.getBigUint64(32, true));
  // Offset, address and size of each segment, then every word of the file.
  const fields = Array.from({ length: count }, (_, at) =>
    [8, 16, 32].map((more) => start + 56 * at + more),
  );
  for (const field of [
    ...fields.flat(),
    ...Array.from({ length: bytes.length >> 3 }, (_, at) => at * 8),
  ])
    for (const value of [2n ** 63n, 2n ** 64n - 1n, 2n ** 53n + 1n]) {
      const kept = view.getBigUint64(field, true);
      view.setBigUint64(field, value, true);
      expect(() => readElf(bytes)).not.toThrow();
      view.setBigUint64(field, kept, true);
    }
  const [load = 0] = fields.flat();
  view.setBigUint64(load + 8, 2n ** 63n, true);
  expect(readElf(bytes)?.needed ?? []).toEqual([]);
});
