import { describe, expect, test } from "vitest";
import { parseOsRelease } from "../../../src/core/medium/os-release.ts";

const debian = `PRETTY_NAME="Debian GNU/Linux 13 (trixie)"
NAME="Debian GNU/Linux"
VERSION_ID="13"
`;

const cases: readonly (readonly [text: string, release: string | undefined])[] = [
  [debian, "Debian GNU/Linux 13 (trixie)"],
  ["NAME=Fedora\n", undefined],
  ["", undefined],
  ["PRETTY_NAME=", undefined],
  ['PRETTY_NAME=""', undefined],
  ["PRETTY_NAME=Plain\nPRETTY_NAME=Last", "Last"],
  ["# PRETTY_NAME=No\n  PRETTY_NAME='It is $this'  \r\n", "It is $this"],
  ['PRETTY_NAME="a \\"b\\" \\$c \\x"', 'a "b" $c \\x'],
  ['PRETTY_NAME="open', '"open'],
  ['PRETTY_NAME="', '"'],
  ["PRETTY_NAME=Arch Linux\nIMAGE_ID=archlinux\nIMAGE_VERSION=2026.11.01", "Arch Linux 2026.11.01"],
  ["PRETTY_NAME='Live 3.1'\nIMAGE_VERSION=3.1", "Live 3.1"],
];

describe("parseOsRelease()", () => {
  for (const [text, release] of cases)
    test(`parseOsRelease() reads ${release} from ${JSON.stringify(text)}`, () => {
      expect(parseOsRelease(text)).toBe(release);
    });
});
