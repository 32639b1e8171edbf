// Where a store named by the user is, and through which path it can be written.

import { describe, expect, test } from "vitest";
import type { Mount } from "../../../src/core/kernel/mount-table.ts";
import type { System } from "../../../src/system/port/system.ts";
import { locateStore, pathInside } from "../../../src/system/stores/locate-store.ts";
import { findWritableHost } from "../../../src/system/stores/writable-host.ts";
import { directory, file, link, makeEntry } from "../../support/memory/entry.ts";
import { image } from "../../support/memory/image.ts";
import { createMemory } from "../../support/memory.ts";

function stick(): System {
  const tree = {
    "sysrcd.bs": file("store"),
    stores: { "a.bs": file("a") },
    "by-link.bs": link("stores/a.bs"),
    "no.bs": link("nowhere"),
  };
  const { system } = createMemory({
    files: { mnt: { usb: {}, again: {} }, "to-stick": link("/mnt/usb") },
    disks: [{ name: "sda", content: image({ type: "ext4", tree }) }],
  });
  system.mount({ source: "/dev/sda", target: "/mnt/usb", type: "ext4" });
  return system;
}

describe("locateStore() finds the store that is meant", () => {
  const cases = [
    { given: "/mnt/usb", store: "/mnt/usb/sysrcd.bs", path: "/sysrcd.bs" },
    { given: "/mnt/usb/", store: "/mnt/usb/sysrcd.bs", path: "/sysrcd.bs" },
    { given: "/to-stick", store: "/mnt/usb/sysrcd.bs", path: "/sysrcd.bs" },
    { given: "/to-stick/new.bs", store: "/mnt/usb/new.bs", path: "/new.bs" },
    { given: "/mnt/usb/stores", store: "/mnt/usb/stores/sysrcd.bs", path: "/stores/sysrcd.bs" },
    { given: "/mnt/usb/by-link.bs", store: "/mnt/usb/stores/a.bs", path: "/stores/a.bs" },
    { given: "/mnt/../mnt/usb/stores/./a.bs", store: "/mnt/usb/stores/a.bs", path: "/stores/a.bs" },
  ];
  for (const { given, store, path } of cases) {
    test(given, () => {
      const place = locateStore(stick(), given, "find");
      expect([place.store, place.host.path, place.host.type]).toEqual([store, path, "ext4"]);
    });
  }

  const refused = [
    { given: "", found: "a path cannot be empty" },
    { given: "/mnt/usb/none/", found: "no such directory" },
    { given: "/mnt/usb/none/x.bs", found: 'no such directory: "/mnt/usb/none"' },
    { given: "/mnt/usb/no.bs", found: "it is a dangling link" },
    { given: "/mnt/usb/sysrcd.bs/x", found: 'no such directory: "/mnt/usb/sysrcd.bs"' },
  ];
  for (const { given, found } of refused) {
    test(`not ${JSON.stringify(given)}: ${found}`, () => {
      expect(() => locateStore(stick(), given, "find")).toThrow(`Cannot find "${given}": ${found}`);
    });
  }
});

describe("locateStore() crosses links of root and of the owner of what they lead to", () => {
  const uid = 1000;
  function home(): System {
    const owned = (target: string) => makeEntry("link", { target, uid });
    const own = directory({ "a.bs": makeEntry("file", { uid }) }, { uid });
    const { system } = createMemory({
      files: {
        etc: { "sysrcd.bs": file("somebody's") },
        home: {
          own,
          "to-own": owned("own"),
          "to-etc": owned("/etc"),
          "to-file": owned("../etc/sysrcd.bs"),
          "to-link": owned("to-etc"),
          "by-root": link("/etc"),
        },
      },
    });
    return system;
  }

  const cases = [
    { given: "/home/to-own", store: "/home/own/sysrcd.bs" },
    { given: "/home/to-own/a.bs", store: "/home/own/a.bs" },
    { given: "/home/by-root/new.bs", store: "/etc/new.bs" },
    { given: "/home/to-etc", refused: "it is a link whose owner does not own what it leads to" },
    { given: "/home/to-etc/new.bs", refused: '"/home/to-etc" is a link whose owner does not own' },
    { given: "/home/to-file", refused: "it is a link whose owner does not own what it leads to" },
    { given: "/home/to-link/..", refused: '"/home/to-link" is a link whose owner does not own' },
  ];
  for (const { given, store, refused } of cases)
    test(`${given}: ${store ?? "refused"}`, () => {
      const locate = () => locateStore(home(), given, "find");
      if (store !== undefined) expect(locate().store).toBe(store);
      else expect(locate).toThrow(`Cannot find "${given}": ${refused}`);
    });
});

test("pathInside() gives a path as it is from the top of the file system", () => {
  const mount: Mount = {
    target: "/mnt/usb",
    root: "/",
    type: "btrfs",
    source: "/dev/sda",
    options: "rw",
    superOptions: "rw",
    deviceNumber: "8:0",
  };
  expect(pathInside(mount, "/mnt/usb/a/b")).toBe("/a/b");
  expect(pathInside(mount, "/mnt/usb")).toBe("/");
  expect(pathInside({ ...mount, root: "/@home" }, "/mnt/usb/a")).toBe("/@home/a");
  expect(pathInside({ ...mount, root: "/@home" }, "/mnt/usb")).toBe("/@home");
  expect(pathInside({ ...mount, target: "/" }, "/a")).toBe("/a");
});

describe("findWritableHost()", () => {
  const find = (system: System) =>
    findWritableHost(system, locateStore(system, "/mnt/usb", "grow"), "grow");

  test("takes a host that is writable as it is", () => {
    expect(find(stick())).toEqual({ store: "/mnt/usb/sysrcd.bs", before: [], after: [] });
  });

  test("takes another mount of the same file system that is writable", () => {
    const system = stick();
    system.mount({ source: "/mnt/usb", target: "/mnt/again", flags: ["bind"] });
    system.mount({ source: "none", target: "/mnt/usb", flags: ["remount", "bind", "ro"] });
    expect(find(system).store).toBe("/mnt/again/sysrcd.bs");
  });

  test("does not take one that something else hides", () => {
    const system = stick();
    system.mount({ source: "/mnt/usb", target: "/mnt/again", flags: ["bind"] });
    system.mount({ source: "none", target: "/mnt/usb", flags: ["remount", "bind", "ro"] });
    system.mount({ source: "none", target: "/mnt/again", type: "tmpfs" });
    expect(() => find(system)).toThrow('"/mnt/usb" is mounted read-only');
  });

  test("does not take a mount that shows another directory", () => {
    const system = stick();
    system.mount({ source: "/mnt/usb/stores", target: "/mnt/again", flags: ["bind"] });
    system.mount({ source: "none", target: "/mnt/usb", flags: ["remount", "bind", "ro"] });
    expect(() => find(system)).toThrow('"/mnt/usb" is mounted read-only');
  });
});
