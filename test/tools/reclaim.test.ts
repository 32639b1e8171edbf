// "backstore reclaim" on generated stores that the kernel's own overlay has written, on the file of a
// store, and on a store that somebody has made to do harm.
import { mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { buildJudge } from "./build-judge.ts";
import { scriptsInMemory } from "./namespaces.ts";
import { copyProgram, isRoot, rootNote, run, temporaryDirectory, tryRun } from "./programs.ts";

const directory = temporaryDirectory();
const program = copyProgram(directory);
const runInMemory = scriptsInMemory(directory, program);

describe.skipIf(!isRoot)(`reclaim${rootNote}`, () => {
  const judge = buildJudge("reclaim-judge", directory);

  test("leaves generated stores as they are seen, without what changes nothing", {
    timeout: 240_000,
  }, () => {
    const at = join(directory, "judged");
    mkdirSync(at);
    const { status, stderr } = tryRun([...judge, program, at, "100"]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  });

  test("gives the free blocks of a store's file back if it is asked, which check tells", () => {
    const mebibyte = 2 ** 20;
    const file = join(directory, "sysrcd.bs");
    const allocated = () => statSync(file).blocks * 512;
    run([program, "create", file, "64M"]);
    const at = `cd "$1"; mkdir base top; head -c 16M /dev/urandom > base/big`;
    runInMemory(
      "filled",
      `${at}; mount -o loop ${file} top; mkdir -p top/upperdir; cp -a base/big top/upperdir/; umount top
       "$2" reclaim ${file} --base base --yes`,
    );
    expect(allocated()).toBeGreaterThanOrEqual(64 * mebibyte);
    const [said, checked] = runInMemory(
      "trimmed",
      `${at}; "$2" reclaim ${file} --base base --trim --dry-run
       "$2" reclaim ${file} --base base --trim --yes > said; tail -1 said | cat
       printf '\\0'; "$2" check ${file} 2>&1 || true`,
    ).split("\0");
    expect(said?.split("\n")).toEqual([
      "Nothing to reclaim.",
      "What is free in it would be given back to its disk.",
      "What is free in it was given back to its disk.",
      "",
    ]);
    expect(checked).toMatch(/ is sparse \(.*: if its host fills up, changes are lost/);
    expect(checked).toContain(`backstore grow "${file}" 64M`);
    expect(allocated()).toBeLessThan(40 * mebibyte);
    run([program, "grow", file, "64M"]);
    expect(allocated()).toBeGreaterThanOrEqual(64 * mebibyte);
    expect(run([program, "check", file])).toMatch(/ is in order\n$/);
  });

  test("refuses a base on which nothing is mounted, which would make every deletion needless", () => {
    const said = runInMemory(
      "unmounted",
      `mkdir -p base more store/upperdir; mknod store/upperdir/gone c 0 0
       for command in "reclaim store" "revert /gone --store store" "changes store" "diff /gone --store store"; do
         "$2" $command --base more --base base 2>&1 && exit 1 || echo $?
       done
       test -c store/upperdir/gone`,
    );
    expect(said).toBe(
      `backstore: Cannot use "more" and "base" as a base: it is empty
Hint: mount the base there first, or name its image
8
`.repeat(4),
    );
  });

  test("removes nothing through the links of a hostile store", () => {
    const outside = join(directory, "outside");
    mkdirSync(join(outside, "archives"), { recursive: true });
    writeFileSync(join(outside, "archives/kept.deb"), "kept\n");
    const said = runInMemory(
      "hostile",
      `mkdir -p base/etc store/upperdir/var/cache
       ln -s ${outside} store/upperdir/var/log; ln -s ${outside} store/upperdir/var/cache/apt
       ln -s ${outside} store/upperdir.import; ln -s ${outside} store/upperdir.reverted
       mkdir store/upperdir/var/cache/dnf; echo gone > store/upperdir/var/cache/dnf/a
       "$2" reclaim store --base base --caches --logs --yes --json`,
    );
    const sums = JSON.parse(said).reclaims.map(
      ({ kind, paths }: { kind: string; paths: number }) => [kind, paths],
    );
    expect(Object.fromEntries(sums)).toMatchObject({ leftovers: 0, caches: 1, logs: 0 });
    expect(readFileSync(join(outside, "archives/kept.deb"), "utf8")).toBe("kept\n");
  });
});
