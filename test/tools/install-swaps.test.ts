// "backstore install" and "backstore uninstall" on a medium of somebody who gives the names of its
// directories to links while the command runs, before any of its calls: nothing that they lead to
// changes.
import {
  cpSync,
  existsSync,
  mkdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { digestTree } from "../media/tree.ts";
import { callsOf, stopAtCalls } from "./kill-at.ts";
import { makeLiveMedium } from "./live-medium.ts";
import { copyProgram, run, temporaryDirectory } from "./programs.ts";

const directory = temporaryDirectory();
const program = copyProgram(directory);
const [plain, installed, tree, victim] = ["plain", "installed", "tree", "victim"].map((name) =>
  join(directory, name),
) as [string, string, string, string];
makeLiveMedium(plain, {
  "boot/grub/grub.cfg": "menuentry a {\nlinux /live/v boot=live\ninitrd /live/i\n}\n",
});
copyTree(plain, installed);
run([program, "install", "--tree", installed]);

function copyTree(from: string, to: string): void {
  rmSync(to, { recursive: true, force: true });
  mkdirSync(to);
  cpSync(from, to, { recursive: true });
}

/** What the links lead to has the same names, and the same texts, as what they stand for. */
function makeVictim(): void {
  copyTree(installed, victim);
  copyTree(join(plain, "boot"), join(victim, "boot"));
  writeFileSync(join(victim, "theirs"), "theirs");
}

function swap(): void {
  for (const name of ["backstore", "boot"]) {
    const path = join(tree, name);
    if (existsSync(path)) renameSync(path, join(tree, `${name}-away`));
    symlinkSync(join(victim, name), path);
  }
}

describe("links in the place of directories, before any call on the medium", () => {
  for (const { command, from } of [
    { command: "install", from: plain },
    { command: "uninstall", from: installed },
  ])
    test(`backstore ${command} writes nothing through them`, { timeout: 300_000 }, async () => {
      const words = [program, command, "--tree", tree];
      copyTree(from, tree);
      const calls = callsOf(words);
      const last = calls.findLastIndex((call) => call.startsWith("syncfs"));
      const numbers = calls.flatMap((call, index) =>
        index < last && (call.includes(tree) || command === "uninstall") ? [index + 1] : [],
      );
      makeVictim();
      const before = digestTree(victim);
      let swaps = 0;
      for (const number of numbers) {
        copyTree(from, tree);
        let isSwapped = false;
        await stopAtCalls(words, number, () => {
          if (!isSwapped) swap();
          if (!isSwapped) swaps++;
          isSwapped = true;
          return undefined;
        });
        const where = `swapped before call ${number}: ${calls[number - 1]}`;
        expect(digestTree(victim), where).toEqual(before);
      }
      expect(swaps).toBeGreaterThan(5);
    });
});
