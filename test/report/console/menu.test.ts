import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Menu, menuRows, type OfferedStore } from "../../../src/core/choosing/menu.ts";
import { unaskedCandidates } from "../../../src/core/devices/candidate.ts";
import { renderDetails, renderMenu } from "../../../src/report/console/menu.ts";
import { device, found, foundFile, partition } from "../../support/devices.ts";

const stick = partition("/dev/sdb", 1, {
  type: "vfat",
  label: "STICK",
  bytes: 16 * 2 ** 30,
  model: "Ultra Fit",
  serial: "4C530001",
});
const stores: readonly OfferedStore[] = [
  { found: foundFile(stick, { bytes: 2 ** 30, label: "inner" }), isNew: false },
  { found: found(device("/dev/sdc", { type: "xfs", bytes: 2 ** 30 })), isNew: true },
];
const [first] = stores;

function menu(fields: Partial<Menu> = {}): Menu {
  return {
    occasion: "ask",
    stores,
    byEnter: { kind: "store", store: first! },
    missing: undefined,
    ...fields,
  };
}

describe("renderMenu()", () => {
  test("renderMenu() shows each store with its device, what else can be done, and what Enter alone does", () => {
    expect(renderMenu(menu())).toMatchInlineSnapshot(`
      "
      Which store should keep the changes of this session?

      *  1  "/sysrcd.bs" on /dev/sdb1, 1.0 GiB, ext4, labelled "inner"
            Ultra Fit, 16.0 GiB, vfat, labelled "STICK", serial number 4C530001
         2  "persistent_RESCUE1100/x86_64" on /dev/sdc, empty
            disk, 1.0 GiB, xfs
         v  continue without a store: changes are lost at power-off
         t  search for stores again
         d  show each device and why it is not used
         r  restart the machine
         p  power off the machine

      Type 1, 2, v, t, d, r or p and press Enter (Enter alone: 1).
      > "
    `);
  });

  test("renderMenu() says why Enter alone takes none", () => {
    const none = menu({
      stores: [],
      byEnter: { kind: "volatile" },
      missing: "there is no such label",
    });
    const text = renderMenu(none);
    expect(text).toMatch(
      /^\nThere is no such label\.\nNo store was found\. What should be done\?\n/,
    );
    expect(text).toContain("\n*  v  continue without a store");
    expect(text).toContain("Type v, t, d, r or p and press Enter (Enter alone: v).\n> ");
  });

  test("renderMenu() does not say again what a boot that stopped has just said", () => {
    const text = renderMenu(menu({ occasion: "stopped", missing: "there is no such label" }));
    expect(text).not.toContain("no such label");
  });

  const names = fc.oneof(
    fc.string({ maxLength: 300 }),
    fc.string({
      unit: fc.constantFrom("\u001b", "\u009b", "\n", "a", " ", "\u202e", '"'),
      maxLength: 300,
    }),
  );
  test("renderMenu() fits on a terminal, line by line, and gives it nothing to obey", () => {
    fc.assert(
      fc.property(names, names, names, (label, model, serial) => {
        const on = device("/dev/sdb", { type: "ext4", label, model, serial });
        const hostile = { found: found(on, { directory: label }), isNew: false };
        const text = renderMenu(
          menu({ stores: [hostile], byEnter: { kind: "volatile" }, missing: model }),
        );
        expect(text.split("\n").every((line) => line.length <= 79)).toBe(true);
        expect(text).not.toMatch(/(?!\n)[\p{Cc}\u2028\u2029\u202a-\u202e]/u);
        expect(text.match(/^[ *] {1,2}\w {2}/gm)).toHaveLength(menuRows.length + 1);
      }),
    );
  });
});

describe("renderDetails()", () => {
  test("renderDetails() shows every device with the reason, and what is wrong", () => {
    const candidates = unaskedCandidates([stick, device("/dev/sdc")], "its label is another");
    const problems = [
      { message: "Cannot use cow_lable: there is no such option", file: "1.yaml", line: 2 },
    ];
    expect(renderDetails({ candidates, problems })).toMatchInlineSnapshot(`
      "
      Devices (+ the store, - not)
      - /dev/sdb1 (Ultra Fit, 16.0 GiB, vfat, "STICK"): its label is another
      - /dev/sdc (1.0 GiB, ?): its label is another

      Problems
      - 1.yaml:2: Cannot use cow_lable: there is no such option
      "
    `);
  });

  test("renderDetails() says that nothing was seen", () => {
    expect(renderDetails({ candidates: [], problems: [] })).toBe("\nNo device was found.\n");
  });
});
