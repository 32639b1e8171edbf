import { describe, expect, test } from "vitest";
import { formatMachine } from "../../../src/core/stores/machine-name.ts";

describe("formatMachine()", () => {
  const cases: readonly (readonly [
    is: string,
    names: readonly string[],
    serials: readonly string[],
    name: RegExp | undefined,
  ])[] = [
    [
      "vendor and product",
      ["LENOVO\n", "20QDS3\n"],
      ["u\n", "s\n"],
      /^LENOVO 20QDS3 \[[0-9a-f]{8}\]$/,
    ],
    ["the product alone", ["", "20QDS3\n"], ["", ""], /^20QDS3$/],
    ["a machine that has numbers alone", ["", ""], ["u"], /^unnamed \[[0-9a-f]{8}\]$/],
    [
      "what a device tree says",
      ["Raspberry Pi 4\0"],
      ["1000\0"],
      /^Raspberry Pi 4 \[[0-9a-f]{8}\]$/,
    ],
    ["a name without what a terminal obeys", ["a\u001b[2J"], [], /^a \[2J$/],
    ["a long name cut", ["x".repeat(500)], [], /^x{80}$/],
    ["nothing where nothing is said", ["", " \n"], ["", "\0"], undefined],
  ];
  for (const [is, names, serials, name] of cases)
    test(`formatMachine() gives ${is}`, () => {
      const found = formatMachine({ names, serials });
      if (name === undefined) expect(found).toBe(undefined);
      else expect(found).toMatch(name);
    });

  test("formatMachine() tells two machines of one kind from each other, and shows no serial number", () => {
    const [one, other] = ["4C4C4544-0042", "4C4C4544-0043"].map((serial) =>
      formatMachine({ names: ["DELL"], serials: [serial] }),
    );
    expect(one).not.toBe(other);
    expect(`${one}${other}`).not.toContain("4C4C4544");
  });
});
