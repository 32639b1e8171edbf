// Branches of aufs, made file by file from the published format, become upper directories: the
// kernel's own overlay shows of them what aufs would show.

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

function importBranch(branch: string, store: string) {
  return JSON.parse(run(["build/import-changes", "branch", branch, store]));
}

/** Mounts an upper directory over a base, and returns where. */
function mountOver(base: string, store: string): string {
  const place = newDirectory();
  mkdirSync(join(store, "workdir"));
  const layers = `lowerdir=${base},upperdir=${store}/upperdir,workdir=${store}/workdir`;
  const settings = "index=off,metacopy=off,xino=off,redirect_dir=nofollow";
  run(["mount", "-t", "overlay", "overlay", "-o", `${layers},${settings}`, place]);
  mounted.push(place);
  return place;
}

/** All of a tree in lines: kind, mode, owner, time, length or target, further names, path. */
function tell(tree: string): string[] {
  const format = "%y %m %U:%G %T@ %s %l %n %P\\0";
  const found = execFileSync("find", [tree, "-printf", format], { encoding: "latin1" });
  return (
    found
      .split("\0")
      // Whiteouts have the time at which they were made.
      .map((line) => (line.startsWith("c 0 0:0 ") ? line.replace(/ [0-9.]{15,} /, " ") : line))
      .map((line) => (line.startsWith("d ") ? line.replace(/ \d+ {2}\d+ (?=[^ ]*$)/, " ") : line))
      .sort()
  );
}

function content(path: string): string {
  return run(["cat", path]);
}

const long = "n".repeat(251);

describe.skipIf(!isRoot)(`importBranch()${rootNote}`, () => {
  const [base, branch, store] = [newDirectory(), newDirectory(), newDirectory()];
  let merged = "";
  let outcome: unknown;

  beforeAll(() => {
    runScript(
      base,
      `
      mkdir -p etc/ssh opt/old usr/bin
      echo base > etc/issue; echo base > etc/motd; echo base > etc/ssh/key
      echo base > opt/old/file; echo base > opt/stays; echo base > usr/bin/one; ln usr/bin/one usr/bin/two
      echo base > 'etc/two words'; echo base > etc/größe; echo base > etc/${long}
      `,
    );
    runScript(
      branch,
      `
      : > .wh..wh.aufs; mkdir .wh..wh.plnk .wh..wh.orph etc opt
      ln .wh..wh.aufs etc/.wh.issue
      ln .wh..wh.aufs 'etc/.wh.two words'; ln .wh..wh.aufs etc/.wh.größe; ln .wh..wh.aufs etc/.wh.${long}
      echo changed > etc/motd; touch -d @1000000000.123456789 etc/motd
      mkdir etc/ssh; ln .wh..wh.aufs etc/ssh/.wh..wh..opq; echo new > etc/ssh/new; chmod 750 etc/ssh
      ln .wh..wh.aufs opt/.wh.old
      echo kept > a.wh.b; chown 1000:2000 a.wh.b; chmod 6755 a.wh.b
      ln a.wh.b second; ln a.wh.b .wh..wh.plnk/12.34
      ln -s ../../../../../etc/shadow leads-out
      mkfifo pipe; mknod disk b 8 1; mknod zero c 0 0
      truncate -s 3M holes; echo end >> holes
      setfattr -n user.kept -v yes a.wh.b
      setfattr -n trusted.overlay.opaque -v y opt
      mkdir .wh.directory; echo hidden > .wh.directory/file
      printf 'odd' > "$(printf 'line\\nbreak')"; printf 'odd' > "$(printf 'caf\\351')"
      touch -d @1234567890 opt etc
      `,
    );
    outcome = importBranch(branch, store);
    merged = mountOver(base, store);
  });

  test("says what is left out", () => {
    expect(outcome).toMatchObject({ looseFiles: 1 });
    const { told } = outcome as { told: string[] };
    expect(told.toSorted()).toEqual([
      "/.wh.directory: whiteout-of-no-file",
      "/zero: looks-deleted",
    ]);
  });

  test("deletes what aufs had deleted, whatever its name", () => {
    expect(readdirSync(join(merged, "etc")).sort()).toEqual(["motd", "ssh"]);
    // The mark that the branch has on this directory meant nothing to aufs.
    expect(readdirSync(join(merged, "opt"))).toEqual(["stays"]);
    expect(readdirSync(join(merged, "etc/ssh"))).toEqual(["new"]);
  });

  test("shows what the branch has, and what the base has below it", () => {
    expect(content(join(merged, "etc/motd"))).toBe("changed\n");
    expect(content(join(merged, "usr/bin/two"))).toBe("base\n");
    expect(readdirSync(merged, { encoding: "latin1" }).sort()).toEqual(
      [
        ...["a.wh.b", "caf\xe9", "disk", "etc", "holes", "leads-out", "line\nbreak", "opt", "pipe"],
        ...["second", "usr"],
      ].sort(),
    );
  });

  test("keeps owners, modes, times, attributes, further names and holes", () => {
    const upper = join(store, "upperdir");
    const motd = lstatSync(join(merged, "etc/motd"), { bigint: true });
    expect(motd.mtimeNs).toBe(1_000_000_000_123_456_789n);
    for (const path of ["a.wh.b", "second"]) {
      const { mode, uid, gid, ino, nlink } = lstatSync(join(upper, path));
      expect([mode & 0o7777, uid, gid, nlink]).toEqual([0o6755, 1000, 2000, 2]);
      expect(ino).toBe(lstatSync(join(upper, "a.wh.b")).ino);
    }
    expect(run(["getfattr", "--only-values", "-n", "user.kept", join(upper, "second")])).toBe(
      "yes",
    );
    const holes = lstatSync(join(merged, "holes"));
    expect(holes.size).toBe(3 * 2 ** 20 + 4);
    expect(holes.blocks * 512).toBeLessThan(2 ** 16);
    expect(lstatSync(join(merged, "etc/ssh")).mode & 0o777).toBe(0o750);
    for (const path of ["opt", "etc"])
      expect(lstatSync(join(merged, path)).mtimeMs).toBe(1_234_567_890_000);
    expect(lstatSync(join(merged, "disk")).rdev).toBe(8 * 256 + 1);
  });

  test("reads nothing through a link, and leaves the branch as it was", () => {
    expect(lstatSync(join(merged, "leads-out")).isSymbolicLink()).toBe(true);
    const [again, before] = [newDirectory(), tell(branch)];
    importBranch(branch, again);
    expect(tell(branch)).toEqual(before);
    expect(tell(join(again, "upperdir"))).toEqual(tell(join(store, "upperdir")));
  });

  test("begins anew where another import was interrupted", () => {
    const again = newDirectory();
    runScript(again, "mkdir -p upperdir.import/etc; echo half > upperdir.import/etc/motd");
    importBranch(branch, again);
    expect(readdirSync(again)).toEqual(["upperdir"]);
    expect(tell(join(again, "upperdir"))).toEqual(tell(join(store, "upperdir")));
  });

  test("refuses a top that hides the base, and makes nothing", () => {
    const [hiding, target] = [newDirectory(), newDirectory()];
    writeFileSync(join(hiding, ".wh..wh..opq"), "");
    expect(importBranch(hiding, target).failed).toMatch(/hides the whole base/);
    expect(readdirSync(target)).toEqual([]);
  });
});
