// "backstore install" and "backstore uninstall" of ISO images stopped before every single call that
// changes something, and killed before some: a file of the new name is complete, or is not there, the
// image that it is made of is the same, and the next run removes what was left.
import { existsSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { digestFile } from "./digest.ts";
import { makeIso } from "./iso-media.ts";
import { callsOf, killBefore, stopAtCalls } from "./kill-at.ts";
import { copyProgram, run, temporaryDirectory } from "./programs.ts";

const directory = temporaryDirectory();
const program = copyProgram(directory);
const place = join(directory, "place");
mkdirSync(place);
const [plain, installed, to] = ["plain.iso", "installed.iso", "place/new.iso"].map((name) =>
  join(directory, name),
) as [string, string, string];
makeIso("archiso", { output: plain, work: directory });
run([program, "install", plain, "--to", installed]);

/** An image that the program has made can be undone, so it is complete. */
function expectComplete(command: string, where: string): void {
  if (command === "uninstall") {
    expect(digestFile(to), where).toBe(digestFile(plain));
    return;
  }
  const back = join(directory, "back.iso");
  rmSync(back, { force: true });
  run([program, "uninstall", to, "--to", back]);
  expect(digestFile(back), where).toBe(digestFile(plain));
}

describe("stopped or killed before its calls that change something", () => {
  for (const { command, from } of [
    { command: "install", from: plain },
    { command: "uninstall", from: installed },
  ])
    test(`backstore ${command} has made an image or none`, { timeout: 600_000 }, async () => {
      const words = [program, command, from, "--to", to];
      const before = digestFile(from);
      rmSync(to, { force: true });
      const calls = callsOf(words);
      const renamed = calls.findLastIndex((call) => call.startsWith("rename"));
      expect(renamed).toBeGreaterThan(0);
      // The image is in its place from the last renaming on, and complete. On a busy machine two runs
      // were seen whose calls had other numbers.
      const isRenaming = (call: string) => call.startsWith("rename");
      let left = calls.filter(isRenaming).length;
      rmSync(to);
      const seen: string[] = [];
      await stopAtCalls(words, 1, (call) => {
        seen.push(`${left > 0 ? "before" : "after"} ${existsSync(to)}`);
        if (isRenaming(call)) left--;
        if (existsSync(to)) expectComplete(command, call);
        return undefined;
      });
      expect(new Set(seen)).toEqual(new Set(["before false", "after true"]));
      const distance = Math.ceil(calls.length / 12);
      const everyFew = calls
        .map((_, index) => index + 1)
        .filter((number) => number % distance === 0);
      for (const number of [...everyFew, renamed + 1, renamed + 2]) {
        rmSync(to, { force: true });
        const where = killBefore(words, number, calls);
        expect(digestFile(from), where).toBe(before);
        expect(existsSync(to), where).toBe(number > renamed + 1);
        run([...words, "--force"]);
        expectComplete(command, where);
        expect(readdirSync(place), where).toEqual(["new.iso"]);
      }
    });
});
