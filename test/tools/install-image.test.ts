// The executable makes new ISO images with the add-on, and the old ones of them again: images of
// every layout, and the tools that read them.
import {
  appendFileSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join, resolve } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { digestTree } from "../media/tree.ts";
import { digestFile } from "./digest.ts";
import { type Files, type IsoContents, type IsoLayout, isoContents, makeIso } from "./iso-media.ts";
import { type Outcome, run, temporaryDirectory, tryRun } from "./programs.ts";

const binary = resolve("dist/backstore");
const directory = temporaryDirectory();
const layouts = Object.keys(isoContents) as IsoLayout[];

function imageOf(layout: IsoLayout): string {
  return join(directory, `${layout}.iso`);
}

function newOf(layout: IsoLayout): string {
  return join(directory, `${layout}.new.iso`);
}

const ended = new Map<IsoLayout, Outcome>();

beforeAll(() => {
  for (const layout of layouts) {
    makeIso(layout, { output: imageOf(layout), work: directory });
    ended.set(layout, install(imageOf(layout), newOf(layout)));
  }
}, 120_000);

function install(image: string, to: string, ...more: string[]): Outcome {
  return tryRun([binary, "install", image, "--to", to, ...more]);
}

function uninstall(image: string, to: string, ...more: string[]): Outcome {
  return tryRun([binary, "uninstall", image, "--to", to, ...more]);
}

let count = 0;

/** Extracts the files that xorriso sees, by the names that Linux shows or those of Joliet. */
function extract(image: string, names: "rock-ridge" | "joliet" = "rock-ridge"): string {
  const to = join(directory, `extracted-${count++}`);
  run([
    ...["xorriso", "-no_rc", "-report_about", "SORRY"],
    ...["-read_fs", names === "joliet" ? "norock" : "any", "-osirrox", "on"],
    ...["-indev", `stdio:${image}`, "-extract", "/", to],
  ]);
  run(["chmod", "-R", "u+w", to]);
  return to;
}

/** What of an image firmwares and partitions of it are found by. */
function structureOf(image: string): Record<string, unknown> {
  const bytes = readFileSync(image);
  const report = (what: string) =>
    run(["xorriso", "-no_rc", "-report_about", "SORRY", "-indev", `stdio:${image}`, what, "plain"]);
  return {
    table: run(["sfdisk", "--dump", image]).replaceAll(image, "IMAGE"),
    // The catalog is where it was; the file of that name is the session's copy of it.
    torito: report("-report_el_torito").replace(/^El Torito cat path.*\n/m, ""),
    mbr: bytes.subarray(0, 446).toString("hex"),
    gpt: bytes.subarray(512, 16 * 2048).toString("hex"),
    record: bytes.subarray(17 * 2048, 18 * 2048).toString("hex"),
    blkid: run(["blkid", "-p", "-o", "export", image]).replaceAll(image, "IMAGE"),
  };
}

/** Where the partition table says that the EFI partition is, in sectors. */
function placeOfEfi(image: string) {
  const table = run(["sfdisk", "--dump", image]);
  const [, start, sectors] = /iso\S*2 : start= *(\d+), size= *(\d+)/.exec(table) ?? [];
  return { start: Number(start), sectors: Number(sectors) };
}

/** The label, the serial number and the width of the FAT that is there. */
function volumeOfEfi(image: string): string {
  const { start, sectors } = placeOfEfi(image);
  const [offset, bytes] = [start * 512, sectors * 512];
  return run(["blkid", "-p", "-O", `${offset}`, "-S", `${bytes}`, image]).replace(image, "IMAGE");
}

/** Extracts the files of an EFI partition, which mtools and fsck.fat have no complaint about. */
function extractEfi(image: string): string {
  const to = join(directory, `efi-${count++}`);
  mkdirSync(to);
  const { start, sectors } = placeOfEfi(image);
  const part = join(directory, "efi-part.img");
  run(["dd", `if=${image}`, `of=${part}`, `skip=${start}`, `count=${sectors}`, "status=none"]);
  expect(tryRun(["fsck.fat", "-n", part]).status).toBe(0);
  run(["sh", "-c", 'mcopy -i "$1" -s -n -Q "::*" "$2"', "sh", part, to]);
  return to;
}

/** Makes an image with other files in its EFI partition, and installs on it. */
function makeArchiso(efi: Files, fat: Partial<IsoContents> = {}) {
  const contents = { ...isoContents.archiso, ...fat, efi: { ...isoContents.archiso.efi, ...efi } };
  return makeOther("archiso", contents);
}

/** Makes an image with other contents, and installs on it. */
function makeOther(layout: IsoLayout, contents: IsoContents) {
  const old = join(directory, `${layout}-${count++}.iso`);
  makeIso(layout, { output: old, work: directory, contents });
  const made = `${old}.new`;
  return { old, made, ended: install(old, made) };
}

/** Makes the files of an image that has little more than a menu. */
function makeFew(): string {
  const tree = join(directory, `few-${count++}`);
  mkdirSync(join(tree, "boot/grub"), { recursive: true });
  const menu = isoContents.isohybrid.files["boot/grub/grub.cfg"] as string;
  writeFileSync(join(tree, "boot/grub/grub.cfg"), menu);
  return tree;
}

describe("backstore install IMAGE --to", () => {
  for (const layout of layouts)
    describe(`of ${layout}'s layout`, () => {
      test("boots by what it booted by, and is the same volume", () => {
        expect(ended.get(layout)).toMatchObject({ status: 0, stderr: "" });
        const [before, after] = [structureOf(imageOf(layout)), structureOf(newOf(layout))];
        // A partition of MBR that shows the files has to reach over the new ones.
        const size = /(IMAGE1 : start= *\d+, size=) *\d+/;
        if (layout === "live-build" || layout === "isohybrid") {
          expect(after.table).not.toEqual(before.table);
          const sectors = statSync(newOf(layout)).size / 512;
          const start = layout === "isohybrid" ? 0 : 64;
          expect(after.table).toMatch(new RegExp(`IMAGE1 .*size= *${sectors - start},`));
          for (const one of [before, after]) one.table = String(one.table).replace(size, "$1");
        }
        expect(after).toEqual(before);
      });

      test("has every file as it was, but for menus and lists of checksums", () => {
        const [before, after] = [imageOf(layout), newOf(layout)].map((path) => extract(path));
        const [old, now] = [before, after].map((path) => digestTree(path ?? ""));
        const added = [...(now?.keys() ?? [])].filter((name) => !old?.has(name));
        expect(added.filter((name) => !name.startsWith("backstore"))).toEqual([]);
        const changed = [...(old ?? [])].filter(([name, sum]) => now?.get(name) !== sum);
        expect(changed.map(([name]) => name)).toEqual(menus[layout]);
        for (const name of menus[layout].filter((one) => !one.endsWith(".txt")))
          expect(readFileSync(join(after ?? "", name), "latin1")).toContain(
            "/backstore/addon1.img",
          );
        const list = join(after ?? "", "sha256sum.txt");
        if (existsSync(list))
          expect(
            tryRun([
              "sh",
              "-c",
              'cd "$1" && sha256sum --quiet -c sha256sum.txt',
              "sh",
              after ?? "",
            ]),
          ).toMatchObject({ status: 0, stdout: "" });
      });

      test("is the old image again, byte for byte, when it is undone", () => {
        const back = join(directory, "back.iso");
        rmSync(back, { force: true });
        expect(uninstall(newOf(layout), back)).toMatchObject({ status: 0, stderr: "" });
        expect(digestFile(back)).toBe(digestFile(imageOf(layout)));
      });
    });

  test("shows the same files by the names for Windows and in the first partition", () => {
    const image = newOf("live-build");
    const all = digestTree(extract(image));
    expect(digestTree(extract(image, "joliet"))).toEqual(all);
    const partition = join(directory, "partition.iso");
    run(["dd", `if=${image}`, `of=${partition}`, "bs=32K", "skip=1", "status=none"]);
    expect(digestTree(extract(partition))).toEqual(all);
  });

  test("changes the menus in an EFI partition that has kernels of its own", () => {
    const [before, after] = [imageOf("archiso"), newOf("archiso")].map((path) => extractEfi(path));
    const [old, now] = [before, after].map((tree) => digestTree(tree ?? ""));
    const added = [...(now?.keys() ?? [])].filter((name) => !old?.has(name));
    expect(added).toEqual(["backstore", "backstore/addon1.img"]);
    const changed = [...(old ?? [])].filter(([name, sum]) => now?.get(name) !== sum);
    expect(changed.map(([name]) => name)).toEqual(["loader/entries/01-live.conf"]);
    const menu = readFileSync(join(after ?? "", "loader/entries/01-live.conf"), "utf8");
    expect(menu).toContain(
      "initramfs-linux.img\ninitrd  /backstore/addon1.img\noptions rdinit=/backstore-init ",
    );
    const report = JSON.parse(
      install(imageOf("archiso"), join(directory, "never.iso"), "--dry-run", "--json").stdout,
    );
    expect(report.files).toContainEqual({
      ...{ path: "efi:loader/entries/01-live.conf", what: "changed" },
    });
  });

  test("changes a menu there whose clusters have no room for more", () => {
    const entry = `${isoContents.archiso.efi["loader/entries/01-live.conf"]}`;
    const long = `${entry}${"#".repeat(2048 - entry.length)}`;
    const { old, made } = makeArchiso({ "loader/entries/01-live.conf": long });
    const menu = readFileSync(join(extractEfi(made), "loader/entries/01-live.conf"));
    expect(menu.length).toBeGreaterThan(2048);
    const back = `${made}.back`;
    expect(uninstall(made, back).stderr).toBe("");
    expect(digestFile(back)).toBe(digestFile(old));
  });

  test("implants the checksum of the new image where the old one has its own", () => {
    const [old, made] = [join(directory, "sum.iso"), join(directory, "sum.new.iso")];
    copyFileSync(imageOf("isohybrid"), old);
    run(["implantisomd5", "--supported-iso", old]);
    expect(install(old, made).stderr).toBe("");
    for (const image of [old, made])
      expect(tryRun(["checkisomd5", image])).toMatchObject({ status: 0 });
    expect(readFileSync(made).subarray(33_651, 34_163).toString()).toContain("RHLISOSTATUS=1");
    const back = join(directory, "sum.back.iso");
    expect(uninstall(made, back).stderr).toBe("");
    expect(digestFile(back)).toBe(digestFile(old));
  });

  test("leaves the old image alone, and nothing beside the new one", () => {
    const [image, place] = [imageOf("live-build"), join(directory, "place")];
    mkdirSync(place);
    const before = digestFile(image);
    install(image, join(place, "new.iso"));
    expect(digestFile(image)).toBe(before);
    expect(readdirSync(place)).toEqual(["new.iso"]);
  });

  test("takes names of Joliet where there are none of Rock Ridge", () => {
    const [tree, old] = [makeFew(), join(directory, "joliet.iso")];
    run([
      ...["xorriso", "-no_rc", "-rockridge", "off", "-joliet", "on"],
      ...["-outdev", old, "-map", tree, "/", "-padding", "0"],
    ]);
    const to = join(directory, "joliet.new.iso");
    expect(install(old, to)).toMatchObject({ status: 0, stderr: "" });
    expect(readFileSync(join(extract(to, "joliet"), "boot/grub/grub.cfg"), "utf8")).toContain(
      "/backstore/addon1.img",
    );
  });

  test("names a list of checksums that has the image of a changed EFI partition in it", () => {
    const menu = isoContents.isohybrid.files["boot/grub/grub.cfg"] as string;
    const efi = { ...isoContents.isohybrid.efi, "EFI/BOOT/grub.cfg": menu };
    const old = join(directory, "listed.iso");
    makeIso("isohybrid", {
      ...{ output: old, work: directory, contents: { ...isoContents.isohybrid, efi } },
    });
    const report = JSON.parse(install(old, join(directory, "listed.new.iso"), "--json").stdout);
    expect(report).toMatchObject({ planned: false, changed: true });
    expect(report.files).toContainEqual({ path: "efi:EFI/BOOT/grub.cfg", what: "changed" });
    expect(report.files).toContainEqual({ path: "sha256sum.txt", what: "not-corrected" });
  });

  test("a relative path is that of the directory one is in", () => {
    const place = join(directory, "relative");
    mkdirSync(place);
    copyFileSync(imageOf("live-build"), join(place, "old.iso"));
    const script = 'cd "$1" && exec "$2" install old.iso --to new.iso';
    expect(tryRun(["sh", "-c", script, "sh", place, binary]).stderr).toBe("");
    expect(readdirSync(place).sort()).toEqual(["new.iso", "old.iso"]);
  });

  test("of an image that it has made makes the same once more", () => {
    const again = join(directory, "again.iso");
    expect(install(newOf("live-build"), again).status).toBe(0);
    expect(statSync(again).size).toBe(statSync(newOf("live-build")).size);
    expect(digestTree(extract(again))).toEqual(digestTree(extract(newOf("live-build"))));
  });

  test("--dry-run and --json tell what would be done, and make nothing", () => {
    const to = join(directory, "never.iso");
    const dry = install(imageOf("isohybrid"), to, "--dry-run");
    expect(dry.stdout).toContain("Would install on");
    expect(dry.stdout).toContain("+\tinitrd /live/initrd.img /backstore/addon1.img\n");
    const report = JSON.parse(install(imageOf("isohybrid"), to, "--dry-run", "--json").stdout);
    expect(report).toMatchObject({ planned: true, changed: true, family: "live-boot" });
    expect(report.files).toContainEqual({ path: "sha256sum.txt", what: "corrected" });
    expect(uninstall(newOf("isohybrid"), to, "--dry-run").stdout).toContain("Would write");
    expect(existsSync(to)).toBe(false);
  });

  test("--dry-run refuses a place that the work would be refused for", () => {
    const [there, nowhere] = [newOf("archiso"), join(directory, "nowhere/new.iso")];
    for (const work of [install, uninstall]) {
      const image = work === install ? imageOf("isohybrid") : newOf("isohybrid");
      expect(work(image, there, "--dry-run").status).toBe(5);
      expect(work(image, nowhere, "--dry-run").status).toBe(4);
      expect(work(image, "/dev/shm/new.iso", "--dry-run").status).toBe(8);
    }
  });
});

const menus: Readonly<Record<IsoLayout, readonly string[]>> = {
  "live-build": ["boot/grub/grub.cfg", "isolinux/isolinux.cfg", "sha256sum.txt"],
  isohybrid: ["boot/grub/grub.cfg", "isolinux/isolinux.cfg", "sha256sum.txt"],
  archiso: ["boot/syslinux/syslinux.cfg", "loader/entries/01-live.conf"],
  "grub-rescue": ["boot/grub/grub.cfg"],
};

/** Images with kernels in an EFI partition that has no room for the add-on beside them. */
const full: readonly [what: string, layout: IsoLayout, contents: IsoContents][] = [
  ["FAT12 in a GPT", "archiso", { ...isoContents.archiso, efiKib: 1024 }],
  [
    "FAT32 in a GPT",
    "archiso",
    {
      ...isoContents.archiso,
      efi: { ...isoContents.archiso.efi, filler: Buffer.alloc(33_000_000) },
      ...{ efiKib: 34_200, fat: ["-F", "32", "-s", "1"] },
    },
  ],
  [
    "a file that an MBR and an Apple partition map name",
    "live-build",
    {
      ...isoContents["live-build"],
      efi: {
        ...isoContents.archiso.efi,
        "EFI/BOOT/grub.cfg": `menuentry 'Live system' {
	linux /arch/boot/x86_64/vmlinuz-linux archisobasedir=arch
	initrd /arch/boot/x86_64/initramfs-linux.img
}
`,
      },
      efiKib: 1024,
    },
  ],
];

describe("an EFI partition that is full is a larger one in the new image:", () => {
  for (const [what, layout, contents] of full)
    test(what, () => {
      const { old, made, ended: done } = makeOther(layout, contents);
      expect(done).toMatchObject({ status: 0, stderr: "" });
      expect(done.stdout).toContain(
        "Note: its EFI partition is full: a larger one takes its place",
      );
      const [before, after] = [old, made].map(withoutEfi);
      expect(after).toEqual(before);
      const { start, sectors } = placeOfEfi(made);
      const [was, is] = [old, made].map((image) => toritoOfEfi(image));
      expect(is?.block).toBe(start / 4);
      expect(start).toBeGreaterThanOrEqual(statSync(old).size / 512);
      expect(is?.sectors).toBe(was?.sectors === 0 ? 0 : sectors);
      expect(volumeOfEfi(made)).toBe(volumeOfEfi(old));
      const [files, now] = [old, made].map((image) => digestTree(extractEfi(image)));
      const added = [...(now?.keys() ?? [])].filter((name) => !files?.has(name));
      expect(added).toEqual(["backstore", "backstore/addon1.img"]);
      const changed = [...(files ?? [])].filter(([name, sum]) => now?.get(name) !== sum);
      expect(changed.map(([name]) => name)).toEqual(
        layout === "archiso" ? ["loader/entries/01-live.conf"] : efiMenus,
      );
      const back = `${made}.back`;
      expect(uninstall(made, back)).toMatchObject({ status: 0, stderr: "" });
      expect(digestFile(back)).toBe(digestFile(old));
      for (const image of [old, made, back]) rmSync(image);
    }, 60_000);
});

const efiMenus = ["EFI/BOOT/grub.cfg", "loader/entries/01-live.conf"];

/** What of an image stays when its EFI partition gets another place and length. */
function withoutEfi(image: string): Record<string, unknown> {
  const { table, torito, gpt, ...others } = structureOf(image);
  const isGpt = String(table).includes("label: gpt");
  if (isGpt) expect(run(["sfdisk", "--verify", image])).toContain("No errors detected");
  // A partition of MBR that shows the files has to reach over the new ones.
  const size = /(IMAGE1 : start= *\d+, size=) *\d+/;
  return {
    ...others,
    table: (isGpt ? String(table) : String(table).replace(size, "$1"))
      .replace(/(IMAGE2 : start=) *\d+, size= *\d+/, "$1")
      .replace(/^(last-lba:|grain:).*\n/gm, ""),
    torito: String(torito)
      .replace(/(UEFI .*) \d+ +\d+$/m, "$1")
      .replace(/^El Torito img (path|blks) +: +2 .*\n/m, ""),
  };
}

/** Where the boot catalog says that the EFI partition is. */
function toritoOfEfi(image: string) {
  const line = /UEFI .* (\d+) +(\d+)$/m.exec(String(structureOf(image).torito));
  return { sectors: Number(line?.[1]), block: Number(line?.[2]) };
}

describe("an image is refused", () => {
  test("if its EFI partition is full, and FAT of its kind cannot be longer", () => {
    const { made, ended: refused } = makeArchiso(
      { filler: Buffer.alloc(1_200_000) },
      { efiKib: 2040, fat: ["-F", "12", "-s", "1"] },
    );
    expect([refused.status, existsSync(made)]).toEqual([7, false]);
    expect(refused.stderr).toMatch(
      /its EFI partition needs \S+ \S+ more, and \S+ \S+ are free in it; FAT of its kind/,
    );
  });

  test("if UEFI comes to menus that cannot be changed", () => {
    const menu = "title x\nlinux /arch/boot/x86_64/vmlinuz-linux\noptions root=/dev/sda1\n";
    const { made, ended: refused } = makeArchiso({ "loader/entries/01-live.conf": menu });
    expect([refused.status, existsSync(made)]).toEqual([4, false]);
    expect(refused.stderr).toContain("no menu entry for UEFI can be changed");
  });

  test("if the new one would be in memory, unless --force is given", () => {
    const to = "/dev/shm/backstore-new.iso";
    const refused = install(imageOf("isohybrid"), to);
    expect([refused.status, existsSync(to)]).toEqual([8, false]);
    expect(refused.stderr).toContain("it is in memory and is lost at power-off (tmpfs on ");
  });

  test("if the new one is there, unless --force is given", () => {
    const to = join(directory, "there.iso");
    writeFileSync(to, "theirs");
    const refused = install(imageOf("isohybrid"), to);
    expect([refused.status, readFileSync(to, "utf8")]).toEqual([5, "theirs"]);
    expect(refused.stderr).toContain(`"${to}" is there already\nHint: choose another name`);
    expect(install(imageOf("isohybrid"), to, "--force").status).toBe(0);
    expect(statSync(to).size).toBeGreaterThan(statSync(imageOf("isohybrid")).size);
  });

  test("if the new one is itself", () => {
    const image = imageOf("isohybrid");
    const before = digestFile(image);
    const refused = install(image, image, "--force");
    expect([refused.status, digestFile(image)]).toEqual([2, before]);
    expect(refused.stderr).toContain("the new image has to be another file");
  });

  test("if the new one cannot be where it is named", () => {
    const nowhere = install(imageOf("isohybrid"), join(directory, "nowhere/new.iso"));
    expect([nowhere.status, nowhere.stderr]).toEqual([
      4,
      `backstore: Cannot install on "${imageOf("isohybrid")}": no such directory: "${directory}/nowhere"\n`,
    ]);
    expect(install(imageOf("isohybrid"), `${directory}/`).status).toBe(2);
    expect(install(imageOf("isohybrid"), directory).stderr).toContain("is not a regular file");
  });

  test("if it is not complete", () => {
    const short = join(directory, "short.iso");
    copyFileSync(imageOf("isohybrid"), short);
    truncateSync(short, statSync(short).size - 1000);
    const refused = install(short, join(directory, "never.iso"));
    expect(refused.status).toBe(6);
    expect(refused.stderr).toContain("it is not complete: 1000 bytes are missing at its end");
  });

  test("if its files have been changed since then", () => {
    const changed = join(directory, "changed.iso");
    copyFileSync(newOf("isohybrid"), changed);
    const bytes = readFileSync(changed);
    const at = bytes.indexOf(isoContents.isohybrid.files["live/vmlinuz"] as Buffer);
    bytes[at] = (bytes[at] ?? 0) ^ 1;
    writeFileSync(changed, bytes);
    for (const call of [install, uninstall]) {
      const refused = call(changed, join(directory, "never.iso"));
      expect(refused.status).toBe(6);
      expect(refused.stderr).toContain(
        "without what was installed, it is not the image that it was",
      );
    }
    expect(existsSync(join(directory, "never.iso"))).toBe(false);
  });

  test("if its files have only the names of ISO 9660 itself", () => {
    const [tree, plain] = [makeFew(), join(directory, "plain.iso")];
    run(["xorriso", "-no_rc", "-rockridge", "off", "-outdev", plain, "-map", tree, "/"]);
    const refused = install(plain, join(directory, "never.iso"));
    expect(refused.status).toBe(2);
    expect(refused.stderr).toContain("its files have neither names of Rock Ridge nor of Joliet");
  });

  test("if our directory is on it and says nothing of what was before", () => {
    const odd = join(directory, "odd.iso");
    const files = { ...isoContents.isohybrid.files, "backstore/notes.txt": "?" };
    makeIso("isohybrid", {
      ...{ output: odd, work: directory, contents: { ...isoContents.isohybrid, files } },
    });
    expect(install(odd, join(directory, "never.iso")).stderr).toContain(
      '"backstore" is on it, but what it was before is not',
    );
  });

  test("if nothing is installed on it, for undoing", () => {
    const to = join(directory, "never.iso");
    expect(uninstall(imageOf("isohybrid"), to).stdout).toContain("Nothing is installed on");
    expect(existsSync(to)).toBe(false);
  });

  test("if something is behind its end, that is taken along", () => {
    const longer = join(directory, "longer.iso");
    copyFileSync(imageOf("isohybrid"), longer);
    appendFileSync(longer, "behind the end");
    const to = join(directory, "longer.new.iso");
    expect(install(longer, to).stderr).toBe("");
    const back = join(directory, "longer.back.iso");
    expect(uninstall(to, back).stderr).toBe("");
    expect(digestFile(back)).toBe(digestFile(longer));
  });
});
