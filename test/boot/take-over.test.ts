// The program as an addition to another initramfs, on a machine in memory: what live-boot or casper
// has mounted is taken over, and whatever fails, a root is there.
import { describe, expect, test } from "vitest";
import { takeOver } from "../../src/boot/take-over.ts";
import { lowerLayersOf, upperOf } from "../../src/core/kernel/mount-table.ts";
import { sessionDirectory } from "../../src/core/session/places.ts";
import type { System } from "../../src/system/port/system.ts";
import { ext4 } from "../support/call.ts";
import * as formats from "../support/formats.ts";
import { file, type Tree } from "../support/memory/entry.ts";
import { image } from "../support/memory/image.ts";
import { createMemory, type Machine, type Memory, type Program } from "../support/memory.ts";
import { patient } from "./patience.ts";
import { checkers } from "./start.ts";

const directories = ["dev", "lib/live/mount", "mnt", "proc", "rofs", "cdrom"];
const baseTree: Tree = {
  "etc/motd": "as it came\n",
  ...Object.fromEntries(directories.map((name) => [name, {}])),
};

function baseImage(tree: Tree) {
  return image({
    type: "squashfs",
    bytes: 1 << 20,
    tree,
    pieces: [{ offset: 0, bytes: formats.squashfs() }],
  });
}

const base = baseImage(baseTree);
const module = image({
  type: "squashfs",
  bytes: 1 << 20,
  tree: { "etc/module": "there\n" },
  pieces: [{ offset: 0, bytes: formats.squashfs() }],
});

function stick(more: Tree = {}) {
  return {
    name: "sda",
    content: image({
      type: "vfat",
      tree: {
        "live/filesystem.squashfs": file(base),
        "casper/filesystem.squashfs": file(base),
        "casper/module.squashfs": file(module),
        ...more,
      },
      pieces: [{ offset: 0, bytes: formats.vfat(32, "LIVE12") }],
    }),
  };
}

const used: Tree = { upperdir: { etc: { motd: "changed\n" } }, workdir: {} };
const storeDisk = {
  name: "sdb",
  content: ext4("kept", { persistent_LIVE12: { x86_64: used } }),
};

function stickWithTools() {
  const bin = { e2fsck: file("", 0o755), e2image: file("", 0o755) };
  const tools = baseImage({ ...baseTree, "usr/sbin": bin });
  return stick({ "live/filesystem.squashfs": file(tools) });
}

function uncleanDisk() {
  const bytes = formats.ext("ext4", "kept");
  new DataView(bytes.buffer, bytes.byteOffset).setUint16(1024 + 0x3a, 0, true);
  const pieces = [{ offset: 0, bytes }];
  const tree = { persistent_LIVE12: { x86_64: used } };
  return { name: "sdb", content: image({ type: "ext4", tree, pieces }) };
}

function storeFile() {
  const content = ext4("inner", used);
  return file({ ...content, allocated: content.length });
}

/** An initramfs that assembles a root, and what is there when it has. */
interface Initramfs {
  readonly family: string;
  readonly assemble: (system: System) => void;
  readonly layers: readonly string[];
  readonly upper: string;
  readonly layout: string;
  /** Where its medium is mounted. */
  readonly medium: string;
  /** What is mounted below the root. */
  readonly carried: readonly string[];
}

const liveBoot: Initramfs = {
  family: "live-boot",
  assemble(system) {
    const live = "/run/live";
    for (const path of ["", "/medium", "/rootfs", "/rootfs/f", "/overlay"])
      system.makeDirectory(`${live}${path}`);
    mountMedium(system, `${live}/medium`);
    mountImage(system, `${live}/medium/live/filesystem.squashfs`, `${live}/rootfs/f`);
    mountRoot(system, {
      layers: `${live}/rootfs/f/`,
      memory: `${live}/overlay`,
      upper: "rw",
      options: ",redirect_dir=on",
    });
    system.mount({ source: live, target: "/root/lib/live/mount", flags: ["bind", "rec"] });
  },
  layers: ["/run/live/rootfs/f"],
  upper: "/run/live/overlay/rw",
  layout: "debian",
  medium: "/run/live/medium",
  carried: ["", "/medium", "/rootfs/f", "/overlay"].map((path) => `/root/lib/live/mount${path}`),
};

const casper: Initramfs = {
  family: "casper",
  assemble(system) {
    for (const path of ["/cow", "/cdrom", "/filesystem.squashfs", "/module.squashfs"])
      system.makeDirectory(path);
    mountMedium(system, "/cdrom");
    for (const name of ["filesystem", "module"])
      mountImage(system, `/cdrom/casper/${name}.squashfs`, `/${name}.squashfs`);
    mountRoot(system, {
      layers: "/module.squashfs:/filesystem.squashfs",
      memory: "/cow",
      upper: "upper",
      options: "",
    });
    for (const [source, target] of [
      ["/filesystem.squashfs", "/root/rofs"],
      ["/cdrom", "/root/cdrom"],
    ] as const)
      system.mount({ source, target, flags: ["move"] });
  },
  layers: ["/module.squashfs", "/root/rofs"],
  upper: "/cow/upper",
  layout: "debian",
  medium: "/root/cdrom",
  carried: ["/root/rofs", "/root/cdrom"],
};

/** As MX and linux-live, it has nothing mounted on /run. */
const withoutRun: Initramfs = {
  ...casper,
  family: "casper, without a mount on /run,",
  assemble(system) {
    system.unmount("/run");
    casper.assemble(system);
  },
};

function mountMedium(system: System, target: string): void {
  system.mount({ source: "/dev/sda", target, type: "vfat", flags: ["ro", "noatime"] });
}

function mountImage(system: System, image: string, target: string): void {
  system.withLoop({ file: image, readonly: true }, (source) =>
    system.mount({ source, target, type: "squashfs", flags: ["ro"] }),
  );
}

/** Mounts a root with changes in memory, some of which the distribution has made already. */
function mountRoot(
  system: System,
  given: Readonly<Record<"layers" | "memory" | "upper" | "options", string>>,
): void {
  const { layers, memory, options } = given;
  const [upper, work] = [`${memory}/${given.upper}`, `${memory}/work`];
  system.mount({ source: "tmpfs", target: memory, type: "tmpfs" });
  for (const path of [upper, `${upper}/etc`, work]) system.makeDirectory(path);
  system.writeFile(`${upper}/etc/fstab`, "live-boot was here\n");
  system.mount({
    source: memory === "/cow" ? memory : "overlay",
    target: "/root",
    type: "overlay",
    data: `lowerdir=${layers},upperdir=${upper},workdir=${work}${options}`,
  });
}

/** Makes a machine on which an initramfs has assembled its root. */
function assembled(cmdline: string, machine: Machine, { assemble } = liveBoot): Memory {
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
  assemble(system);
  return memory;
}

/** What is there when the other initramfs goes on. */
function goOn({ system, said }: Memory, used: System = system, more: { isKept?: boolean } = {}) {
  takeOver(patient(used, 400), {
    root: "/root",
    ...more,
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
    lower: root && lowerLayersOf(root),
    targets: mounts.map(({ target }) => target),
    below: mounts.flatMap(({ target }) => (target.startsWith("/root/") ? [target] : [])),
    files: [read("/root/etc/motd"), read("/root/etc/fstab")],
    medium: mounts
      .filter(({ target }) => ["/run/live/medium", "/root/cdrom"].includes(target))
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

const store = `${sessionDirectory}/store`;

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
  for (const initramfs of [liveBoot, casper])
    for (const [name, cmdline, disks, directory] of persistent)
      test(`takeOver() keeps changes in ${name}, over what ${initramfs.family} has written`, () => {
        const { family, layers, upper, layout, carried } = initramfs;
        const found = goOn(assembled(cmdline, { disks }, initramfs));
        expect(found.verdict).toMatchObject({
          session: "persistent",
          way: "addon",
          live: { family, root: "/root", layers, upper },
          medium: { label: "LIVE12", layout },
          mounted: { type: "overlay" },
        });
        expect(found.upper).toBe(`${directory}/upperdir`);
        expect(found.files).toEqual(["changed\n", "live-boot was here\n"]);
        expect(found.below.sort()).toEqual(["/root/mnt/memory", ...carried].sort());
        expect(found.medium.map(([options]) => options)).toEqual(["ro,noatime"]);
        expect(found.session).not.toContain("root");
        const hidden = ["/cow", "/module.squashfs"];
        expect(found.targets.filter((target) => hidden.includes(target))).toEqual([]);
        expect([found.run, found.shutdown]).toEqual(["rw,nosuid,nodev,relatime", 0o755]);
      });

  test("takeOver() names layers below /run whose own names end with the initramfs", () => {
    const disks = [stick(), storeDisk];
    const found = goOn(assembled("cow_label=kept", { disks }, casper));
    const command = `${sessionDirectory}/command`;
    expect(found.lower).toEqual([
      ...[0, 1, 2].map((number) => `${sessionDirectory}/lower/${number}`),
      command,
    ]);
    expect(found.session.filter((name) => name.startsWith("lower/"))).toHaveLength(3);
    const other = goOn(assembled("cow_label=kept", { disks }));
    expect(other.lower).toEqual(["/run/live/overlay/rw", "/run/live/rootfs/f", command]);
  });

  test("takeOver() has a directory that can be moved where /run is not handed over", () => {
    const own = ({ system }: Memory) =>
      system.mounts().filter(({ target }) => target === sessionDirectory);
    const start = (cmdline: string) => {
      const memory = assembled(cmdline, { disks: [stick(), storeDisk] }, casper);
      memory.system.unmount("/run");
      return { memory, found: goOn(memory) };
    };
    const kept = start("cow_label=kept");
    expect(kept.found.verdict).toMatchObject({ session: "persistent" });
    expect(own(kept.memory).map(({ type }) => type)).toEqual(["tmpfs"]);
    const off = start("backstore=off");
    expect(off.found.verdict).toMatchObject({ session: "volatile" });
    expect(own(off.memory)).toEqual([]);
  });

  test("takeOver() leaves a root alone whose layer was moved, if no image has its files", () => {
    const memory = assembled("cow_label=kept", { disks: [stick(), storeDisk] }, casper);
    const { system } = memory;
    const [upper, lower] = [`${casper.upper}/etc/motd`, "/root/rofs/etc/motd"];
    // What is hidden by a change shows nothing.
    system.writeFile(upper, system.readText(lower));
    const found = goOn(memory);
    expect(found.verdict).toMatchObject({
      session: "volatile",
      reason: 'the layer "/filesystem.squashfs" of the root cannot be found',
    });
    expect(found.upper).toBe(casper.upper);
  });

  test("takeOver() reads a store and keeps new changes in memory, with backstore=readonly", () => {
    const disks = [stick(), storeDisk];
    const found = goOn(assembled("cow_label=kept backstore=readonly", { disks }));
    expect(found.verdict).toMatchObject({ session: "readonly", way: "addon" });
    expect(found.upper).toBe("/run/initramfs/backstore/memory/upperdir");
    expect(found.files).toEqual(["changed\n", "live-boot was here\n"]);
  });

  test("takeOver() carries over what the distribution keeps itself, and names both stores", () => {
    const home = { name: "sdc", content: ext4("persistence", { "a.txt": "a\n" }) };
    const memory = assembled("cow_label=kept", { disks: [stick(), storeDisk, home] });
    const { system } = memory;
    system.makeDirectory("/root/home");
    system.mount({ source: "/dev/sdc", target: "/root/home", type: "ext4" });
    const found = goOn(memory);
    expect(found.verdict).toMatchObject({
      session: "persistent",
      problems: expect.arrayContaining([
        { message: 'Changes in "/home" are kept by the distribution, on "/dev/sdc"' },
      ]),
      live: { kept: [{ path: "/home", device: "/dev/sdc" }] },
    });
    expect(system.readText("/root/home/a.txt")).toBe("a\n");
  });

  test("takeOver() leaves the root as it is where there is no store", () => {
    for (const cmdline of ["backstore=off", "", "cow_label=none backstore=wait=1"]) {
      const found = goOn(assembled(cmdline, { disks: [stick()] }));
      expect(found.verdict).toMatchObject({ session: "volatile", way: "addon" });
      expect([found.upper, found.below]).toEqual([liveBoot.upper, liveBoot.carried]);
      expect([found.session, found.shutdown]).toEqual([[], undefined]);
      expect(found.run).toContain("noexec");
    }
  });

  test("takeOver() follows redirects of what the distribution has written, and makes none", () => {
    const memory = assembled("cow_label=kept", { disks: [stick(), storeDisk] });
    const { system } = memory;
    system.setXattr(`${liveBoot.upper}/etc`, "trusted.overlay.redirect", new Uint8Array([0x61]));
    const found = goOn(memory);
    expect(found.verdict.mounted.options).toContain("redirect_dir=follow");
  });

  test("takeOver() checks a store with the tools of the base, which is not changed by that", () => {
    const places: string[] = [];
    const tool: Program = ({ root, system }) => {
      places.push(root);
      expect(system.room(root).readonly).toBe(true);
      expect(system.readText(`${root}/etc/fstab`)).toBe("live-boot was here\n");
      return {};
    };
    const disks = [stickWithTools(), uncleanDisk()];
    const programs = { e2fsck: tool, e2image: tool };
    const found = goOn(assembled("cow_label=kept", { disks, programs }));
    expect(found.verdict).toMatchObject({ session: "persistent", check: { result: "clean" } });
    expect(places).toEqual(Array(2).fill("/run/initramfs/backstore/check"));
    expect([found.session, found.below]).toEqual([
      ["store", "medium", "base"],
      ["/root/mnt/memory", ...liveBoot.carried],
    ]);
  });

  test("takeOver() says that neither initramfs nor base has a checker", () => {
    const disks = [stick(), uncleanDisk()];
    const memory = assembled("cow_label=kept", { disks, programs: {} });
    expect(goOn(memory).verdict).toMatchObject({
      session: "persistent",
      check: { result: "unchecked", says: "neither initramfs nor base has a checker for ext4" },
    });
  });

  const left = [
    [
      "that is not there",
      (system: System) => system.unmount("/root", "lazy"),
      'nothing is mounted on "/root"',
      { kind: "no-root", changes: "unknown" },
    ],
    [
      "with a store of its own",
      ownStore,
      'the distribution keeps changes itself, on "/dev/sdb"',
      { kind: "own-store", changes: "kept" },
    ],
    [
      "with changes that need metacopy",
      (system: System) =>
        system.setXattr(
          `${liveBoot.upper}/etc/fstab`,
          "trusted.overlay.metacopy",
          new Uint8Array(),
        ),
      "files that were changed already need the overlay option metacopy=on",
      { kind: "metacopy", changes: "lost" },
    ],
  ] as const;
  for (const [name, change, reason, { kind, changes }] of left)
    test(`takeOver() leaves a root alone ${name}, and the verdict says so`, () => {
      const memory = assembled("cow_label=kept", { disks: [stick(), storeDisk] });
      change(memory.system);
      const before = memory.system.mounts();
      const found = goOn(memory);
      expect(memory.system.mounts()).toEqual(before);
      expect(found.shutdown).toBeUndefined();
      const session = changes === "lost" ? "volatile" : "foreign";
      const problem =
        changes === "kept"
          ? { message: "The store that was asked for is not used" }
          : { message: `Cannot keep changes: ${reason}`, isReason: true };
      expect(found.verdict).toMatchObject({
        ...{ session, reason, way: "addon", problems: [problem], candidates: [], layers: [] },
        live: { root: "/root", leftAlone: kind, changes },
      });
      const kept = `backstore: No store is used: ${reason}\nbackstore: ${problem.message}\n`;
      const headline = { kept, unknown: "*** NO STORE IS USED", lost: "*** VOLATILE" }[changes];
      expect(found.console).toContain(headline);
      expect(memory.system.readText("/run/motd.d/backstore")).toContain(reason);
    });

  test("takeOver() says nothing but why where a root is left alone and no store was asked for", () => {
    const memory = assembled("", { disks: [stick(), storeDisk] });
    ownStore(memory.system);
    const reason = 'the distribution keeps changes itself, on "/dev/sdb"';
    expect(goOn(memory).console).toBe(`backstore: No store is used: ${reason}\n`);
  });

  test("takeOver() leaves a root alone whose distribution says that it keeps changes itself", () => {
    const memory = assembled("cow_label=kept", { disks: [stick(), storeDisk] });
    const before = memory.system.mounts();
    const found = goOn(memory, memory.system, { isKept: true });
    expect(memory.system.mounts()).toEqual(before);
    expect(found.verdict).toMatchObject({
      session: "foreign",
      reason: "the distribution keeps changes itself",
      live: { family: "live-boot", leftAlone: "own-store", changes: "kept" },
    });
  });

  test("takeOver() stops at a root that is left alone with backstore=required, until a person goes on", () => {
    const memory = assembled("backstore=required", {
      disks: [stick(), storeDisk],
      stdin: "\nv\n",
    });
    memory.system.unmount("/root", "lazy");
    const found = goOn(memory);
    expect(found.console).toContain("backstore: Stop, because backstore=required does not allow");
    expect(found.console.match(/What should be done\?/g)).toHaveLength(2);
    expect(found.verdict).toMatchObject({ session: "foreign", chosenBy: "person" });
  });

  test("takeOver() does not stop with backstore=required where the distribution keeps changes", () => {
    const memory = assembled("backstore=required", { disks: [stick(), storeDisk] });
    ownStore(memory.system);
    expect(goOn(memory).verdict).toMatchObject({ session: "foreign" });
  });
});

/** Puts a disk in the place of the memory that has the changes. */
function ownStore(system: System): void {
  const upper = "/run/live/overlay";
  system.unmount("/root", "lazy");
  system.unmount(upper);
  system.mount({ source: "/dev/sdb", target: upper, type: "ext4" });
  for (const name of ["rw", "work"])
    if (system.status(`${upper}/${name}`) === undefined) system.makeDirectory(`${upper}/${name}`);
  system.mount({
    source: "overlay",
    target: "/root",
    type: "overlay",
    data: `lowerdir=/run/live/rootfs/f,upperdir=${upper}/rw,workdir=${upper}/work`,
  });
}

const changing = [
  ...["mount", "unmount", "cloneMounts", "attachMounts", "withLoop", "makeDirectory"],
  ...["makeLink", "writeFile", "createFile", "createOpen", "rename", "setMode", "setOwner"],
  ...["makeNode", "run", "setXattr", "openDirectory", "setReadonly", "syncFileSystem", "sync"],
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
  const fileDisks = () => [stick({ "sysrcd.bs": storeFile() })];
  const cases = [
    [liveBoot, "a directory store", "cow_label=kept", () => [stick(), storeDisk]],
    [
      liveBoot,
      "a store that is not clean",
      "cow_label=kept",
      () => [stickWithTools(), uncleanDisk()],
    ],
    [liveBoot, "a file store on the medium", "", fileDisks],
    [casper, "a directory store", "cow_label=kept", () => [stick(), storeDisk]],
    [casper, "a file store on the medium", "", fileDisks],
    [withoutRun, "a directory store", "cow_label=kept", () => [stick(), storeDisk]],
  ] as const;
  for (const [initramfs, name, cmdline, disks] of cases)
    test(`takeOver() from ${initramfs.family} with ${name} leaves a root, and says which`, () => {
      const { upper, carried } = initramfs;
      const make = () => assembled(cmdline, { disks: disks() }, initramfs);
      const whole = failingAt(make().system, 0);
      const memory = make();
      const good = failingAt(memory.system, 0);
      goOn(memory, good.system);
      expect(whole.calls()).toBe(0);
      const kinds = new Set<string>();
      for (let failing = 1; failing <= good.calls(); failing++) {
        const faulty = make();
        const found = goOn(faulty, failingAt(faulty.system, failing).system);
        const { session } = found.verdict;
        kinds.add(session ?? "none");
        const isKept = found.upper?.startsWith(`${store}/`);
        expect([failing, isKept]).toEqual([failing, session === "persistent"]);
        if (session !== "persistent" && session !== "readonly")
          expect([failing, found.upper, found.session]).toEqual([failing, upper, []]);
        expect([failing, found.files[1]]).toEqual([failing, "live-boot was here\n"]);
        const below = found.below.filter((target) => target !== "/root/mnt/memory");
        expect([failing, ...below.sort()]).toEqual([failing, ...[...carried].sort()]);
        expect([failing, found.medium.map(([options]) => options)]).toEqual([
          failing,
          ["ro,noatime"],
        ]);
      }
      expect(kinds).toContain("persistent");
      expect(kinds).toContain("volatile");
    });
});
