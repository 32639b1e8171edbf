// "backstore explain" with invalid, truncated or unreadable images: a sentence and a status, or a
// session.
import { copyFileSync, mkdirSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { directory, explain, explainJson, ext4, makeStore, users } from "./explain-call.ts";
import { newImage } from "./images.ts";
import { run } from "./programs.ts";

const store = makeStore("store", [...ext4, "-L", "store"]);
const stick = makeStore("stick", ["mkfs.vfat", "-n", "RESCUE1100"]);
newImage(directory, "disk", 64);
run(
  ["sfdisk", "--quiet", join(directory, "disk.img")],
  'label: gpt\nsize=32M\nsize=16M, name="my store"\n',
);

describe("backstore explain says what is wrong with an image", () => {
  writeFileSync(join(directory, "closed.img"), "x", { mode: 0 });
  writeFileSync(join(directory, "empty.img"), "");
  mkdirSync(join(directory, "closed-directory"), { mode: 0 });
  run(["mkfifo", "-m", "0666", join(directory, "fifo")]);
  const refused: readonly (readonly [words: readonly string[], status: number, says: string])[] = [
    [["--image", "missing.img"], 4, 'Cannot inspect "missing.img": no such file'],
    [["--image", "missing/x.img"], 4, 'Cannot inspect "missing/x.img": no such file'],
    [["--image", "."], 2, 'Cannot inspect ".": it is neither a file nor a block device'],
    [["--image", "fifo"], 2, 'Cannot inspect "fifo": it is neither a file nor a block device'],
    [
      ["--image", "/dev/zero"],
      2,
      'Cannot inspect "/dev/zero": it is neither a file nor a block device',
    ],
    [["--image", ""], 4, 'Cannot inspect "": no such file'],
    [["--yaml", "missing"], 4, 'Cannot read "missing": no such directory'],
    [["--yaml", "store.img"], 2, 'Cannot read "store.img": it is not a directory'],
  ];
  for (const [words, status, says] of refused) {
    test(`backstore explain ${words.join(" ")}: ${says}`, () => {
      for (const [, prefix] of users)
        expect(explain(words, prefix)).toEqual({
          status,
          signal: null,
          stdout: "",
          stderr: `backstore: ${says}\n`,
        });
    });
  }

  const closed: readonly (readonly [words: readonly string[], says: string])[] = [
    [["--image", "closed.img"], 'Cannot inspect "closed.img": permission denied'],
    [["--yaml", "closed-directory"], 'Cannot read "closed-directory": permission denied'],
  ];
  for (const [words, says] of closed) {
    test(`backstore explain ${words.join(" ")}: ${says}`, () => {
      const { status, stderr, stdout } = explain(words);
      const hint = "Hint: run it as root or as its owner";
      expect([status, stdout, stderr]).toEqual([3, "", `backstore: ${says}\n${hint}\n`]);
    });
  }

  test("backstore explain finds nothing in an empty file, as any user", () => {
    for (const [, prefix] of users) {
      const words = ["--image", "empty.img", "--cmdline", "cow_label=store"];
      const { candidates, session } = explainJson(words, prefix);
      expect([session, candidates[0]?.reason]).toEqual([
        "volatile",
        "no file system was recognised on it",
      ]);
    }
  });

  for (const bytes of [1, 511, 1024, 1500, 4096, 65536, 1 << 20]) {
    test(`backstore explain ends on an image that was cut after ${bytes} bytes, as any user`, () => {
      for (const image of [store, stick, "disk.img"]) {
        const cut = `cut-${bytes}-${image}`;
        copyFileSync(join(directory, image), join(directory, cut));
        truncateSync(join(directory, cut), bytes);
        for (const [, prefix] of users)
          explainJson(["--image", cut, "--cmdline", "cow_label=store"], prefix);
      }
    });
  }
});
