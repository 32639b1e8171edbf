// What the inspection of a host finds at the path of a store's file; on a machine in memory.

import { describe, expect, test } from "vitest";
import { unknownDevice } from "../../../src/core/devices/device.ts";
import type { HostFacts } from "../../../src/core/stores/host-offer.ts";
import type { SeenStore } from "../../../src/core/stores/seen-store.ts";
import { identify } from "../../../src/core/superblocks/identify.ts";
import { inspectHost } from "../../../src/system/stores/inspect-host.ts";
import { ext4 } from "../../support/call.ts";
import * as formats from "../../support/formats.ts";
import type { Content } from "../../support/memory/content.ts";
import { file, link, makeEntry, type Tree } from "../../support/memory/entry.ts";
import { image } from "../../support/memory/image.ts";
import type { Fault } from "../../support/memory/recorded.ts";
import { createMemory } from "../../support/memory.ts";

interface Given {
  readonly content: Content;
  readonly path?: string;
  readonly types?: readonly string[];
  readonly faults?: readonly Fault[];
}

/** Inspects a disk, and checks that nothing is mounted afterwards and that nothing was written. */
function inspect({ content, path = "/sysrcd.bs", ...machine }: Given): HostFacts {
  const { system, journal } = createMemory({ disks: [{ name: "sda", content }], ...machine });
  const before = system.mounts().length;
  const read = (offset: number, length: number) => system.readBytes("/dev/sda", offset, length);
  const superblock = identify(read, content.length);
  const device = { ...unknownDevice("/dev/sda", content.length), superblock };
  const facts = inspectHost(system, { device, path, at: "/tmp/look", prepare: () => {} });
  expect(system.mounts()).toHaveLength(before);
  const writes = journal.filter(
    ({ name }) => !/^(withLoop|mount|unmount|makeDirectory)$/.test(name),
  );
  expect(writes.map(({ name }) => name)).toEqual([]);
  return facts;
}

function vfat(tree: Tree): Content {
  return image({ type: "vfat", tree, pieces: [{ offset: 0, bytes: formats.vfat(32, "STICK") }] });
}

function ntfs(tree: Tree): Content {
  return image({ type: "ntfs3", tree, pieces: [{ offset: 0, bytes: formats.ntfs("WINDOWS") }] });
}

function found(tree: Tree, path?: string): SeenStore | undefined {
  return inspect({ content: vfat(tree), ...(path === undefined ? {} : { path }) }).found;
}

const inside = { upperdir: { etc: { motd: "changed\n" } }, workdir: {} };

describe("inspectHost()", () => {
  test("inspectHost() sees a store's file, and what is in it", () => {
    const store = ext4("inner", { ...inside, "backstore.json": "{" });
    expect(inspect({ content: vfat({ "sysrcd.bs": file(store) }) })).toEqual({
      obstacle: undefined,
      isHibernated: false,
      found: {
        kind: "file",
        device: expect.objectContaining({ path: "/dev/sda" }),
        path: "/sysrcd.bs",
        obstacle: undefined,
        file: {
          path: "/sysrcd.bs",
          bytes: 64 << 20,
          allocatedBytes: expect.any(Number),
          hostFreeBytes: expect.any(Number),
          superblock: expect.objectContaining({ type: "ext4", label: "inner" }),
          intent: undefined,
        },
        directory: {
          directory: "",
          exists: true,
          obstacle: undefined,
          names: ["backstore.json", "upperdir", "workdir"],
          record: "{",
          traces: { metacopy: false, redirect: false, incomplete: false },
          room: {
            totalBytes: 64 << 20,
            usableBytes: expect.any(Number),
            ballastBytes: 0,
          },
          isDedicated: true,
        },
      },
    });
  });

  test("inspectHost() waits while someone still has the loop device on the file open", () => {
    const content = vfat({ "sysrcd.bs": file(ext4("inner", inside)) });
    const faults = [
      { call: "unmount", naming: "/tmp/look/host", errno: "EBUSY", times: 3 } as const,
    ];
    expect(inspect({ content, faults })).toMatchObject({
      obstacle: undefined,
      found: { directory: { exists: true } },
    });
  });

  test("inspectHost() reads the record of a resize beside it", () => {
    const beside = (text: string | Uint8Array) =>
      found({ "sysrcd.bs": file(ext4("x")), "sysrcd.bs.backstore-intent": text });
    expect(beside("{}")).toMatchObject({ file: { intent: "{}" } });
    // One that cannot be a record must not look like none.
    expect(beside(new Uint8Array(100_000))).toMatchObject({ file: { intent: "" } });
  });

  const none: readonly (readonly [is: string, tree: Tree, path?: string])[] = [
    ["nothing", {}],
    ["another file", { "other.bs": "x" }],
    ["a file where the path has a directory", { stores: "x" }, "/stores/my.bs"],
  ];
  for (const [is, tree, path] of none) {
    test(`inspectHost() finds nothing where ${is} is`, () => {
      expect(inspect({ content: vfat(tree), ...(path === undefined ? {} : { path }) })).toEqual({
        obstacle: undefined,
        isHibernated: false,
        found: undefined,
      });
    });
  }

  const others: readonly (readonly [problem: string, tree: Tree, path?: string])[] = [
    ["it is a directory", { "sysrcd.bs": {} }],
    ["it is a link, and links are not followed", { "sysrcd.bs": link("real.bs"), "real.bs": "x" }],
    ["it is a pipe, not a file", { "sysrcd.bs": makeEntry("fifo") }],
    ["it is a device, not a file", { "sysrcd.bs": makeEntry("block", { deviceNumber: 2048 }) }],
    [
      'it is behind the link "/a/b", and links are not followed',
      { "a/b": link("/etc"), "etc/passwd": "x" },
      "/a/b/passwd",
    ],
  ];
  for (const [problem, tree, path] of others) {
    test(`inspectHost() says of what is in its place: ${problem}`, () => {
      expect(found(tree, path)).toMatchObject({
        file: undefined,
        directory: undefined,
        obstacle: { kind: "none", reason: problem },
      });
    });
  }

  test("inspectHost() does not mount what cannot be a store", () => {
    const squashed = image({
      type: "squashfs",
      pieces: [{ offset: 0, bytes: formats.squashfs() }],
    });
    expect(found({ "sysrcd.bs": file(squashed) })).toMatchObject({
      obstacle: { reason: expect.stringMatching(/^it contains squashfs, and a store needs ext2/) },
    });
    expect(found({ "sysrcd.bs": "" })).toMatchObject({ obstacle: { reason: "it is empty" } });
  });

  const xfs = image({ type: "xfs", bytes: 1 << 30, pieces: [{ offset: 0, bytes: formats.xfs() }] });
  const failures: readonly (readonly [is: string, given: Given, facts: object])[] = [
    [
      "a host whose type the kernel does not know",
      { content: ntfs({}), types: ["vfat"] },
      { obstacle: "this kernel has no driver that can write to ntfs (ntfs3)", found: undefined },
    ],
    [
      "a host that cannot be mounted",
      { content: vfat({}), faults: [{ call: "mount", errno: "EINVAL" }] },
      { obstacle: "it cannot be inspected: invalid argument" },
    ],
    [
      "a file whose type the kernel does not know",
      { content: vfat({ "sysrcd.bs": file(xfs) }), types: ["vfat"] },
      { found: { obstacle: { kind: "unknown", reason: "this kernel has no driver for xfs" } } },
    ],
    [
      "a file that cannot be read",
      {
        content: vfat({ "sysrcd.bs": file(xfs) }),
        faults: [{ call: "withFile", naming: "/tmp/look/host/sysrcd.bs", errno: "EIO" }],
      },
      { found: { obstacle: { kind: "unknown", reason: "it cannot be read: I/O error" } } },
    ],
  ];
  for (const [is, given, facts] of failures) {
    test(`inspectHost() says why nothing can be seen of ${is}`, () => {
      expect(inspect(given)).toMatchObject(facts);
    });
  }

  const sleepers: readonly (readonly [is: string, tree: Tree, isHibernated: boolean])[] = [
    ["has no hiberfil.sys", {}, false],
    ["is asleep", { "hiberfil.sys": "hibr\0\0" }, true],
    ["is asleep, of a newer release", { "hiberfil.sys": "HIBR" }, true],
    ["has woken up", { "hiberfil.sys": "wake" }, false],
    ["was shut down", { "hiberfil.sys": "\0\0\0\0" }, false],
    ["has an empty hiberfil.sys", { "hiberfil.sys": "" }, false],
  ];
  for (const [is, tree, isHibernated] of sleepers) {
    test(`inspectHost() tells whether a Windows ${is}`, () => {
      const types = ["ntfs3"];
      expect(inspect({ content: ntfs(tree), types })).toMatchObject({ isHibernated });
      // No other system hibernates to a file of that name.
      expect(inspect({ content: vfat(tree) })).toMatchObject({ isHibernated: false });
    });
  }
});
