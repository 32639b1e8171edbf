import { describe, expect, test } from "vitest";
import { parseModuleSettings } from "../../../src/core/modules/module-settings.ts";

describe("parseModuleSettings() finds modules' parameters", () => {
  const cases: [string, Record<string, string>][] = [
    ["usb-storage.quirks=152d:0578:u quiet", { usb_storage: "quirks=152d:0578:u" }],
    ["usbhid.a=1 x=2 usbhid.b", { usbhid: "a=1 b" }],
    ['loop.name="a b"', { loop: 'name="a b"' }],
    ["root=LABEL=a.b archisobasedir=x", {}],
    [".a=1 =2 -- loop.max_loop=8", {}],
    ["constructor.a=1", { constructor: "a=1" }],
    ["", {}],
  ];
  for (const [line, parameters] of cases) {
    test(`parseModuleSettings() reads "${line}"`, () => {
      const found = parseModuleSettings(line).parameters;
      expect([...found]).toEqual(Object.entries(parameters));
    });
  }
});

test("parseModuleSettings() finds what must not be loaded, by both of its names", () => {
  const line = "modprobe.blacklist=uas,hid-apple module_blacklist=nvme modprobe.blacklist= quiet";
  expect([...parseModuleSettings(line).blacklist]).toEqual(["uas", "hid_apple", "nvme"]);
  expect(parseModuleSettings(line).parameters.size).toBe(0);
});
