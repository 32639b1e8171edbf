import { describe, expect, test } from "vitest";
import {
  findMountAbove,
  isWithin,
  layersOf,
  type Mount,
  parseMountInfo,
  unescapeOctal,
  upperOf,
} from "../../../src/core/kernel/mount-table.ts";

function mount(target: string, more: Partial<Mount> = {}): Mount {
  const table = { type: "ext4", source: "/dev/a", options: "rw", superOptions: "rw" };
  return { ...table, deviceNumber: "8:1", root: "/", target, ...more };
}

test("parseMountInfo() reads whole lines, with and without optional fields, and no others", () => {
  const text = [
    "24 1 8:2 / / rw,relatime shared:1 master:2 - ext4 /dev/sda2 rw,errors=remount-ro",
    String.raw`30 24 0:31 /a\040b /mnt/\011x rw - tmpfs tmp\134fs rw,size=4k`,
    "30 24 0:31 / /mnt rw - tmpfs",
    "30 24 0:31",
    "",
  ].join("\n");
  expect(parseMountInfo(text)).toEqual([
    {
      target: "/",
      type: "ext4",
      source: "/dev/sda2",
      options: "rw,relatime",
      superOptions: "rw,errors=remount-ro",
      deviceNumber: "8:2",
      root: "/",
    },
    {
      target: "/mnt/\tx",
      type: "tmpfs",
      source: "tmp\\fs",
      options: "rw",
      superOptions: "rw,size=4k",
      deviceNumber: "0:31",
      root: "/a b",
    },
  ]);
});

test("unescapeOctal() decodes three digits after a backslash, and leaves all else", () => {
  expect(unescapeOctal(String.raw`a\040b\134040\09\12`)).toBe(String.raw`a b\040\09\12`);
});

describe("layersOf() and upperOf()", () => {
  const cases: readonly (readonly [
    options: string,
    upper: string | undefined,
    layers: string[],
  ])[] = [
    ["rw", undefined, []],
    ["rw,lowerdir=/a,upperdir=/u,workdir=/w", "/u", ["/a", "/u"]],
    [String.raw`ro,lowerdir=/a\134:b:/c\040d`, undefined, ["/a:b", "/c d"]],
    [String.raw`rw,lowerdir+=/a:b,lowerdir+=/c,upperdir=/u\054v`, "/u,v", ["/a:b", "/c", "/u,v"]],
  ];
  for (const [superOptions, upper, layers] of cases)
    test(`layersOf() and upperOf() read ${superOptions}`, () => {
      const overlay = mount("/", { type: "overlay", superOptions });
      expect(upperOf(overlay)).toBe(upper);
      expect(layersOf(overlay)).toEqual(layers);
    });
});

describe("findMountAbove()", () => {
  const first = mount("/mnt/a");
  const second = mount("/mnt/a");
  const top = mount("/");
  const mounts = [first, top, second, mount("/mnt/ab")];
  const cases: readonly (readonly [path: string, found: Mount])[] = [
    ["/", top],
    ["/mnt", top],
    ["/mnt/a", second],
    ["/mnt/a/b", second],
    ["/mnt/abc", top],
  ];
  for (const [path, found] of cases)
    test(`findMountAbove() finds where ${path} is`, () => {
      expect(findMountAbove(mounts, path)).toBe(found);
    });

  test("findMountAbove() finds nothing where nothing is mounted above", () => {
    expect(findMountAbove([first], "/home")).toBeUndefined();
  });
});

test("isWithin() knows a directory from one whose name begins alike", () => {
  expect([isWithin("/a", "/a"), isWithin("/a/b", "/a"), isWithin("/a", "/")]).toEqual([
    true,
    true,
    true,
  ]);
  expect([isWithin("/ab", "/a"), isWithin("/", "/a")]).toEqual([false, false]);
});
