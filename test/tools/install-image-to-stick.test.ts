// "backstore install --image" on loop devices: what it writes, whom it refuses, and what is there
// when it is killed before any of its calls.
import { closeSync, openSync, readFileSync, readSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { isoContents, makeIso } from "./iso-media.ts";
import { callsOf, killBefore } from "./kill-at.ts";
import { run, tryRun } from "./programs.ts";
import { attach, detach, directory, disk, program } from "./stick-images.ts";

const timeout = 120_000;
const image = join(directory, "live.iso");
const mebibyte = 2 ** 20;

const { files, ...rest } = isoContents["live-build"];
makeIso("live-build", {
  output: image,
  work: join(directory, "tree"),
  contents: { ...rest, files: { ...files, big: Buffer.alloc(5 * mebibyte, "content ") } },
});
const bytes = readFileSync(image);

function makeDisk(megabytes: number, script = "true"): void {
  run(["rm", "-f", disk]);
  run(["truncate", "-s", `${megabytes}M`, disk]);
  run(["sh", "-euc", script, disk]);
}

function install(device: string, ...flags: string[]) {
  return tryRun([program, "install", "--image", image, device, ...flags]);
}

test("an image is written to a stick and made persistent, and nothing of what was there is found", {
  timeout,
}, () => {
  makeDisk(
    40,
    "printf 'label: gpt\\n,4M,L,\\n' | sfdisk -q $0; mkfs.vfat -n PHOTOS --offset 2048 $0 4096 > /dev/null",
  );
  const device = attach(disk);
  const refused = install(device);
  expect(refused.status).toBe(8);
  expect(refused.stderr).toContain('(labelled "PHOTOS"');
  expect(install(device, "--yes").status).toBe(8);
  const done = install(device, "--erase", "PHOTOS");
  expect(done).toMatchObject({ status: 0, stderr: "" });
  expect(done.stdout).toContain(`to "${device}", and read it back\nInstalled on`);
  expect(run([program, "install", device])).toContain("Already installed");
  // The second table at its end is gone.
  const written = readFileSync(disk);
  expect(written.subarray(-mebibyte).every((byte) => byte === 0)).toBe(true);
  expect(run(["blkid", "-p", "-s", "LABEL", "-o", "value", device]).trim()).toBe("Live 12");
  // What the image brings is not lost by writing it again.
  expect(install(device)).toMatchObject({ status: 0, stderr: "" });
  run([program, "uninstall", device]);
  expect(readFileSync(disk).subarray(0, bytes.length).equals(bytes)).toBe(true);
  detach(device);
});

test("with --dry-run nothing is written, and what would be lost is shown", { timeout }, () => {
  makeDisk(40, "mkfs.vfat -n PHOTOS $0 > /dev/null");
  const device = attach(disk);
  const before = readFileSync(disk);
  const told = install(device, "--dry-run");
  expect(told.status).toBe(0);
  expect(told.stderr).toContain("PHOTOS");
  expect(told.stdout).toMatch(/write ".*live\.iso" to ".*": 4\.0 KiB at 0\n/);
  expect(readFileSync(disk).equals(before)).toBe(true);
  expect(JSON.parse(install(device, "--dry-run", "--json").stdout)).toMatchObject({
    planned: true,
    family: "live-boot",
    entries: [{ changed: true }, { changed: true }],
  });
  expect(readFileSync(disk).equals(before)).toBe(true);
  detach(device);
});

describe("install --image writes nothing to", () => {
  // Any kernel takes a partition from a program, whatever tables it can read.
  const addPartition = "addpart $disk 1 2048 16384";
  const cases = [
    {
      name: "a partition",
      use: `${addPartition}; part=p1; TRY`,
      status: 2,
      says: /it is a partition/,
    },
    {
      name: "a disk with a mounted partition",
      use: `${addPartition}; mkfs.ext4 -q -E lazy_itable_init=0,lazy_journal_init=0 "$disk"p1; mount "$disk"p1 at; TRY; umount at`,
      status: 5,
      says: /p1" is mounted on ".*\/at"/,
    },
    {
      name: "a mounted disk",
      use: "mkfs.ext4 -q -E lazy_itable_init=0,lazy_journal_init=0 $disk; mount $disk at; TRY; umount at",
      status: 5,
      says: /is mounted on ".*\/at"/,
    },
    {
      name: "a disk that is swapped on",
      use: "mkswap -q $disk; swapon $disk; TRY; swapoff $disk",
      status: 5,
      says: /used as swap/,
    },
    {
      name: "a disk that a loop device shows",
      use: "other=$(losetup --find --show $disk); TRY; losetup --detach $other",
      status: 5,
      says: /is in use by \/dev\/loop/,
    },
    {
      name: "a disk that is write-protected",
      use: "blockdev --setro $disk; TRY; blockdev --setrw $disk",
      status: 8,
      says: /it is write-protected/,
    },
    { name: "a disk that is too small", megabytes: 4, status: 7, says: /it has only 4\.0 MiB/ },
    {
      name: "a disk without room for a session",
      megabytes: 16,
      status: 7,
      says: /behind the image, and .* are free/,
    },
    {
      name: "a disk without room for the store",
      flags: ["--yes", "--store", "20"],
      status: 7,
      says: /a store needs 20\.0 MiB/,
    },
    {
      name: "a disk with data that nobody knows",
      use: "printf secret | dd of=$disk conv=notrunc status=none; TRY",
      flags: [],
      status: 8,
      says: /unrecognised data/,
    },
  ];
  for (const { name, use = "TRY", status, says, ...more } of cases)
    test(name, { timeout }, () => {
      const { megabytes = 40, flags = ["--yes"] } = more;
      makeDisk(megabytes);
      const device = attach(disk, "--partscan");
      const attempt = `"$program" install --image "$image" "$disk$part" ${flags.join(" ")} 2>&1 || echo status $?`;
      const digest = "sync; sha256sum < $disk";
      const script = use.replace("TRY", `${digest}; ${attempt}; ${digest}`);
      const said = run([
        "sh",
        "-euc",
        `cd "$0"; mkdir -p at; disk=$1 program=$2 image=$3 part=; ${script}`,
        ...[directory, device, program, image],
      ]);
      const lines = said.trim().split("\n");
      expect(said).toMatch(says);
      expect(lines).toContain(`status ${status}`);
      expect(lines[0]).toMatch(/^[0-9a-f]{64} /);
      expect(lines.at(-1)).toBe(lines[0]);
      detach(device);
    });

  test("a file, and no image that is none", { timeout }, () => {
    makeDisk(40);
    expect(install(disk, "--yes")).toMatchObject({ status: 2 });
    const device = attach(disk);
    for (const { from, status, says } of [
      { from: disk, status: 2, says: "the image is not an ISO image" },
      { from: `${disk}-missing`, status: 4, says: "there is no image" },
      { from: directory, status: 2, says: "is not a file" },
    ]) {
      const told = tryRun([program, "install", "--image", from, device]);
      expect(told).toMatchObject({ status, stderr: expect.stringContaining(says) });
    }
    detach(device);
  });
});

test("killed before any of its calls it leaves no medium, and the next run makes one", {
  timeout: 600_000,
}, () => {
  makeDisk(32, "mkfs.vfat -n PHOTOS $0 > /dev/null");
  const old = readFileSync(disk);
  const device = attach(disk);
  const restart = () => {
    writeFileSync(device, old);
    run(["blockdev", "--flushbufs", device]);
  };
  const words = [program, "install", "--image", image, device, "--erase", "PHOTOS"];
  restart();
  const calls = callsOf(words);
  const writes = calls.flatMap((call, index) => (call.includes(device) ? [index] : []));
  const [first = 0] = writes;
  // Many calls lie between the last write of the image and the first one of installing.
  const last = (writes.find((at, index) => (writes[index + 1] ?? 0) > at + 20) ?? 0) + 1;
  expect(last - first).toBeGreaterThan(5);
  for (let number = first; number <= last + 2; number++) {
    restart();
    const where = killBefore(words, number, calls);
    const found = readStart(device);
    if (number - 1 <= first) expect(found.equals(old.subarray(0, found.length)), where).toBe(true);
    else if (number - 1 < last)
      expect(
        found.subarray(0, 512).every((byte) => byte === 0),
        where,
      ).toBe(true);
    else expect(found.equals(bytes.subarray(0, found.length)), where).toBe(true);
    const flags = number - 1 <= first ? ["--erase", "PHOTOS"] : ["--yes"];
    expect(install(device, ...flags), where).toMatchObject({ status: 0 });
    run([program, "uninstall", device]);
    const written = readFileSync(device).subarray(0, bytes.length);
    expect(written.equals(bytes), where).toBe(true);
  }
  detach(device);
});

function readStart(device: string): Buffer {
  const found = Buffer.alloc(1 * mebibyte);
  const handle = openSync(device, "r");
  readSync(handle, found, 0, found.length, 0);
  closeSync(handle);
  return found;
}
