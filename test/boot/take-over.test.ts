// The program as an addition to another initramfs, on a machine in memory: what live-boot has
// mounted is taken over, and whatever fails, a root is there.
import { describe, expect, test } from "vitest";
import { takeOver } from "../../src/boot/take-over.ts";
import { upperOf } from "../../src/core/kernel/mount-table.ts";
import type { System } from "../../src/system/port/system.ts";
import { ext4 } from "../support/call.ts";
import * as formats from "../support/formats.ts";
import { file, type Tree } from "../support/memory/entry.ts";
import { image } from "../support/memory/image.ts";
import { createMemory, type Machine, type Memory } from "../support/memory.ts";
import { patient } from "./patience.ts";
import { checkers } from "./start.ts";

const base = image({
  type: "squashfs",
  bytes: 1 << 20,
  tree: {
    "etc/motd": "as it came\n",
    ...Object.fromEntries(["lib/live/mount", "mnt"].map((name) => [name, {}])),
  },
  pieces: [{ offset: 0, bytes: formats.squashfs() }],
});

function stick(more: Tree = {}) {
  return {
    name: "sda",
    content: image({
      type: "vfat",
      tree: { "live/filesystem.squashfs": file(base), ...more },
      pieces: [{ offset: 0, bytes: formats.vfat(32, "LIVE12") }],
    }),
  };
}

const used: Tree = { upperdir: { etc: { motd: "changed\n" } }, workdir: {} };
const storeDisk = {
  name: "sdb",
  content: ext4("kept", { persistent_LIVE12: { x86_64: used } }),
};

function storeFile() {
  const content = ext4("inner", used);
  return file({ ...content, allocated: content.length });
}

/** Makes a machine on which live-boot has assembled its root. */
function assembled(cmdline: string, machine: Machine): Memory {
  const memory = createMemory({
    files: { "backstore-init": file("program", 0o755), root: {}, run: {} },
    programs: checkers,
    ...machine,
    proc: { cmdline: `${cmdline}\n`, "sys/kernel/random/uuid": "8a4be3d2\n" },
    sys: { "module/overlay/parameters": { redirect_dir: "N\n", redirect_always_follow: "Y\n" } },
  });
  const { system } = memory;
  system.mount({
    source: "tmpfs",
    target: "/run",
    type: "tmpfs",
    flags: ["nosuid", "nodev", "noexec"],
    data: "mode=755",
  });
  const live = "/run/live";
  for (const path of ["", "/medium", "/rootfs", "/rootfs/f", "/overlay"])
    system.makeDirectory(`${live}${path}`);
  const medium = { source: "/dev/sda", target: `${live}/medium`, type: "vfat" };
  system.mount({ ...medium, flags: ["ro", "noatime"] });
  const file0 = `${live}/medium/live/filesystem.squashfs`;
  system.withLoop({ file: file0, readonly: true }, (source) =>
    system.mount({ source, target: `${live}/rootfs/f`, type: "squashfs", flags: ["ro"] }),
  );
  system.mount({ source: "tmpfs", target: `${live}/overlay`, type: "tmpfs" });
  for (const name of ["rw", "rw/etc", "work"]) system.makeDirectory(`${live}/overlay/${name}`);
  system.writeFile(`${live}/overlay/rw/etc/fstab`, "live-boot was here\n");
  const directories = `lowerdir=${live}/rootfs/f/,upperdir=${live}/overlay/rw,workdir=${live}/overlay/work`;
  system.mount({
    source: "overlay",
    target: "/root",
    type: "overlay",
    data: `${directories},redirect_dir=on`,
  });
  system.mount({ source: live, target: "/root/lib/live/mount", flags: ["bind", "rec"] });
  return memory;
}

/** What is there when live-boot goes on. */
function goOn({ system, said }: Memory, used: System = system) {
  takeOver(patient(used, 400), {
    root: "/root",
    program: "/backstore-init",
    version: "1.2.3",
    summariseBug: (error) => `bug: ${error instanceof Error ? error.stack : error}`,
  });
  const mounts = system.mounts();
  const root = mounts.findLast(({ target }) => target === "/root");
  const record = "/run/backstore/boot.json";
  const console = said.flatMap(({ where, text }) => (where === "stderr" ? [text] : [])).join("");
  const read = (path: string) =>
    system.status(path) === undefined ? undefined : system.readText(path);
  return {
    upper: root && upperOf(root),
    below: mounts.flatMap(({ target }) => (target.startsWith("/root/") ? [target] : [])),
    files: [read("/root/etc/motd"), read("/root/etc/fstab")],
    medium: mounts
      .filter(({ target }) => target === "/run/live/medium")
      .map(({ options, superOptions }) => [options, superOptions.split(",")[0]]),
    session: mounts.flatMap(({ target }) => {
      const [, name] = /^\/run\/initramfs\/backstore\/(.+)$/.exec(target) ?? [];
      // What could not be unmounted again is in nobody's way.
      return name === undefined || name.startsWith("look/") ? [] : [name];
    }),
    run: mounts.find(({ target }) => target === "/run")?.options,
    shutdown: system.status("/run/initramfs/shutdown")?.mode,
    verdict: JSON.parse(read(record) ?? JSON.stringify(hear(console))),
    console,
  };
}

/** The verdict on the console, for a boot.json that cannot be written. */
function hear(said: string): { readonly session?: string } {
  if (said.includes("backstore: Persistent session")) return { session: "persistent" };
  return said.includes("*** READ-ONLY SESSION") ? { session: "readonly" } : {};
}

const carried = ["", "/medium", "/rootfs/f", "/overlay"].map(
  (path) => `/root/lib/live/mount${path}`,
);
const ownUpper = "/run/live/overlay/rw";
const store = "/run/initramfs/backstore/store";

describe("takeOver()", () => {
  const persistent = [
    [
      "a directory store",
      "cow_label=kept",
      [stick(), storeDisk],
      `${store}/persistent_LIVE12/x86_64`,
    ],
    ["a file store on the medium", "", [stick({ "sysrcd.bs": storeFile() })], store],
    [
      "a file store on another disk",
      "backstore=alldev",
      [stick(), { name: "sdb", content: ext4("host", { "sysrcd.bs": storeFile() }) }],
      store,
    ],
  ] as const;
  for (const [name, cmdline, disks, directory] of persistent)
    test(`takeOver() keeps changes in ${name}, over what the distribution has written`, () => {
      const found = goOn(assembled(cmdline, { disks }));
      expect(found.verdict).toMatchObject({
        session: "persistent",
        way: "addon",
        live: {
          family: "live-boot",
          root: "/root",
          layers: ["/run/live/rootfs/f"],
          upper: ownUpper,
        },
        medium: { label: "LIVE12", layout: "debian" },
        mounted: { type: "overlay" },
      });
      expect(found.upper).toBe(`${directory}/upperdir`);
      expect(found.files).toEqual(["changed\n", "live-boot was here\n"]);
      expect(found.below).toEqual(["/root/mnt/memory", ...carried]);
      expect(found.medium.map(([options]) => options)).toEqual(["ro,noatime"]);
      expect(found.session).not.toContain("root");
      expect([found.run, found.shutdown]).toEqual(["rw,nosuid,nodev,relatime", 0o755]);
    });

  test("takeOver() reads a store and keeps new changes in memory, with backstore=readonly", () => {
    const disks = [stick(), storeDisk];
    const found = goOn(assembled("cow_label=kept backstore=readonly", { disks }));
    expect(found.verdict).toMatchObject({ session: "readonly", way: "addon" });
    expect(found.upper).toBe("/run/initramfs/backstore/memory/upperdir");
    expect(found.files).toEqual(["changed\n", "live-boot was here\n"]);
  });

  test("takeOver() leaves the root as it is where there is no store", () => {
    for (const cmdline of ["backstore=off", "", "cow_label=none backstore=wait=1"]) {
      const found = goOn(assembled(cmdline, { disks: [stick()] }));
      expect(found.verdict).toMatchObject({ session: "volatile", way: "addon" });
      expect([found.upper, found.below]).toEqual([ownUpper, carried]);
      expect([found.session, found.shutdown]).toEqual([[], undefined]);
      expect(found.run).toContain("noexec");
    }
  });

  test("takeOver() follows redirects of what the distribution has written, and makes none", () => {
    const memory = assembled("cow_label=kept", { disks: [stick(), storeDisk] });
    const { system } = memory;
    system.setXattr(`${ownUpper}/etc`, "trusted.overlay.redirect", new Uint8Array([0x61]));
    const found = goOn(memory);
    expect(found.verdict.mounted.options).toContain("redirect_dir=follow");
  });

  test("takeOver() does nothing with a root that it does not know, and says so", () => {
    const memory = assembled("cow_label=kept", { disks: [stick(), storeDisk] });
    memory.system.unmount("/root", "lazy");
    const found = goOn(memory);
    expect(found.console).toBe(
      'backstore: no store is used, the system starts as without backstore: nothing is mounted on "/root"\n',
    );
    expect([found.session, found.shutdown]).toEqual([[], undefined]);
  });
});

const changing = [
  ...["mount", "unmount", "cloneMounts", "attachMounts", "withLoop", "makeDirectory"],
  ...["makeLink", "writeFile", "createFile", "createOpen", "rename", "setMode", "setOwner"],
  ...["setXattr", "openDirectory", "setReadonly", "syncFileSystem", "sync"],
] as const satisfies readonly (keyof System)[];

/** Makes a System whose call number `failing` of those that change something fails. */
function failingAt(system: System, failing: number): { system: System; calls: () => number } {
  let count = 0;
  const guarded = Object.fromEntries(
    changing.map((name) => [
      name,
      (...given: unknown[]) => {
        if (++count === failing)
          throw Object.assign(new Error(name), { code: "EIO", reason: "input/output error" });
        // The compiler cannot follow a function by its name; it gets its own arguments.
        return (system[name] as (...words: unknown[]) => unknown)(...given);
      },
    ]),
  );
  return { system: { ...system, ...guarded }, calls: () => count };
}

describe("whatever fails", () => {
  const cases = [
    ["a directory store", "cow_label=kept", () => [stick(), storeDisk]],
    ["a file store on the medium", "", () => [stick({ "sysrcd.bs": storeFile() })]],
  ] as const;
  for (const [name, cmdline, disks] of cases)
    test(`takeOver() with ${name} leaves a root, and says which`, () => {
      const whole = failingAt(assembled(cmdline, { disks: disks() }).system, 0);
      const memory = assembled(cmdline, { disks: disks() });
      const good = failingAt(memory.system, 0);
      goOn(memory, good.system);
      expect(whole.calls()).toBe(0);
      const kinds = new Set<string>();
      for (let failing = 1; failing <= good.calls(); failing++) {
        const faulty = assembled(cmdline, { disks: disks() });
        const found = goOn(faulty, failingAt(faulty.system, failing).system);
        const { session } = found.verdict;
        kinds.add(session ?? "none");
        const isKept = found.upper?.startsWith(`${store}/`);
        expect([failing, isKept]).toEqual([failing, session === "persistent"]);
        if (session !== "persistent" && session !== "readonly")
          expect([failing, found.upper, found.session]).toEqual([failing, ownUpper, []]);
        expect([failing, found.files[1]]).toEqual([failing, "live-boot was here\n"]);
        expect([failing, ...found.below]).toEqual([
          failing,
          ...found.below.slice(0, -4),
          ...carried,
        ]);
        expect([failing, found.medium.map(([options]) => options)]).toEqual([
          failing,
          ["ro,noatime"],
        ]);
      }
      expect(kinds).toContain("persistent");
      expect(kinds).toContain("volatile");
    });
});
