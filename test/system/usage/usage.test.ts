// The users of a store, from mount tables as kernels write them: among them those that a System in
// memory cannot have.

import { describe, expect, test } from "vitest";
import type { Mount } from "../../../src/core/kernel/mount-table.ts";
import {
  findMounts,
  findUser,
  learnUsage,
  showsTop,
  type Usage,
} from "../../../src/system/usage/usage.ts";
import { image } from "../../support/memory/image.ts";
import { createMemory, type Memory } from "../../support/memory.ts";

const place = "/run/initramfs/backstore/store";

function machine(): Memory {
  return createMemory({ disks: [{ name: "sda", content: image({ type: "ext4" }) }] });
}

function mount(target: string, fields: Partial<Mount & { isHidden: boolean }> = {}) {
  const source = "/dev/sda";
  const own = {
    type: "ext4",
    source,
    options: "rw",
    superOptions: "rw",
    deviceNumber: "0:0",
    root: "/",
  };
  return { target, ...own, device: fields.source ?? source, isHidden: false, ...fields };
}

function overlay(target: string, superOptions: string) {
  return {
    ...mount(target, { type: "overlay", source: "overlay", superOptions }),
    device: undefined,
  };
}

function userOf(mounts: Usage["mounts"], directory = "kept") {
  const bytes = { path: "/dev/sda", offset: 0 };
  return findUser(machine().system, { usage: { mounts, loops: [] }, bytes, directory });
}

describe("findUser()", () => {
  const cases = [
    { name: "nobody", mounts: [], expected: undefined },
    {
      name: "the running session, which keeps its changes there",
      mounts: [
        mount(place),
        overlay("/", `rw,lowerdir=/base,upperdir=${place}/kept/upperdir,workdir=/x`),
      ],
      expected: { by: "session", where: "/" },
    },
    {
      name: "the running session, which only reads it",
      mounts: [
        mount(place),
        overlay("/", `rw,lowerdir=${place}/kept/upperdir:/base,upperdir=/m/upperdir`),
      ],
      expected: { by: "session", where: "/" },
    },
    {
      name: "the running session of a kernel that lists lower directories one by one",
      mounts: [mount(place), overlay("/", `rw,lowerdir+=${place}/kept/upperdir,lowerdir+=/base`)],
      expected: { by: "session", where: "/" },
    },
    {
      name: "an overlay elsewhere, where the session is on another store",
      mounts: [
        mount(place),
        overlay("/", `rw,lowerdir=/base,upperdir=${place}/other/upperdir`),
        overlay("/merged", `rw,lowerdir=/base,upperdir=${place}/kept/upperdir`),
      ],
      expected: { by: "overlay", where: "/merged" },
    },
    {
      name: "an overlay whose directories have odd names",
      directory: "a,b:c d",
      mounts: [
        mount("/mnt"),
        overlay("/merged", "rw,lowerdir=/mnt/a\\054b\\:c\\040d/upperdir:/base"),
      ],
      expected: { by: "overlay", where: "/merged" },
    },
    {
      name: "an overlay on a store at the top of a file system at the root",
      directory: "",
      mounts: [mount("/"), overlay("/merged", "rw,lowerdir=/base,upperdir=/upperdir")],
      expected: { by: "overlay", where: "/merged" },
    },
    { name: "who mounted it", mounts: [mount("/mnt")], expected: { by: "mount", where: "/mnt" } },
    {
      name: "who mounted it, by the mount that shows its top",
      mounts: [
        mount("/hidden", { isHidden: true }),
        mount("/part", { root: "/part" }),
        mount("/mnt"),
      ],
      expected: { by: "mount", where: "/mnt" },
    },
    {
      name: "who mounted a part of it alone",
      mounts: [mount("/part", { root: "/part" })],
      expected: { by: "mount", where: "/part" },
    },
    {
      name: "nobody of another device",
      mounts: [mount("/mnt", { source: "/dev/sdb" })],
      expected: undefined,
    },
  ];
  for (const { name, mounts, directory, expected } of cases)
    test(`findUser() finds ${name}`, () => expect(userOf(mounts, directory)).toEqual(expected));

  test("findUser() finds a loop device, and not one that begins elsewhere in the file", () => {
    const { system } = createMemory({ files: { "a.img": "x".repeat(8192), "b.img": "x" } });
    const told = system.withLoop({ file: "/a.img", readonly: true }, () => {
      const usage = learnUsage(system);
      const user = (path: string, offset: number) =>
        findUser(system, { usage, bytes: { path, offset }, directory: "" });
      return [user("/a.img", 0), user("/a.img", 4096), user("/b.img", 0)];
    });
    expect(told).toEqual([{ by: "loop", where: "/dev/loop0" }, undefined, undefined]);
  });

  test("findUser() tells that the kernel says busy and no more", () => {
    const disk = { name: "sda", content: image({ type: "ext4" }), isClaimed: true };
    const { system } = createMemory({ disks: [disk] });
    const bytes = { path: "/dev/sda", offset: 0 };
    expect(findUser(system, { usage: learnUsage(system), bytes, directory: "" })).toEqual({
      by: "other",
      where: "in use by another program",
    });
  });
});

test("learnUsage() finds the device behind a link, and what another mount hides", () => {
  const { system } = machine();
  for (const path of ["/mnt", "/mnt/below", "/dev/disk"]) system.makeDirectory(path);
  system.makeLink("/dev/disk/store", "../sda");
  system.mount({ source: "/dev/disk/store", target: "/mnt/below", type: "ext4" });
  const bytes = { path: "/dev/sda", offset: 0 };
  expect(findMounts(system, learnUsage(system), bytes).map(showsTop)).toEqual([true]);
  system.mount({ source: "tmpfs", target: "/mnt", type: "tmpfs" });
  expect(findMounts(system, learnUsage(system), bytes).map(showsTop)).toEqual([false]);
});

test("learnUsage() tells that a mount is not hidden by one that it was moved onto", () => {
  const { system } = createMemory({
    files: { medium: {}, root: {} },
    disks: [{ name: "sda", content: image({ type: "ext4", tree: {} }) }],
  });
  const hidden = () =>
    learnUsage(system)
      .mounts.filter(({ type }) => type === "ext4")
      .map(({ target, isHidden }) => [target, isHidden]);
  system.mount({ source: "/dev/sda", target: "/medium", type: "ext4" });
  system.mount({ source: "none", target: "/root", type: "tmpfs" });
  system.makeDirectory("/root/medium");
  system.mount({ source: "/medium", target: "/root/medium", flags: ["move"] });
  expect(hidden()).toEqual([["/root/medium", false]]);
  system.mount({ source: "none", target: "/root", type: "tmpfs" });
  system.makeDirectory("/root/medium");
  expect(hidden()).toEqual([["/root/medium", true]]);
});
