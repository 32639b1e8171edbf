import fc from "fast-check";
import { expect, test } from "vitest";
import { readModinfo } from "../../../src/core/modules/modinfo.ts";
import { formElf } from "../../support/elf.ts";

const module = formElf(["license=GPL", "firmware=isci/isci_firmware.bin", "parm=a:b=c", "odd"]);

test("readModinfo() gives keys and values", () => {
  expect(readModinfo(module)).toEqual([
    { key: "license", value: "GPL" },
    { key: "firmware", value: "isci/isci_firmware.bin" },
    { key: "parm", value: "a:b=c" },
  ]);
});

test("readModinfo() gives undefined for what is no module", () => {
  const big = module.slice();
  big[5] = 2;
  const noSection = Uint8Array.from(module, (byte) => (byte === ".".charCodeAt(0) ? 0 : byte));
  for (const bytes of [new Uint8Array(0), new Uint8Array(4096), big, noSection]) {
    expect(readModinfo(bytes)).toBeUndefined();
  }
});

test("readModinfo() gives undefined wherever the file is cut", () => {
  for (let length = 0; length < module.length; length++) {
    expect(readModinfo(module.subarray(0, length))).toBeUndefined();
  }
});

test("readModinfo() throws nothing at broken fields", () => {
  const change = fc.record({ at: fc.nat(module.length - 1), to: fc.nat(255) });
  fc.assert(
    fc.property(fc.array(change, { minLength: 1, maxLength: 6 }), (changes) => {
      const bytes = module.slice();
      for (const { at, to } of changes) bytes[at] = to;
      const found = readModinfo(bytes);
      expect(found === undefined || Array.isArray(found)).toBe(true);
    }),
    { numRuns: 3000 },
  );
});
