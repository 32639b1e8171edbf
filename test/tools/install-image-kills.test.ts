// "backstore install" and "backstore uninstall" of ISO images stopped before every single call that
// changes something, and killed before some: a file of the new name is complete, or is not there, the
// image that it is made of is the same, and the next run removes what was left.
import { existsSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { digestFile } from "./digest.ts";
import { makeIso } from "./iso-media.ts";
import { callsOf, stopAtCalls } from "./kill-at.ts";
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

/** A call to kill before, counted among those of its kind. */
interface Point {
  readonly of: "numbered" | "pieces";
  readonly number: number;
}

/**
 * Whether a call is a piece of the session that xorriso writes: from a thread, so that each run has
 * another number of them.
 */
const isPiece = (call: string) => call.startsWith("write xorriso ");

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
      // The image is in its place from the last renaming on, and complete.
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
      const numbered = calls.filter((call) => !isPiece(call));
      const last = numbered.findLastIndex(isRenaming) + 1;
      const distance = Math.ceil(numbered.length / 12);
      const points: Point[] = numbered
        .map((_, index) => ({ of: "numbered", number: index + 1 }) as const)
        .filter(({ number }) => number % distance === 0 || number === last + 1 || number === last);
      if (calls.some(isPiece)) points.push({ of: "pieces", number: 20 });
      for (const { of, number } of points) {
        rmSync(to, { force: true });
        const where = `killed before call ${number} of ${of}`;
        const counts = { numbered: 0, pieces: 0 };
        const ended = await stopAtCalls(words, 1, (call) => {
          const kind = isPiece(call) ? "pieces" : "numbered";
          counts[kind]++;
          return kind === of && counts[kind] === number ? "kill" : undefined;
        });
        expect(ended, where).toBe(137);
        expect(digestFile(from), where).toBe(before);
        expect(existsSync(to), where).toBe(of === "numbered" && number > last);
        run([...words, "--force"]);
        expectComplete(command, where);
        expect(readdirSync(place), where).toEqual(["new.iso"]);
      }
    });
});
