// Layers of OCI, packed by GNU tar, become upper directories: the kernel's own overlay shows what the
// specification says of them.

import { execFileSync, spawnSync } from "node:child_process";
import { lstatSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runScript } from "./namespaces.ts";
import { isRoot, numberDirectories, rootNote, run, temporaryDirectory } from "./programs.ts";

const top = temporaryDirectory();
const newDirectory = numberDirectories(top);
const mounted: string[] = [];

afterAll(() => {
  for (const path of mounted.toReversed()) spawnSync("umount", ["-l", path]);
});

/** Unpacks an archive into a new upper directory, and returns where the store is. */
function unpack(archive: string) {
  const store = newDirectory();
  mkdirSync(join(store, "upperdir"), { mode: 0o700 });
  mkdirSync(join(store, "workdir"));
  const argv = ["build/import-changes", "layer", archive, join(store, "upperdir")];
  return { store, outcome: JSON.parse(run(argv)) };
}

function mountOver(base: string, store: string): string {
  const place = newDirectory();
  const layers = `lowerdir=${base},upperdir=${store}/upperdir,workdir=${store}/workdir`;
  run(["mount", "-t", "overlay", "overlay", "-o", layers, place]);
  mounted.push(place);
  return place;
}

function list(tree: string): string[] {
  const found = execFileSync("find", [tree, "-mindepth", "1", "-printf", "%P\\n"]);
  return found.toString().split("\n").filter(Boolean).sort();
}

describe.skipIf(!isRoot)(`unpackLayer()${rootNote}`, () => {
  const [base, layer] = [newDirectory(), newDirectory()];
  const archive = join(top, "layer.tar");

  beforeAll(() => {
    runScript(
      base,
      `
      mkdir -p etc/ssh opt/old usr/bin gone
      for name in etc/issue etc/motd etc/ssh/key opt/old/file usr/bin/one gone/file; do
        echo base > $name
      done
      `,
    );
    runScript(
      layer,
      `
      mkdir -p etc/ssh opt/old gone
      : > etc/.wh.issue
      : > etc/ssh/.wh..wh..opq; echo new > etc/ssh/new
      : > .wh.gone; echo new > gone/new; chmod 1770 gone
      : > opt/.wh.old; rmdir opt/old
      echo layer > etc/motd; chown 5:6 etc/motd; touch -d @1000000000.5 etc/motd
      ln etc/motd etc/again; ln -s ../../etc/shadow link; mknod node b 8 1
      truncate -s 2M holes; echo end >> holes
      setfattr -n user.kept -v yes etc/motd
      setfattr -n trusted.overlay.redirect -v /etc opt
      touch -d @1234567890 etc
      `,
    );
    const options = ["--format=posix", "--sparse", "--xattrs", "--xattrs-include=*"];
    run(["tar", ...options, "-cf", archive, "-C", layer, "."]);
  });

  test("makes what the overlay shows as the specification says", () => {
    const { store, outcome } = unpack(archive);
    expect(outcome.told).toEqual([]);
    const merged = mountOver(base, store);
    expect(list(merged)).toEqual([
      ...["etc", "etc/again", "etc/motd", "etc/ssh", "etc/ssh/new", "gone", "gone/new", "holes"],
      ...["link", "node", "opt", "usr", "usr/bin", "usr/bin/one"],
    ]);
    const motd = lstatSync(join(merged, "etc/motd"), { bigint: true });
    expect([motd.uid, motd.gid, motd.mtimeNs]).toEqual([5n, 6n, 1_000_000_000_500_000_000n]);
    expect(lstatSync(join(store, "upperdir/etc/again")).ino).toBe(
      lstatSync(join(store, "upperdir/etc/motd")).ino,
    );
    expect(run(["getfattr", "--only-values", "-n", "user.kept", join(merged, "etc/motd")])).toBe(
      "yes",
    );
    expect(lstatSync(join(merged, "gone")).mode & 0o7777).toBe(0o1770);
    expect(lstatSync(join(merged, "etc")).mtimeMs).toBe(1_234_567_890_000);
    expect(lstatSync(join(merged, "holes")).size).toBe(2 ** 21 + 4);
    expect(lstatSync(join(merged, "holes")).blocks * 512).toBeLessThan(2 ** 16);
  });

  test("writes nothing through a link of the archive's", () => {
    const [tree, outside] = [newDirectory(), newDirectory()];
    const hostile = join(top, "hostile.tar");
    runScript(tree, `ln -s ${outside} a; mkdir b; echo bad > b/file; echo bad > b/.wh.kept`);
    writeFileSync(join(outside, "kept"), "kept");
    run(["tar", "-cf", hostile, "-C", tree, "a", "b", "--transform=s,^b/,a/,"]);
    const { store, outcome } = unpack(hostile);
    expect(outcome.told.toSorted()).toEqual(["/a/.wh.kept: below-file", "/a/file: below-file"]);
    expect(readdirSync(outside)).toEqual(["kept"]);
    expect(lstatSync(join(store, "upperdir/a")).isSymbolicLink()).toBe(true);
  });

  test("refuses an archive that leads out, and one that is cut off", () => {
    const tree = newDirectory();
    const [out, cut] = [join(top, "out.tar"), join(top, "cut.tar")];
    runScript(tree, "echo bad > file");
    run(["tar", "-P", "-cf", out, "-C", tree, "file", "--transform=s,^,../../,"]);
    expect(unpack(out).outcome.failed).toMatch(/leads out of it/);
    run(["sh", "-c", `head -c 600 ${archive} > ${cut}`]);
    expect(unpack(cut).outcome.failed).toMatch(/Cannot read the archive at byte/);
  });
});
