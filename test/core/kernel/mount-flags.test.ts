import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseMountOptions } from "../../../src/core/kernel/mount-flags.ts";

const nothing = { flags: [], data: "", readonly: false };

describe("parseMountOptions()", () => {
  const cases: readonly (readonly [text: string, options: Partial<typeof nothing> | object])[] = [
    ["", {}],
    [",", {}],
    ["defaults,rw,nofail,_netdev,x-systemd.automount", {}],
    ["noatime", { flags: ["noatime"] }],
    ["commit=60, ,data=journal,", { data: "commit=60,data=journal" }],
    ["lazytime,nodev", { flags: ["nodev", "lazytime"] }],
    ["commit=60", { data: "commit=60" }],
    ["noatime,commit=60,data=journal", { flags: ["noatime"], data: "commit=60,data=journal" }],
    [" noatime , commit=60 ", { flags: ["noatime"], data: "commit=60" }],
    ["ro", { readonly: true }],
    ["ro,rw", {}],
    ["rw,ro", { readonly: true }],
    ["ro,defaults", { readonly: true }],
    ["row,errors=remount-ro", { data: "row,errors=remount-ro" }],
    ['context="a:b,c",noatime', { flags: ["noatime"], data: 'context="a:b,c"' }],
    ['context="a,ro', { data: 'context="a,ro' }],
    ["$(id);reboot", { data: "$(id);reboot" }],
    ["toString,__proto__", { data: "toString,__proto__" }],
  ];
  for (const [text, options] of cases) {
    test(`parseMountOptions() parts ${JSON.stringify(text)}`, () => {
      expect(parseMountOptions(text)).toEqual({ ...nothing, ...options });
    });
  }

  test("parseMountOptions() takes any text, and loses no word that the file system should see", () => {
    fc.assert(
      fc.property(fc.array(fc.stringMatching(/^[a-w]{1,3}=[a-z]{0,3}$/)), (words) => {
        expect(parseMountOptions(["noatime", ...words, "ro"].join(","))).toEqual({
          flags: ["noatime"],
          readonly: true,
          data: words.join(","),
        });
      }),
    );
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 4096 }), (text) => {
        parseMountOptions(text);
      }),
    );
  });
});
