// What commands that read a store do with a damaged one: ext4 lists a directory without the names in
// its damaged blocks, and gives no errno for that.
import { describe, expect, test } from "vitest";
import { scriptsOnDisks } from "./namespaces.ts";
import {
  copyProgram,
  isRoot,
  numberDirectories,
  rootNote,
  temporaryDirectory,
} from "./programs.ts";

const directory = temporaryDirectory();
const runOnDisk = scriptsOnDisks(numberDirectories(directory), copyProgram(directory));

const makeStore = `mkdir -p upper/lost upper/etc base/etc; echo two > upper/etc/motd; echo one > base/etc/motd
  for i in $(seq 30); do echo $i > upper/lost/$i; done
  mkdir top; cp -a upper top/upperdir; mkdir top/workdir; truncate -s 16M store.bs; mkfs.ext4 -q -d top store.bs`;
const zeroBlock = `block=$(debugfs -R 'blocks /upperdir/lost' store.bs 2>/dev/null)
  test -n "$block"; for one in $block; do
    dd if=/dev/zero of=store.bs bs=$(dumpe2fs -h store.bs 2>/dev/null | sed -n 's/^Block size: *//p') \
      seek=$one count=1 conv=notrunc status=none; done`;
const zeroInodes = `${makeStore}; debugfs -w -R 'clri <2>' store.bs 2>/dev/null`;
const truncate = `${makeStore}; truncate -s 5M store.bs`;

const commands: readonly string[] = [
  "changes store.bs --base base",
  "changes store.bs --base base --secrets",
  "diff / --store store.bs --base base",
  "revert / --store store.bs --base base --yes",
  "reclaim store.bs --base base --yes",
  "export store.bs made",
  "export store.bs made.tar",
  "export store.bs made.srm",
  "copy store.bs made",
  "copy store.bs made.bs 16",
];
const hint = /\nHint: see what can be repaired: backstore check store\.bs\n/;
const damages: readonly (readonly [damage: string, script: string, says: RegExp])[] = [
  [
    "a directory without its block",
    `${makeStore}; ${zeroBlock}`,
    /its ext4 file system is damaged \(the kernel|bad message/,
  ],
  ["no inode of its top", zeroInodes, /structure needs cleaning/],
  ["half of the file missing", truncate, /it is truncated: its file system has 16.0 MiB/],
];

describe.skipIf(!isRoot)(`a damaged store${rootNote}`, () => {
  for (const [damage, script, says] of damages)
    test(`with ${damage} is read by no command, and nothing is made of it or changed in it`, () => {
      const told = runOnDisk(
        `${script}; cp store.bs before
         set -f; while read -r line; do s=0; "$2" $line > out 2>&1 < /dev/null || s=$?
           echo "=== $s $line"; cat out; ls -d made* 2>/dev/null || :; done <<X
${commands.join("\n")}
X
         cmp store.bs before`,
      );
      const parts = told.split("=== ").slice(1);
      expect(parts.map((part) => part.split("\n")[0])).toEqual(commands.map((one) => `6 ${one}`));
      for (const part of parts) {
        expect(part).toMatch(says);
        expect(part).toMatch(hint);
        expect(part).not.toMatch(/^made/m);
      }
    });

  test("that another one was damaged on the same loop device before is no damage", () => {
    const told = runOnDisk(
      `${makeStore}; cp store.bs sound.bs; ${zeroBlock}
       for i in 1 2 3; do "$2" changes store.bs --base base > /dev/null 2>&1 || echo "status $?"
         "$2" export sound.bs made.tar > /dev/null; rm made.tar; done`,
    );
    expect(told).toBe("status 6\n".repeat(3));
  });

  test("that was truncated is not run", () => {
    const told = runOnDisk(
      `${truncate}; "$2" run --base base --store store.bs -- true 2>&1 || echo "status $?"`,
    );
    expect(told).toMatch(/it is truncated: .*\nHint: .*backstore check store\.bs\nstatus 6\n$/);
  });
});
