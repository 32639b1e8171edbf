// "backstore revert" and "backstore reclaim" killed before each of their calls that change something: the
// kernel shows the old or the new at each path, and a second run finishes.
import { existsSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { callsOf, killBefore } from "./kill-at.ts";
import { type MergedTree, readTree } from "./merged-tree.ts";
import { copyProgram, isRoot, rootNote, run, temporaryDirectory } from "./programs.ts";

const directory = temporaryDirectory();
const program = copyProgram(directory);
const store = join(directory, "store");
const paths = ["/etc", "/gone", "/opt", "/srv", "/a", "/b"];

function script(text: string): void {
  run(["sh", "-euc", `cd "$1"; ${text}`, "sh", directory]);
}

const options = "index=off,metacopy=off,redirect_dir=nofollow";

/** Returns the tree of the store, or of the base. */
function merged(
  layers = `lowerdir=base,upperdir=$PWD/store/upperdir,workdir=$PWD/work,${options}`,
): MergedTree {
  script(`mount -t overlay -o "${layers}" overlay at`);
  try {
    return readTree(join(directory, "at"));
  } finally {
    script("umount at");
  }
}

/** Returns what a tree has at a path and below. */
function below(tree: MergedTree, path: string): string {
  const all = [...tree].filter(([one]) => one === path || one.startsWith(`${path}/`));
  return JSON.stringify(all.sort());
}

describe.skipIf(!isRoot)(`revert, killed${rootNote}`, () => {
  beforeAll(() => {
    script(`mkdir -p base/etc/d base/gone/d base/opt nothing at; echo 1 > base/etc/1; echo 2 > base/etc/d/2
      echo 3 > base/gone/d/3; echo 4 > base/opt/4; echo a > base/a`);
    mkdirSync(join(store, "upperdir"), { recursive: true });
    script(`mkdir work; mount -t overlay -o "lowerdir=base,upperdir=$PWD/store/upperdir,workdir=$PWD/work,${options}" overlay at
      echo ONE > at/etc/1; echo new > at/etc/d/new; rm -r at/gone at/opt; mkdir -p at/opt/x at/srv/d
      echo 5 > at/srv/d/5; mv at/a at/b; echo TWO > at/b; echo kept > at/kept; umount at; rm -r work; mkdir work
      cp -a store filled`);
  });

  const putBack = () => {
    rmSync(store, { recursive: true });
    script("cp -a filled store");
  };

  test("leaves the old or the new at each path, and a second run finishes", {
    timeout: 300_000,
  }, () => {
    const old = merged();
    const base = merged("lowerdir=base:nothing");
    const words = [
      program,
      "revert",
      ...paths,
      "--store",
      store,
      "--base",
      join(directory, "base"),
    ];
    const all = [...words, "--yes", "--quiet"];
    const calls = callsOf(all);
    const done = merged();
    for (const path of paths) expect([path, below(done, path)]).toEqual([path, below(base, path)]);
    expect(below(done, "/kept")).toBe(below(old, "/kept"));
    const changing = calls.flatMap((call, index) => (call.includes("mount") ? [] : [index + 1]));
    expect(changing.length).toBeGreaterThan(paths.length);
    for (const at of changing) {
      putBack();
      const where = killBefore(all, at, calls);
      const left = merged();
      for (const path of paths) {
        const is = below(left, path);
        const isWhole = [below(old, path), below(base, path)].includes(is);
        expect([where, path, isWhole || is]).toEqual([where, path, true]);
      }
      expect([where, below(left, "/kept")]).toEqual([where, below(old, "/kept")]);
      run(all);
      expect([where, [...merged()]]).toEqual([where, [...done]]);
      expect([where, existsSync(join(store, "upperdir.reverted"))]).toEqual([where, false]);
    }
  });

  test("reclaim shows the same wherever it is killed, and a second run finishes", {
    timeout: 300_000,
  }, () => {
    rmSync(store, { recursive: true });
    mkdirSync(join(store, "upperdir"), { recursive: true });
    script(`rm -r work; mkdir work
      mount -t overlay -o "lowerdir=base,upperdir=$PWD/store/upperdir,workdir=$PWD/work,${options}" overlay at
      : >> at/etc/1; : >> at/etc/d/2; : >> at/a; echo new > at/etc/d/new; mkdir -p at/srv; umount at; rm -r work; mkdir work
      mknod store/upperdir/never c 0 0; mkdir -p store/upperdir.import/x; echo half > store/upperdir.import/x/y
      mkdir -p store/upperdir.reverted/1; rm -r filled; cp -a store filled`);
    const shown = merged();
    const all = [program, "reclaim", store, "--base", join(directory, "base"), "--yes", "--quiet"];
    const calls = callsOf(all);
    const list = () => run(["sh", "-c", `cd "$1"; find . | LC_ALL=C sort`, "sh", store]);
    const left = [".", "./upperdir", "./upperdir/etc", "./upperdir/etc/d", "./upperdir/etc/d/new"];
    expect(list().trim().split("\n")).toEqual([...left, "./upperdir/srv"]);
    const changing = calls.flatMap((call, index) => (call.includes("mount") ? [] : [index + 1]));
    expect(changing.length).toBeGreaterThan(7);
    for (const at of changing) {
      putBack();
      const where = killBefore(all, at, calls);
      expect([where, [...merged()]]).toEqual([where, [...shown]]);
      run(all);
      expect([where, list().trim().split("\n")]).toEqual([where, [...left, "./upperdir/srv"]]);
    }
    expect([...merged()]).toEqual([...shown]);
  });
});
