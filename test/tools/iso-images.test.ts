// What our reader sees in ISO images of every layout is what xorriso sees in them.
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { openSource, type Source } from "../../src/core/bytes/source.ts";
import { readImage } from "../../src/core/iso/check-session.ts";
import { readJolietTree } from "../../src/core/iso/iso-tree.ts";
import { type IsoLayout, isoContents, makeIso } from "./iso-media.ts";
import { run, temporaryDirectory } from "./programs.ts";

const directory = temporaryDirectory();
const layouts = Object.keys(isoContents) as IsoLayout[];
const opened: number[] = [];

afterAll(() => {
  for (const file of opened) closeSync(file);
});

function sourceOf(path: string): Source {
  const file = openSync(path, "r");
  opened.push(file);
  return openSource((offset, length) => {
    const bytes = new Uint8Array(length);
    return bytes.subarray(0, readSync(file, bytes, 0, length, offset));
  }, fstatSync(file).size);
}

/** Returns the extents of files as xorriso reports them. */
function reportedBy(path: string): string[] {
  const report = run([
    ...["xorriso", "-no_rc", "-report_about", "SORRY", "-indev", `stdio:${path}`],
    ...["-find", "/", "-type", "f", "-exec", "report_sections", "--"],
  ]);
  const lines = report.matchAll(/^File data lba:\s+\d+ ,\s+(\d+) ,\s+\d+ ,\s+(\d+) , '\/(.*)'$/gm);
  return [...lines].map(([, block, bytes, name]) => `${name} ${block} ${bytes}`).sort();
}

/** Where the first partition has descriptors of its own, and where a partition of MBR begins. */
const places: Readonly<Record<IsoLayout, readonly unknown[]>> = {
  "live-build": [32, 64],
  isohybrid: [undefined, 0],
  archiso: [32, undefined],
  "grub-rescue": [undefined, undefined],
};

describe("readImage() of an image as it is made by the tools of", () => {
  for (const layout of layouts)
    test(`${layout} finds the files where xorriso finds them`, () => {
      const path = join(directory, `${layout}.iso`);
      makeIso(layout, { output: path, work: directory });
      const image = readImage(sourceOf(path));
      if (image === undefined) throw new Error("it is not read");
      const files = image.tree.files.filter(({ kind }) => kind === "file");
      const found = files.map(({ path: name, extents }) =>
        [name, extents[0]?.block, extents[0]?.bytes].join(" "),
      );
      const reported = reportedBy(path);
      expect(found.filter((line) => !line.includes("boot.cat")).sort()).toEqual(
        reported.filter((line) => !line.includes("boot.cat")),
      );
      expect(found.length).toBeGreaterThan(4);
      const joliet = readJolietTree(image.source, image.facts.volume);
      expect(joliet?.files.map(({ path: name }) => name).sort()).toEqual(
        layout === "grub-rescue"
          ? undefined
          : image.tree.files.map(({ path: name }) => name).sort(),
      );
      const { blocks, view, partition, boot } = image.facts;
      expect(blocks * 2048).toBe(image.source.bytes);
      expect([view?.block, partition?.start]).toEqual(places[layout]);
      expect(boot.map(({ firmware }) => firmware)).toEqual(["bios", "uefi"]);
    });
});
