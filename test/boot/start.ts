// Boots a machine in memory, and describes the result.
import { boot } from "../../src/boot/init.ts";
import type { System } from "../../src/system/port/system.ts";
import * as formats from "../support/formats.ts";
import { file, type Tree } from "../support/memory/entry.ts";
import { image } from "../support/memory/image.ts";
import {
  createMemory,
  HandedOver,
  type Machine,
  type Program,
  ShutDown,
} from "../support/memory.ts";
import { Patience, patient } from "./patience.ts";

const baseTree: Tree = {
  "sbin/init": file("", 0o755),
  "etc/motd": "as it came\n",
  ...Object.fromEntries(["dev", "mnt", "proc", "run", "sys"].map((name) => [name, {}])),
};

/** Makes the stick that is booted, with more on it, and more in its base. */
export function stick(more: Tree = {}, inBase: Tree = {}) {
  const base = image({
    type: "squashfs",
    bytes: 1 << 20,
    tree: { ...baseTree, ...inBase },
    pieces: [{ offset: 0, bytes: formats.squashfs() }],
  });
  return {
    name: "sda",
    content: image({
      type: "vfat",
      tree: { "sysresccd/x86_64/airootfs.sfs": file(base), ...more },
      pieces: [{ offset: 0, bytes: formats.vfat(32, "RESCUE1100") }],
    }),
  };
}

/** The result of a boot. */
export interface Booted {
  readonly ending: string;
  readonly motd: string | undefined;
  readonly console: string;
  readonly verdict: {
    readonly session?: string;
    readonly problems?: readonly object[];
    readonly store?: { readonly device?: string };
  };
  /** What is mounted at the end: where, what, and whether it is read-only there. */
  readonly mounts: readonly (readonly [target: string, type: string, isReadonly: boolean])[];
  /** The options of the session's mounts, by their names below the directory that holds them. */
  readonly sessionMounts: Readonly<Record<string, string>>;
  /** The mode of that directory. */
  readonly sessionMode: number | undefined;
  /** Devices to which the kernel refuses writes. */
  readonly refused: readonly string[];
  /** The machine at the end. */
  readonly system: System;
}

/** Checkers that find nothing. */
export const checkers: Readonly<Record<string, Program>> = Object.fromEntries(
  ["e2fsck", "e2image", "xfs_repair", "btrfs", "fsck.f2fs"].map((name) => [name, () => ({})]),
);

/** Boots, and returns the result; a machine has checkers unless it has programs of its own. */
export function start(cmdline: string, machine: Machine): Booted {
  const memory = createMemory({
    isBooted: false,
    programs: checkers,
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
    const isOver = [HandedOver, Patience, ShutDown].some((kind) => error instanceof kind);
    if (!isOver) throw error;
    const run = error instanceof HandedOver ? "/sysroot/run" : "/run";
    const session = `${run}/initramfs/backstore`;
    return {
      ending: describeEnding(error),
      motd: read("/sysroot/etc/motd"),
      console: console(),
      mounts: system
        .mounts()
        .map(({ target, type, options }) => [target, type, options.split(",").includes("ro")]),
      sessionMounts: Object.fromEntries(
        system.mounts().flatMap(({ target, options }) => {
          const isThere = target.startsWith(`${session}/`);
          return isThere ? [[target.slice(session.length + 1), options]] : [];
        }),
      ),
      sessionMode: system.status(session)?.mode,
      verdict: JSON.parse(read(`${run}/backstore/boot.json`) ?? "{}"),
      system,
      refused: (machine.disks ?? []).map(({ name }) => name).filter(isRefused),
    };
  }
}

function describeEnding(error: unknown): string {
  if (error instanceof ShutDown) return `ends: ${error.how}`;
  return error instanceof HandedOver ? error.argv.join(" ") : "waits";
}
