import { mkdirSync, readFileSync, readlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type CpioEntry, formatCpio } from "../../src/core/initramfs/cpio.ts";
import { run, temporaryDirectory } from "./programs.ts";

const directory = temporaryDirectory();

const entries: CpioEntry[] = [
  { kind: "directory", path: "dev", mode: 0o755 },
  { kind: "character", path: "dev/console", mode: 0o600, major: 5, minor: 1 },
  { kind: "file", path: "init", mode: 0o755, data: new Uint8Array(100_003).fill(7) },
  { kind: "file", path: "empty", mode: 0o600, data: new Uint8Array(0) },
  { kind: "file", path: "näme with space", mode: 0o644, data: new Uint8Array([1, 2, 3]) },
  { kind: "link", path: "modprobe", to: "/init" },
];

test("formatCpio() writes what GNU cpio lists", () => {
  const archive = join(directory, "a.cpio");
  writeFileSync(archive, formatCpio(entries));
  expect(run(["cpio", "-tv", "--quiet", "-n", "-F", archive])).toMatchInlineSnapshot(`
    "drwxr-xr-x   2 0        0               0 Jan  1  1970 dev
    crw-------   1 0        0          5,   1 Jan  1  1970 dev/console
    -rwxr-xr-x   1 0        0          100003 Jan  1  1970 init
    -rw-------   1 0        0               0 Jan  1  1970 empty
    -rw-r--r--   1 0        0               3 Jan  1  1970 näme with space
    lrwxrwxrwx   1 0        0               5 Jan  1  1970 modprobe -> /init
    "
  `);
});

test("formatCpio() writes what GNU cpio unpacks to the same bytes", () => {
  const archive = join(directory, "b.cpio");
  const root = join(directory, "root");
  mkdirSync(root);
  writeFileSync(archive, formatCpio(entries.filter((entry) => entry.kind !== "character")));
  run(["sh", "-c", `cd '${root}' && cpio -id --quiet < '${archive}'`]);
  for (const entry of entries) {
    if (entry.kind === "file") {
      expect(Buffer.compare(readFileSync(join(root, entry.path)), entry.data)).toBe(0);
    }
  }
  expect(readlinkSync(join(root, "modprobe"))).toBe("/init");
});
