// How a store's file is put in place, and how the store is bound into the future root; on a machine
// in memory.
import { describe, expect, test } from "vitest";
import type { Step } from "../../../src/core/steps/step.ts";
import { Failure } from "../../../src/core/text/failure.ts";
import type { System } from "../../../src/system/port/system.ts";
import { execute } from "../../../src/system/steps/execute.ts";
import { file, link, type Tree } from "../../support/memory/entry.ts";
import { image } from "../../support/memory/image.ts";
import type { Fault } from "../../support/memory/recorded.ts";
import { createMemory } from "../../support/memory.ts";

const inner = { upperdir: { motd: "changed\n" } };

function machine(files: Tree = {}, faults: readonly Fault[] = []) {
  const store = file(image({ type: "ext4", tree: inner }));
  const host = image({ type: "vfat", tree: { "sysrcd.bs": store } });
  return createMemory({
    disks: [{ name: "sda", content: host }],
    files: { host: {}, store: {}, base: {}, root: {}, ...files },
    faults,
  });
}

function run(system: System, steps: readonly Step[]) {
  return execute(system, { title: "The plan", steps, result: "done" });
}

const mountHost = (readonly: boolean): Step => ({
  do: "mount",
  source: "/dev/sda",
  target: "/host",
  type: "vfat",
  readonly,
});
const mountFile = (readonly: boolean): Step => ({
  do: "mount-file",
  file: "/host/sysrcd.bs",
  target: "/store",
  type: "ext4",
  readonly,
});
const showStore: Step = { do: "show-inside", source: "/store", root: "/root", path: "/mnt/memory" };
const impossible: Step = { do: "move-mount", source: "/nowhere", target: "/root" };

function mountedAt(system: System, target: string) {
  return system.mounts().find((mount) => mount.target === target);
}

describe("the step mount", () => {
  test("mount is taken back although a loop device holds a file in it for a moment longer", () => {
    const faults = [{ call: "unmount", naming: "/host", errno: "EBUSY", times: 3 } as const];
    const { system } = machine({}, faults);
    expect(() => run(system, [mountHost(false), mountFile(false), impossible])).toThrow(Failure);
    expect([mountedAt(system, "/host"), mountedAt(system, "/store")]).toEqual([
      undefined,
      undefined,
    ]);
  });
});

describe("the step mount-file", () => {
  test("mount-file lets what is in a file be changed, past the page cache of its host", () => {
    const { system, journal } = machine();
    run(system, [mountHost(false), mountFile(false)]);
    system.writeFile("/store/upperdir/new", "new\n");
    expect(system.readText("/store/upperdir/new")).toBe("new\n");
    const attached = journal.find(({ name }) => name === "withLoop");
    expect(attached?.arguments[0]).toEqual({
      file: "/host/sysrcd.bs",
      readonly: false,
      directIo: true,
    });
  });

  test("mount-file keeps what is in a file from being changed", () => {
    const { system, journal } = machine();
    run(system, [mountHost(true), mountFile(true)]);
    expect(() => system.writeFile("/store/upperdir/new", "new\n")).toThrow();
    expect(system.readText("/store/upperdir/motd")).toBe("changed\n");
    const attached = journal.find(({ name }) => name === "withLoop");
    expect(attached?.arguments[0]).toMatchObject({ readonly: true });
  });

  test("mount-file fails where the host cannot be written to", () => {
    const { system } = machine();
    expect(() => run(system, [mountHost(true), mountFile(false)])).toThrow(
      /^Cannot mount the file "\/host\/sysrcd\.bs" \(ext4\) on "\/store" read-write: /,
    );
    expect(mountedAt(system, "/host")).toBeUndefined();
  });

  test("mount-file is undone before the mount of its host is", () => {
    const { system } = machine();
    expect(() => run(system, [mountHost(false), mountFile(false), impossible])).toThrow(Failure);
    expect([mountedAt(system, "/store"), mountedAt(system, "/host")]).toEqual([
      undefined,
      undefined,
    ]);
  });
});

describe("the step show-inside", () => {
  test("show-inside shows a directory read-only, and makes its place", () => {
    const { system } = machine();
    run(system, [mountHost(false), mountFile(false), showStore]);
    expect(system.readText("/root/mnt/memory/upperdir/motd")).toBe("changed\n");
    expect(() => system.writeFile("/root/mnt/memory/upperdir/x", "x")).toThrow();
    system.writeFile("/store/upperdir/x", "x");
    expect(system.readText("/root/mnt/memory/upperdir/x")).toBe("x");
  });

  test("show-inside is undone", () => {
    const { system } = machine();
    expect(() =>
      run(system, [mountHost(false), mountFile(false), showStore, impossible]),
    ).toThrow();
    expect(mountedAt(system, "/root/mnt/memory")).toBeUndefined();
  });

  const leading: readonly (readonly [is: string, root: Tree, at: string])[] = [
    ["a link to an absolute path", { mnt: link("/base") }, "/root/mnt"],
    ["a link further down", { mnt: { memory: link("/base") } }, "/root/mnt/memory"],
    ["a link that leads nowhere", { mnt: link("/nowhere") }, "/root/mnt"],
    ["a file", { mnt: "x" }, "/root/mnt"],
  ];
  for (const [is, root, at] of leading) {
    test(`show-inside does not follow ${is}, and costs nothing else`, () => {
      const { system } = machine({ root });
      const { failures } = run(system, [
        mountHost(false),
        mountFile(false),
        { ...showStore, optional: true },
      ]);
      expect(failures.map(({ message }) => message)).toEqual([
        `Cannot bind "/store" to "/mnt/memory" in "/root" read-only: "${at}" is not a directory`,
      ]);
      expect(system.mounts().map(({ target }) => target)).not.toContain("/base");
    });
  }
});
