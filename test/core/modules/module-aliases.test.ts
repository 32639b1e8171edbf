import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { matchGlob } from "../../../src/core/modules/glob.ts";
import {
  aliasGroupNames,
  formatAliasGroups,
  groupAliases,
  matchAliases,
  parseAliasGroup,
  parseAliasLines,
} from "../../../src/core/modules/module-aliases.ts";

const aliases = [
  ["pci:v00008086d00002922sv*sd*bc*sc*i*", "ahci"],
  ["pci:v*d*sv*sd*bc01sc06i01*", "ahci"],
  ["pci:v*d*sv*sd*bc01sc08i02*", "nvme"],
  ["usb:v0419pAACEd0[0-1]*dc*dsc*dp*ic*isc*ip*in*", "usb_storage"],
  ["usb:v*p*d*dc*dsc*dp*ic08isc06ip50in*", "usb_storage"],
  ["usb:v*p*d*dc*dsc*dp*ic08isc06ip62in*", "uas"],
  ["hid:b0003g*v0000046Dp0000C52B", "hid_logitech_dj"],
  ["hid:b*g*v*p*", "hid_generic"],
  ["acpi*:80860F14:*", "sdhci_acpi"],
  ["scsi:t_0x05*", "sr_mod"],
  ["fs_ext4", "ext4"],
  ["crypto_crc32c", "crc32c_generic"],
  ["crypto_crc32c", "crc32c_intel"],
].map(([pattern = "", module = ""]) => ({ pattern, module }));
const lines = parseAliasLines(formatAliasGroups(groupAliases(aliases)));

function lookUp(name: string): string[] {
  const texts = aliasGroupNames(name).map((group) => lines.get(group));
  return texts.flatMap((text) =>
    text === undefined ? [] : matchAliases(parseAliasGroup(text), name),
  );
}

describe("matchAliases() gives the modules that answer to a name", () => {
  const cases: [string, string[]][] = [
    ["pci:v00008086d00002922sv00001AF4sd00001100bc01sc06i01", ["ahci", "ahci"]],
    ["pci:v00001B36d00000010sv00001AF4sd00001100bc01sc08i02", ["nvme"]],
    ["pci:v00001B36d00000001sv00000000sd00000000bc06sc04i00", []],
    ["usb:v0419pAACEd0100dc00dsc00dp00icFFisc00ip00in00", ["usb_storage"]],
    ["usb:v0419pAACEd0200dc00dsc00dp00icFFisc00ip00in00", []],
    ["usb:v1234p5678d0100dc00dsc00dp00ic08isc06ip62in00", ["uas"]],
    ["hid:b0003g0001v0000046Dp0000C52B", ["hid_logitech_dj", "hid_generic"]],
    ["hid:b0003g0001v00000627p00000001", ["hid_generic"]],
    ["acpi:80860F14:INT33BB:", ["sdhci_acpi"]],
    ["scsi:t-0x05", ["sr_mod"]],
    ["fs-ext4", ["ext4"]],
    ["crypto-crc32c", ["crc32c_generic", "crc32c_intel"]],
    ["constructor", []],
    ["__proto__", []],
    ["toString:x", []],
    ["", []],
  ];
  for (const [name, modules] of cases) {
    test(`matchAliases() gives [${modules.join(", ")}] for "${name}"`, () => {
      expect(lookUp(name).sort()).toEqual([...modules].sort());
    });
  }
});

test("groupAliases() gives the same text for any order of its input", () => {
  const text = formatAliasGroups(groupAliases(aliases));
  expect(formatAliasGroups(groupAliases([...aliases].reverse()))).toBe(text);
});

test("matchAliases() finds exactly what trying every pattern finds", () => {
  const pattern = fc.string({ unit: fc.constantFrom(..."ab*?"), minLength: 1, maxLength: 8 });
  const name = fc.string({ unit: fc.constantFrom(..."ab"), maxLength: 8 });
  fc.assert(
    fc.property(fc.array(pattern, { maxLength: 12 }), name, (patterns, text) => {
      const all = patterns.map((one, index) => ({ pattern: `x:${one}`, module: `m${index}` }));
      const group = groupAliases(all).get("x");
      const found = group === undefined ? [] : matchAliases(group, `x:${text}`);
      const expected = all.filter((one) => matchGlob(one.pattern, `x:${text}`));
      expect(found.sort()).toEqual(expected.map((one) => one.module).sort());
    }),
    { numRuns: 1000 },
  );
});
