// Which mount a path is on.
import { describe, expect, test } from "vitest";
import { mountOf } from "../../../src/system/port/mount-of.ts";
import { errnoOf, type System } from "../../../src/system/port/system.ts";
import { link } from "../../support/memory/entry.ts";
import { createMemory } from "../../support/memory.ts";

function createMounted(): System {
  const { system } = createMemory({
    files: {
      "media/usb/file": "",
      "media/usb-other/file": "",
      "media/link": link("usb/below"),
      "home/link": link("/media/usb/below/file"),
    },
  });
  const mount = (source: string, target: string) => system.mount({ source, target, type: "tmpfs" });
  mount("stick", "/media/usb");
  for (const name of ["below", "below/deep", "beside"]) system.makeDirectory(`/media/usb/${name}`);
  mount("below", "/media/usb/below");
  system.writeFile("/media/usb/below/file", "");
  mount("first", "/media/usb/beside");
  mount("second", "/media/usb/beside");
  return system;
}

describe("mountOf() finds", () => {
  const cases = [
    { path: "/", source: "rootfs" },
    { path: "/home", source: "rootfs" },
    { path: "/media/usb", source: "stick" },
    { path: "/media/usb/", source: "stick" },
    { path: "/media/usb/below", source: "below" },
    { path: "/media/usb/below/file", source: "below" },
    { path: "/media/usb/below/..", source: "stick" },
    { path: "/media/usb-other/file", source: "rootfs" },
    { path: "/media/usb/beside", source: "second" },
    { path: "/media/link", source: "below" },
    { path: "/home/link", source: "below" },
  ];
  const system = createMounted();
  for (const { path, source } of cases)
    test(`"${source}" for ${path}`, () => {
      expect(mountOf(system, path)?.source).toBe(source);
    });
});

test("mountOf() fails as resolving does when there is no such file", () => {
  const { system } = createMemory();
  let errno: string | undefined;
  try {
    mountOf(system, "/media/missing");
  } catch (error) {
    errno = errnoOf(error);
  }
  expect(errno).toBe("ENOENT");
});

test("mountOf() gives nothing where no mount is listed above the path", () => {
  const system: System = { ...createMemory().system, mounts: () => [] };
  expect(mountOf(system, "/proc/version")).toBe(undefined);
});
