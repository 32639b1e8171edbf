// "backstore reclaim" on generated stores that the kernel's own overlay has written, and on a store that
// somebody has made to do harm.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";
import { describe, expect, test } from "vitest";
import { copyProgram, isRoot, rootNote, run, temporaryDirectory, tryRun } from "./programs.ts";

const directory = temporaryDirectory();
const program = copyProgram(directory);
const enter = ["unshare", "--mount", "--propagation", "private"];

describe.skipIf(!isRoot)(`reclaim${rootNote}`, () => {
  test("leaves generated stores as they are seen, without what changes nothing", {
    timeout: 240_000,
  }, async () => {
    const judge = join(directory, "judge.mjs");
    await build({
      entryPoints: ["test/tools/reclaim-judge.ts"],
      outfile: judge,
      ...{ bundle: true, platform: "node", format: "esm", logLevel: "warning" },
    });
    const at = join(directory, "judged");
    mkdirSync(at);
    const { status, stderr } = tryRun([...enter, process.execPath, judge, program, at, "100"]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  });

  test("removes nothing through the links of a hostile store", () => {
    const outside = join(directory, "outside");
    mkdirSync(join(outside, "archives"), { recursive: true });
    writeFileSync(join(outside, "archives/kept.deb"), "kept\n");
    const at = join(directory, "hostile");
    mkdirSync(at);
    const script = `cd "$1"; mount -t tmpfs reclaim .; cd "$1"; mkdir -p base/etc store/upperdir/var/cache
      ln -s ${outside} store/upperdir/var/log; ln -s ${outside} store/upperdir/var/cache/apt
      ln -s ${outside} store/upperdir.import; ln -s ${outside} store/upperdir.reverted
      mkdir store/upperdir/var/cache/dnf; echo gone > store/upperdir/var/cache/dnf/a
      "$2" reclaim store --base base --caches --logs --yes --json`;
    const told = JSON.parse(run([...enter, "sh", "-euc", script, "sh", at, program]));
    const sums = told.reclaims.map(({ kind, paths }: { kind: string; paths: number }) => [
      kind,
      paths,
    ]);
    expect(Object.fromEntries(sums)).toMatchObject({ leftovers: 0, caches: 1, logs: 0 });
    expect(readFileSync(join(outside, "archives/kept.deb"), "utf8")).toBe("kept\n");
  });
});
