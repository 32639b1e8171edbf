// "backstore install" and "backstore uninstall" on a stick that an ISO image was written onto.
import {
  copyFileSync,
  mkdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { beforeAll, describe, expect, test } from "vitest";
import { currentVersion, olderVersion, writeOlderProgram } from "../support/older-program.ts";
import { isoContents, makeIso } from "./iso-media.ts";
import { run, tryRun } from "./programs.ts";
import {
  attach,
  attachPartition,
  detach,
  directory,
  disk,
  expectPartition,
  extract,
  extractFile,
  imageOf,
  layouts,
  makeImages,
  makeStick,
  menus,
  type Partition,
  partitionsOf,
  program,
  readImage,
} from "./stick-images.ts";

const timeout = 300_000;
const mebibyte = 2 ** 20;

makeImages(layouts);

describe("a stick that an image was written onto", () => {
  for (const layout of layouts)
    test(`${layout}: gets a session, and is as it was afterwards`, { timeout }, () => {
      const device = makeStick(layout);
      const before = run(["sfdisk", "--dump", device]);
      const install = [program, "install", device];
      const menu = extract(device, menus[layout]);
      expect(run([...install, "--dry-run"])).toContain("Would install on");
      expect(readImage(device, layout).equals(readFileSync(imageOf(layout)))).toBe(true);
      expect(run(install)).toContain("Installed on");
      expect(extract(device, menus[layout])).toContain("/backstore/addon1.img");
      expect(extract(device, "/backstore/install1.json")).toContain('"family"');
      // Nothing else than the first partition changes, and that only where it has to.
      const after = run(["sfdisk", "--dump", device]);
      const changed = after.split("\n").filter((line) => !before.includes(line));
      expect(changed.length).toBe(layout === "live-build" || layout === "isohybrid" ? 1 : 0);
      const written = readFileSync(device);
      expect(run(install)).toContain("Already installed on");
      expect(readFileSync(device).equals(written)).toBe(true);
      const told = () => JSON.parse(run([program, "uninstall", device, "--dry-run", "--json"]));
      expect(told()).toMatchObject({ planned: true, changed: true });
      expect(run([program, "uninstall", device])).toContain("stays there");
      expect(told()).toMatchObject({ planned: true, changed: false });
      expect(extract(device, menus[layout])).toBe(menu);
      expect(readImage(device, layout).equals(readFileSync(imageOf(layout)))).toBe(true);
      expect(run([program, "uninstall", device])).toContain("Nothing is installed");
      // What was left behind the image is no obstacle.
      expect(run(install)).toContain("Installed on");
      detach(device);
    });

  for (const layout of layouts)
    test(`${layout}: has the newer program's files after the older one's`, { timeout }, () => {
      const device = makeStick(layout, 128);
      const older = join(directory, "older/backstore");
      mkdirSync(join(directory, "older"), { recursive: true });
      writeOlderProgram(older);
      // The version in the record, and which of them the add-on has that the menu names.
      const versions = () => {
        const [addon = ""] = extract(device, menus[layout]).match(/backstore\/addon\d\.img/) ?? [];
        const program = gunzipSync(readFileSync(extractFile(device, `/${addon}`)));
        const { version } = JSON.parse(extract(device, "/backstore/install1.json"));
        return [version, program.includes(olderVersion), program.includes(currentVersion)];
      };
      run([older, "install", device]);
      expect(versions()).toEqual([olderVersion, true, false]);
      expect(run([program, "install", device])).toContain("Installed on");
      expect(versions()).toEqual([currentVersion, false, true]);
      expect(run([program, "install", device])).toContain("Already installed on");
      expect(run([program, "uninstall", device])).toContain("stays there");
      expect(readImage(device, layout).equals(readFileSync(imageOf(layout)))).toBe(true);
      detach(device);
    });

  test("has its first partition, if that has a view of its own, show the session", {
    timeout,
  }, () => {
    for (const layout of ["live-build", "isohybrid"] as const) {
      const device = makeStick(layout);
      run([program, "install", device]);
      expectPartition(device, layout, [extract(device, menus[layout])]);
      detach(device);
    }
  });

  test("which is too small, or mounted, or no image: nothing is written", { timeout }, () => {
    const device = makeStick("live-build", 6);
    const before = readFileSync(disk);
    const small = tryRun([program, "install", device]);
    expect(small).toMatchObject({ status: 7 });
    expect(small.stderr).toContain("behind the image");
    expect(readFileSync(disk).equals(before)).toBe(true);
    detach(device);
    rmSync(disk);
    writeFileSync(disk, "");
    truncateSync(disk, 10 * mebibyte);
    const empty = attach(disk);
    expect(tryRun([program, "install", empty])).toMatchObject({ status: 2 });
    detach(empty);
  });
});

describe("a stick of an image whose EFI partition is full", () => {
  const [full, made] = [join(directory, "full.iso"), join(directory, "full.new.iso")];
  beforeAll(() => {
    makeIso("archiso", {
      ...{ output: full, work: join(directory, "work-full") },
      contents: { ...isoContents.archiso, efiKib: 1024 },
    });
    run([program, "install", full, "--to", made]);
  }, timeout);

  function stickOf(image: string): string {
    rmSync(disk, { force: true });
    copyFileSync(image, disk);
    truncateSync(disk, 128 * mebibyte);
    return attach(disk);
  }

  test("is left as it is, and a new image is asked for", { timeout }, () => {
    const device = stickOf(full);
    const before = readFileSync(disk);
    const refused = tryRun([program, "install", device]);
    expect(refused.status).toBe(7);
    expect(refused.stderr).toContain(
      "it cannot be made larger on a stick\nHint: make a new image with --to",
    );
    expect(readFileSync(disk).equals(before)).toBe(true);
    detach(device);
  });

  test("takes nothing more when a new image has a larger one, and another is asked for", {
    timeout,
  }, () => {
    const device = stickOf(made);
    expect(run([program, "install", device])).toContain("Already installed on");
    const before = readFileSync(disk);
    const refused = tryRun([program, "install", device, "--store", "16"]);
    expect(refused.status).toBe(7);
    expect(refused.stderr).toContain(
      "leaves no room for another session\nHint: make another new image, with --label",
    );
    expect(readFileSync(disk).equals(before)).toBe(true);
    detach(device);
  });

  test("is as it was when the larger one of a new image is undone there", { timeout }, () => {
    const device = stickOf(made);
    expect(run([program, "uninstall", device])).toContain("stays there");
    const image = readFileSync(full);
    expect(readFileSync(disk).subarray(0, image.length).equals(image)).toBe(true);
    detach(device);
  });

  test("has the old menus in both, where a store keeps the table", { timeout }, () => {
    const device = stickOf(made);
    const start = (100 * mebibyte) / 512;
    const append = "sfdisk --quiet --append --no-reread --no-tell-kernel";
    run(["sh", "-c", `echo "$1,20480,L" | ${append} "$2"`, "sh", `${start}`, device]);
    const part = attachPartition({ start, size: 20_480 });
    run(["mkfs.ext4", "-q", part]);
    detach(part);
    expect(run([program, "uninstall", device])).toContain("so does the store");
    const entry = isoContents.archiso.efi["loader/entries/01-live.conf"];
    const [, larger, , store] = partitionsOf(device);
    expect(store?.start).toBe(start);
    for (const at of [4096, larger?.start ?? 0]) {
      const place = `${disk}@@${at * 512}`;
      const menu = run(["mtype", "-i", place, "::/loader/entries/01-live.conf"]);
      expect(menu.trimEnd()).toBe(String(entry).trimEnd());
    }
    expect(larger?.start).toBeGreaterThan(4096);
    detach(device);
  });
});

describe("a store on a stick", () => {
  for (const layout of layouts)
    test(`${layout}: is a partition behind the image, which the entries name`, { timeout }, () => {
      const device = makeStick(layout, 200);
      const [before, record] = [partitionsOf(device), readFileSync(device).subarray(446, 512)];
      const install = [program, "install", device, "--store", "50"];
      expect(run([...install, "--dry-run"])).toContain("Would create the store");
      expect(run(install)).toContain("Created the store");
      const after = partitionsOf(device);
      expect(after.length).toBe(before.length + 1);
      const store = after.at(-1) as Partition;
      const isGpt = layout === "archiso" || layout === "grub-rescue";
      expect(after.slice(isGpt ? 0 : 1, -1)).toEqual(before.slice(isGpt ? 0 : 1));
      expect(store.size * 512).toBe(50 * mebibyte);
      // Two sessions have room before it.
      expect(store.start * 512).toBeGreaterThanOrEqual(
        readImage(device, layout).length + 64 * mebibyte,
      );
      const { type, name, attrs } = store;
      expect({ type, name, attrs }).toEqual(
        isGpt
          ? {
              type: "0FC63DAF-8483-4772-8E79-3D69D8477DE4",
              name: "backstore",
              attrs: "GUID:63",
            }
          : { type: "83" },
      );
      if (isGpt) {
        expect(run(["sgdisk", "--verify", device])).toContain("No problems found");
        // The entry without which some firmwares boot nothing is still there.
        const now = readFileSync(device).subarray(446, 512);
        expect(now.subarray(16).equals(record.subarray(16))).toBe(true);
      }
      const part = attachPartition(store);
      expect(run(["blkid", "-p", "-s", "LABEL", "-o", "value", part]).trim()).toBe("backstore");
      run(["e2fsck", "-fn", part]);
      writeFileSync(part, "kept", { flag: "r+" });
      const word = layout === "archiso" ? "backstore=directory=LABEL" : "cow_label";
      expect(extract(device, menus[layout])).toContain(`${word}=backstore `);
      expect(run(install)).toContain("Kept the store");
      expect(run([program, "uninstall", device])).toContain("so does the store");
      expect(partitionsOf(device)).toEqual([...before, store]);
      expect(readFileSync(part).subarray(0, 4).toString()).toBe("kept");
      detach(part);
      // What is put back is everything but the entry of the store.
      const image = readFileSync(imageOf(layout));
      const found = readImage(device, layout);
      const tables = 64 * 512;
      expect(found.subarray(tables).equals(image.subarray(tables))).toBe(true);
      detach(device);
    });

  test("fills the stick, or has no room", { timeout }, () => {
    const device = makeStick("live-build", 200);
    const before = readFileSync(disk);
    const large = tryRun([program, "install", device, "--store", "150"]);
    expect(large).toMatchObject({ status: 7 });
    expect(large.stderr).toContain("free behind the image and its sessions");
    expect(readFileSync(disk).equals(before)).toBe(true);
    run([program, "install", device, "--store", "max"]);
    const store = partitionsOf(device).at(-1) as Partition;
    expect(store.start + store.size).toBe((200 * mebibyte) / 512);
    detach(device);
  });
});
