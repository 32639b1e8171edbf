// "install" and "uninstall" on sticks that an image was written onto whole, and "install --to" of a
// new image, cut off at every write: a boot loader finds the old menus or the new ones, with all
// that they name; the next run goes on from there, and the image comes back to the byte.
import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { runTool } from "../../scripts/lib/tool.ts";
import { sourceOf } from "../../src/core/bytes/source.ts";
import { addonFile } from "../../src/core/install/install-record.ts";
import { type ReadImage, readExtents, readImage } from "../../src/core/iso/check-session.ts";
import { readIsoTree } from "../../src/core/iso/iso-tree.ts";
import { blockBytes, volumeBlocks } from "../../src/core/iso/volume.ts";
import type { DistributionName } from "../machines/bootable/distributions.ts";
import { makeIso } from "../machines/bootable/iso-images.ts";
import { claimDirectory } from "../machines/claim.ts";
import { executeFirmwareBoot } from "../machines/firmware.ts";
import { binary } from "../machines/guest/initramfs.ts";
import { inTurn } from "../machines/in-turn.ts";
import { type CutPoint, chooseCutPoints, describeCutPoint } from "./cut-points.ts";
import type { Recording } from "./record.ts";
import { recordDevice, recorderFiles } from "./record-device.ts";
import { Replay } from "./replay.ts";
import { makeScratch, skipReason } from "./requirements.ts";

interface Case {
  readonly distribution: DistributionName;
  readonly flags: readonly string[];
  /** The menus of the image, and one in its EFI partition. */
  readonly menus: readonly string[];
  readonly efiMenu?: string;
}

const cases: readonly Case[] = [
  {
    ...{ distribution: "live-build", flags: ["--store", "16"] },
    menus: ["isolinux/live.cfg", "boot/grub/grub.cfg"],
  },
  {
    ...{ distribution: "archiso", flags: [] },
    menus: ["boot/syslinux/archiso_sys-linux.cfg"],
    efiMenu: "loader/entries/01-archiso-x86_64-linux.conf",
  },
];

const mebibyte = 2 ** 20;
const scratch = makeScratch();
const missing = recorderFiles.find((file) => !existsSync(file));
const reason =
  skipReason === "" && missing !== undefined ? ` (skipped: no ${missing})` : skipReason;

type Cut = Omit<Recording, "result">;

/** What a boot loader finds. */
interface Found {
  readonly state: "old" | "new";
  readonly efi: "old" | "new";
}

/** Returns every moment between two writes, and some at which a part of them is lost. */
function choosePoints({ entries }: Cut): CutPoint[] {
  const prefixes = entries.map((_, index): CutPoint => ({ whole: index + 1, kept: [] }));
  const lossy = chooseCutPoints(entries, { least: entries.length, seed: 5 }).filter(
    ({ kept }) => kept.length > 0,
  );
  return [{ whole: 0, kept: [] }, ...prefixes, ...lossy].sort(
    (one, other) => one.whole - other.whole || one.kept.length - other.kept.length,
  );
}

function readText({ source, tree }: ReadImage, path: string): string {
  const file = tree.files.find((one) => one.path === path);
  const bytes = file && readExtents(source, file.extents);
  return bytes === undefined ? "" : Buffer.from(bytes).toString("latin1");
}

/** Returns the drive of mtools for the EFI partition of a stick in a file. */
function driveOf({ facts }: ReadImage, file: string): string {
  const boot = facts.boot.find(({ firmware }) => firmware === "uefi");
  return `${file}@@${(boot?.block ?? 0) * blockBytes}`;
}

/** Returns a menu in the EFI partition, without the newlines that mean nothing, and the add-on. */
function readEfi(drive: string, menu: string) {
  const [text, addon] = [menu, addonFile("1")].map((path) => {
    const words = ["-i", drive, `::/${path}`];
    const { status, stdout } = spawnSync("mtype", words, { maxBuffer: 64 * mebibyte });
    return status === 0 ? stdout : undefined;
  });
  return { text: text?.toString("latin1").replace(/\n*$/, "\n") ?? "", addon };
}

function digestAddon({ source, tree }: ReadImage): string | undefined {
  const file = tree.files.find(({ path }) => path === addonFile("1"));
  const bytes = file && readExtents(source, file.extents);
  return bytes && createHash("sha1").update(bytes).digest("hex");
}

/** Reads a stick as boot loaders do; throws where it is neither the old one nor the new one. */
function makeReader({ menus, efiMenu }: Case, files: readonly [old: string, done: string]) {
  const [before, after] = files.map(readWhole) as [ReadImage, ReadImage];
  const [wasEfi, isEfi] = files.map((file) =>
    efiMenu === undefined ? undefined : readEfi(driveOf(before, file), efiMenu),
  );
  const choose = (what: string, text: string, one: string, other: string): "old" | "new" => {
    expect(one).not.toBe(other);
    expect([one, other].includes(text), `${what}: ${JSON.stringify(text)}`).toBe(true);
    return text === one ? "old" : "new";
  };
  const texts = (image: ReadImage) => JSON.stringify(menus.map((menu) => readText(image, menu)));
  return (file: string): Found => {
    const image = readWhole(file);
    expect(image.facts.boot).toEqual(before.facts.boot);
    const state = choose("the menus", texts(image), texts(before), texts(after));
    if (state === "new") expect(digestAddon(image)).toBe(digestAddon(after));
    expectView(image);
    if (efiMenu === undefined) return { state, efi: state };
    const is = readEfi(driveOf(image, file), efiMenu);
    const efi = choose("the menu of UEFI", is.text, wasEfi?.text ?? "", isEfi?.text ?? "");
    if (efi === "new") expect(is.addon?.equals(isEfi?.addon ?? Buffer.alloc(0))).toBe(true);
    return { state, efi };
  };
}

function readWhole(file: string): ReadImage {
  const image = readImage(sourceOf(readFileSync(file)));
  if (image === undefined) throw new Error("There is no ISO 9660 on the stick");
  return image;
}

/** What the first partition shows is whole, and no longer than it: Linux mounts nothing else. */
function expectView({ source, facts }: ReadImage): void {
  const { view, partition } = facts;
  if (view === undefined || partition === undefined) return;
  expect(readIsoTree(source, view)).toBeDefined();
  expect(volumeBlocks(view) * blockBytes).toBeLessThanOrEqual(
    (partition.start + partition.sectors) * 512,
  );
}

/** Goes through a recording, and returns the first moment with each thing that is found. */
function lookAtAll(cut: Cut, read: (file: string) => Found): Map<string, CutPoint> {
  const replay = new Replay(cut.before, cut.log, cut.entries);
  const image = join(scratch, "stick.img");
  const seen = new Set<string>();
  const first = new Map<string, CutPoint>();
  for (const point of choosePoints(cut)) {
    const digest = replay.digestAt(point);
    if (seen.has(digest)) continue;
    seen.add(digest);
    replay.writeAt(point, image);
    let found: Found;
    try {
      found = read(image);
    } catch (error) {
      throw new Error(`${describeCutPoint(point)}: ${error}`);
    }
    const key = `${found.state} ${found.efi}`;
    if (!first.has(key)) first.set(key, point);
  }
  expect(replay.isSameAtEnd(cut.after)).toBe(true);
  replay.close();
  expect(seen.size).toBeGreaterThan(3);
  return first;
}

/** Puts the stick as it was at a moment into a file. */
function writeAt({ before, log, entries }: Cut, point: CutPoint, to: string): void {
  const replay = new Replay(before, log, entries);
  replay.writeAt(point, to);
  replay.close();
}

function run(stick: string, ...words: string[]): void {
  const device = runTool(["losetup", "--find", "--show", stick]).trim();
  try {
    runTool([binary, ...words, device]);
  } finally {
    runTool(["losetup", "--detach", device]);
  }
}

/** The table keeps the partition of a store. */
function expectImage(stick: string, image: Buffer, { flags }: Case, where: string): void {
  const from = flags.length > 0 ? 64 * 512 : 0;
  const found = readFileSync(stick).subarray(from, image.length);
  expect(found.equals(image.subarray(from)), where).toBe(true);
}

describe.skipIf(reason !== "")(`a stick with an image that is cut off${reason}`, () => {
  for (const one of cases)
    test(`stick-${one.distribution}: every write of install and uninstall leaves the old menus or the new ones`, {
      timeout: 1_200_000,
    }, async () => {
      const directory = join(claimDirectory(), "cuts", `stick-${one.distribution}`);
      rmSync(directory, { recursive: true, force: true });
      mkdirSync(directory, { recursive: true });
      const stick = join(directory, "stick.img");
      const iso = makeIso(one.distribution);
      copyFileSync(iso, stick);
      truncateSync(stick, readFileSync(iso).length + 96 * mebibyte);
      const installing = await recordDevice(join(directory, "install"), stick, (device) =>
        runTool([binary, "install", device, ...one.flags]),
      );
      const installed = join(directory, "installed.img");
      copyFileSync(stick, installed);
      const undoing = await recordDevice(join(directory, "uninstall"), installed, (device) =>
        runTool([binary, "uninstall", device]),
      );
      const image = readFileSync(iso);
      expectImage(installed, image, one, "undone");

      const read = makeReader(one, [installing.before, stick]);
      const moments = [installing, undoing].flatMap((cut) =>
        [...lookAtAll(cut, read)].map(([found, point]) => ({ cut, found, point })),
      );
      expect(new Set(moments.map(({ found }) => found)).size).toBeGreaterThan(1);
      const file = join(scratch, "moment.img");
      for (const { cut, found, point } of moments) {
        const where = `${found}, ${describeCutPoint(point)}`;
        writeAt(cut, point, file);
        run(file, "install", ...one.flags);
        expect(read(file), where).toEqual({ state: "new", efi: "new" });
        run(file, "uninstall");
        expectImage(file, image, one, where);
      }
      if (one.efiMenu === undefined) await bootAround(installing, file, directory);
      rmSync(directory, { recursive: true });
    });
});

/** Boots before the last write, which makes the new tree the stick's, and after it. */
async function bootAround(cut: Cut, file: string, directory: string): Promise<void> {
  const last = cut.entries.findLastIndex(({ bytes }) => bytes > 0);
  for (const { whole, isNew } of [
    { whole: last, isNew: false },
    { whole: last + 1, isNew: true },
  ]) {
    writeAt(cut, { whole, kept: [] }, file);
    const { facts, ending, finished } = await inTurn(() =>
      executeFirmwareBoot("bios", {
        directory: join(directory, `boot-${whole}`),
        disks: [{ name: "medium", file }],
        timeoutMs: 600_000,
      }),
    );
    expect(finished, ending).toBe(true);
    expect(facts.text("boot") !== undefined).toBe(isNew);
  }
}

describe.skipIf(reason !== "")(`a new image that is cut off${reason}`, () => {
  test("new-image: is whole under its name, or not there", { timeout: 600_000 }, async () => {
    const directory = join(claimDirectory(), "cuts", "new-image");
    rmSync(directory, { recursive: true, force: true });
    const at = join(directory, "at");
    mkdirSync(at, { recursive: true });
    const disk = join(directory, "disk.img");
    execFileSync("mkfs.ext4", ["-q", disk, "128M"]);
    const iso = makeIso("systemrescue");
    const mounted = <T>(device: string, use: () => T): T => {
      runTool(["mount", device, at]);
      try {
        return use();
      } finally {
        runTool(["umount", at]);
      }
    };
    const [from, to] = [join(at, "old.iso"), join(at, "new.iso")];
    mounted(disk, () => copyFileSync(iso, from));
    let digest = "";
    const sum = (path: string) => createHash("sha256").update(readFileSync(path)).digest("hex");
    const cut = await recordDevice(directory, disk, (device) =>
      mounted(device, () => {
        runTool([binary, "install", from, "--to", to]);
        digest = sum(to);
      }),
    );
    const replay = new Replay(cut.before, cut.log, cut.entries);
    const image = join(scratch, "disk.img");
    const seen = new Set<boolean>();
    for (const point of chooseCutPoints(cut.entries, { least: 40, seed: 9 })) {
      replay.writeAt(point, image);
      mounted(image, () => {
        const where = describeCutPoint(point);
        expect(sum(from), where).toBe(sum(iso));
        if (existsSync(to)) expect(sum(to), where).toBe(digest);
        seen.add(existsSync(to));
      });
    }
    replay.close();
    expect(seen).toEqual(new Set([false, true]));
    rmSync(directory, { recursive: true });
  });
});
