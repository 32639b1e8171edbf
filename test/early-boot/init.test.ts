// A whole boot on a machine in memory: from the kernel's start to the system's init, with what it said and kept.
import { describe, expect, test } from "vitest";
import { boot } from "../../src/boot/init.ts";
import { ext4 } from "../cli/call.ts";
import * as formats from "../core/superblocks/formats.ts";
import { file, type Tree } from "../system/memory/entry.ts";
import { image } from "../system/memory/image.ts";
import { createMemory, HandedOver, type Machine } from "../system/memory.ts";
import { Patience, patient } from "./patience.ts";

const base = image({
  type: "squashfs",
  bytes: 1 << 20,
  tree: {
    "sbin/init": file("", 0o755),
    "etc/motd": "as it came\n",
    ...Object.fromEntries(["dev", "proc", "run", "sys"].map((name) => [name, {}])),
  },
  pieces: [{ offset: 0, bytes: formats.squashfs() }],
});

function stick(more: Tree = {}) {
  return {
    name: "sda",
    content: image({
      type: "vfat",
      tree: { "sysresccd/x86_64/airootfs.sfs": file(base), ...more },
      pieces: [{ offset: 0, bytes: formats.vfat(32, "RESCUE1100") }],
    }),
  };
}

const kept = { "persistent_RESCUE1100/x86_64/upperdir/etc/motd": "changed\n" };

interface Booted {
  readonly ending: string;
  readonly motd: string | undefined;
  readonly console: string;
  readonly verdict: { readonly session?: string; readonly problems?: readonly object[] };
  /** Devices to which the kernel refuses writes. */
  readonly refused: readonly string[];
}

/** Boots, and gives what became of it. */
function start(cmdline: string, machine: Machine): Booted {
  const memory = createMemory({
    isBooted: false,
    ...machine,
    proc: { cmdline: `${cmdline}\n`, "sys/kernel/random/uuid": "8a4be3d2\n", ...machine.proc },
    sys: { "module/overlay/parameters": { index: "N\n", metacopy: "N\n" }, ...machine.sys },
  });
  const system = patient(memory.system, 400);
  const console = () =>
    memory.said.flatMap((one) => (one.where === "stderr" ? [one.text] : [])).join("");
  const read = (path: string) =>
    system.status(path) === undefined ? undefined : system.readText(path);
  const isRefused = (name: string) =>
    [`/sysroot/dev/${name}`, `/dev/${name}`].some(
      (path) => system.status(path) !== undefined && system.isReadonly(path),
    );
  try {
    return boot(system, { words: ["quiet"], version: "1.2.3" });
  } catch (error) {
    const isOver = error instanceof HandedOver || error instanceof Patience;
    if (!isOver) throw error;
    const run = error instanceof HandedOver ? "/sysroot/run" : "/run";
    return {
      ending: error instanceof HandedOver ? error.argv.join(" ") : "waits",
      motd: read("/sysroot/etc/motd"),
      console: console(),
      verdict: JSON.parse(read(`${run}/backstore/boot.json`) ?? "{}"),
      refused: (machine.disks ?? []).map(({ name }) => name).filter(isRefused),
    };
  }
}

describe("boot()", () => {
  test("boot() becomes the system's init, on the store", () => {
    const { ending, motd, console, verdict } = start("cow_label=store", {
      disks: [stick(), { name: "sdb", content: ext4("store", kept) }],
    });
    expect([ending, motd, verdict.session]).toEqual([
      "/sbin/init quiet",
      "changed\n",
      "persistent",
    ]);
    expect(console).toMatch(/^backstore: Run on the store .*, keeping every change\n$/);
  });

  test("boot() waits for a store that comes late", () => {
    const { verdict, console } = start("cow_label=store", {
      disks: [stick(), { name: "sdb", content: ext4("store", kept), comesAtMs: 9000 }],
    });
    expect(verdict.session).toBe("persistent");
    expect(console).toContain('waiting for the store\'s device, labelled "store": ');
  });

  test("boot() waits for a medium that comes late", () => {
    const { ending, console } = start("", { disks: [{ ...stick(), comesAtMs: 9000 }] });
    expect(ending).toBe("/sbin/init quiet");
    expect(console).toContain("waiting for a medium with a live system: ");
  });

  test("boot() runs in memory, and says so loudly, where the store does not come", () => {
    const { motd, verdict, console } = start("cow_label=store backstore=wait=2", {
      disks: [stick()],
    });
    expect([motd, verdict.session]).toEqual(["as it came\n", "volatile"]);
    expect(console).toMatch(/VOLATILE SESSION.*\n.*there is no device that is labelled "store"\n$/);
    expect(verdict.problems).toEqual([
      { message: 'Cannot keep changes: there is no device that is labelled "store"' },
    ]);
  });

  test("boot() stops, without a shell, where a store is required and does not come", () => {
    const { ending, verdict, console } = start("cow_label=store backstore=required,wait=1", {
      disks: [stick()],
    });
    expect([ending, verdict.session]).toEqual(["waits", "stopped"]);
    expect(console).toMatch(/backstore=required: press Ctrl-Alt-Del to restart/);
  });

  test("boot() says what it saw where there is no medium, and goes on looking", () => {
    const { ending, console } = start("archisolabel=RESCUE1100 backstore=wait=1", {
      disks: [{ name: "sdb", content: ext4("RESCUE1100") }],
    });
    expect(ending).toBe("waits");
    expect(console).toContain('Cannot find the medium labelled "RESCUE1100"; plug it in');
    expect(console).toContain("/dev/sdb is not it: no known live system is on it");
  });

  test("boot() reads the medium's YAML files, under the command line", () => {
    const disks = [
      stick({ "sysrescue.d/100.yaml": "global:\n    cow_label: other\n    cow_directory: kept\n" }),
      { name: "sdb", content: ext4("store", { "kept/upperdir/etc/motd": "from kept\n" }) },
    ];
    const { motd, verdict } = start("cow_label=store", { disks });
    expect([motd, verdict.session]).toEqual(["from kept\n", "persistent"]);
  });

  test("boot() reads a store that cannot be written to, with changes in memory", () => {
    const { motd, verdict, console, refused } = start("cow_label=store", {
      disks: [stick(), { name: "sdb", content: ext4("store", kept), isReadonly: true }],
    });
    expect([motd, verdict.session, refused]).toEqual(["changed\n", "readonly", ["sdb"]]);
    expect(console).toMatch(
      /READ-ONLY SESSION.*\n.*could not be used for writing: Cannot mount "\/dev\/sdb"/,
    );
  });
});
