import { describe, expect, test } from "vitest";
import {
  formatDirectoryOptions,
  formatFileOptions,
} from "../../../src/core/choosing/choosing-options.ts";
import { parseBackstore } from "../../../src/core/options/backstore-option.ts";
import { parseCommandLine } from "../../../src/core/options/cmdline.ts";

describe("formatFileOptions() says what a boot needs to find a store", () => {
  const cases = [
    { path: "/sysrcd.bs", removable: true, options: "" },
    { path: "/sysrcd.bs", removable: undefined, options: "" },
    { path: "/sysrcd.bs", removable: false, options: "backstore=alldev" },
    { path: "/a/my.bs", removable: true, options: "backstore=/a/my.bs" },
    { path: "/a/my.bs", removable: false, options: "backstore=alldev,/a/my.bs" },
    { path: "/my store.bs", removable: true, options: 'backstore="/my store.bs"' },
    { path: "/a\nb.bs", removable: true, options: undefined },
  ];
  for (const { path, removable, options } of cases) {
    test(`${JSON.stringify(path)}, removable ${removable}`, () => {
      expect(formatFileOptions({ path, removable })).toBe(options);
    });
  }

  test("what it says leads a boot to the very path", () => {
    const names = ["/sysrcd.bs", "/my.bs", "/a b/c.bs", "/a,b.bs", "/ä.bs", '/a"b.bs', "/a'b.bs"];
    for (const path of names) {
      const options = formatFileOptions({ path, removable: false });
      if (options === undefined) continue;
      const { parameters } = parseCommandLine(options);
      const read = parseBackstore(parameters[0]?.value);
      expect([read.value.path ?? "/sysrcd.bs", read.value.alldev, read.problems]).toEqual([
        path,
        true,
        [],
      ]);
    }
  });
});

describe("formatDirectoryOptions() says what a boot needs to find a directory store", () => {
  const uuid = "550e8400-e29b-41d4-a716-446655440000";
  const cases = [
    {
      place: { directory: "changes", label: "usb", uuid },
      options: "cow_label=usb cow_directory=changes",
    },
    { place: { directory: undefined, label: "usb", uuid }, options: "cow_label=usb" },
    {
      place: { directory: "a b/c", label: "my stick", uuid },
      options: 'cow_label="my stick" cow_directory="a b/c"',
    },
    {
      place: { directory: "changes", label: undefined, uuid },
      options: `cow_device=UUID=${uuid} cow_directory=changes`,
    },
    { place: { directory: "changes", label: undefined, uuid: undefined }, options: undefined },
    {
      place: { directory: "a", label: "x\u001b[2J", uuid },
      options: `cow_device=UUID=${uuid} cow_directory=a`,
    },
    { place: { directory: "a\u202eb", label: "usb", uuid }, options: undefined },
    { place: { directory: "a\nb", label: "usb", uuid }, options: undefined },
  ];
  for (const { place, options } of cases) {
    test(options ?? `nothing for ${JSON.stringify(place)}`, () => {
      expect(formatDirectoryOptions(place)).toBe(options);
    });
  }
});
