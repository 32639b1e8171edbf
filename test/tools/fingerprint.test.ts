// The fingerprints of bases that the real tools have made: the same for the same image, different
// for other builds.
import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { runTool } from "../../scripts/lib/tool.ts";
import { readFingerprint } from "../../src/core/medium/base-fingerprint.ts";

const directory = mkdtempSync(join(tmpdir(), "backstore-"));
afterAll(() => rmSync(directory, { recursive: true }));

/** Packs a tree of some hundred files, one of which is given. */
function pack(type: string, name: string, text: string): string {
  const tree = join(directory, "tree");
  rmSync(tree, { recursive: true, force: true });
  mkdirSync(tree);
  for (let index = 0; index < 300; index++)
    writeFileSync(join(tree, `file-${index}`), `${index}\n`);
  writeFileSync(join(tree, "version"), text);
  const image = join(directory, name);
  const time = String(1_700_000_000);
  if (type === "erofs")
    runTool(["mkfs.erofs", `-T${time}`, "-U", "00000000-0000-4000-8000-000000000001", image, tree]);
  else
    runTool([
      "mksquashfs",
      tree,
      image,
      "-noappend",
      "-quiet",
      "-no-progress",
      "-mkfs-time",
      time,
      "-all-time",
      time,
    ]);
  return image;
}

function fingerprint(image: string, type: string): string | undefined {
  const file = openSync(image, "r");
  try {
    return readFingerprint((offset, length) => {
      const bytes = new Uint8Array(length);
      return bytes.subarray(0, readSync(file, bytes, 0, length, offset));
    }, type);
  } finally {
    closeSync(file);
  }
}

describe("readFingerprint()", () => {
  for (const type of ["squashfs", "erofs"]) {
    test(`readFingerprint() is the same for the same tree in a ${type}`, () => {
      const [one, same] = ["a", "b"].map((name) => fingerprint(pack(type, name, "1\n"), type));
      expect(one).toMatch(new RegExp(`^${type}-1700000000-`));
      expect(same).toBe(one);
    });
  }

  test("readFingerprint() differs where one file of a squashfs has grown, all times being the same", () => {
    const [one, other] = ["1\n", "one\n".repeat(400)].map((text, index) =>
      fingerprint(pack("squashfs", `c${index}`, text), "squashfs"),
    );
    expect(one).not.toBe(other);
  });
});
