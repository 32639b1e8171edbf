// docs/check-json.md names every key that "backstore check --json" writes, and no other.
import { expect, test } from "vitest";
import { call, ext4 } from "./cli/call.ts";
import * as formats from "./core/superblocks/formats.ts";
import { listKeys, readDocumentedKeys } from "./documented-keys.ts";
import { sparseContent } from "./system/memory/content.ts";
import { file } from "./system/memory/entry.ts";
import { createMemory, type Machine } from "./system/memory.ts";

const store = { "upperdir/etc/motd": "changed\n", workdir: {} };
const complaint = { status: 4, stdout: "Free blocks count wrong. Fix? no\n" };

const machine: Machine = {
  files: {
    mnt: {},
    at: { "sysrcd.bs": file(ext4("", store)), "sysrcd.bs.backstore-new": "" },
    "locked.img": file(sparseContent(4096, [{ offset: 0, bytes: formats.luks(1) }])),
  },
  disks: [{ name: "sda", content: ext4("store", store) }],
  programs: { e2fsck: () => complaint },
};

async function check(words: readonly string[], programs = machine.programs): Promise<object> {
  const memory = createMemory({ ...machine, ...(programs && { programs }) });
  memory.system.mount({ source: "/dev/sda", target: "/mnt", type: "ext4" });
  const { stdout } = await call(memory, ["check", ...words, "--json"], { isRoot: true });
  return JSON.parse(stdout);
}

test("docs/check-json.md names the keys that backstore check --json writes", async () => {
  const written = [
    await check(["/at", "--dry-run"]),
    await check(["/mnt"]),
    await check(["--image", "/locked.img"]),
    await check(["/at", "--repair"], { e2fsck: () => ({}) }),
  ];
  // Steps are as they are everywhere.
  const leaves = ["plans[].steps", "plans[].otherwise"].map((key) => `[].${key}`);
  expect(listKeys(written, leaves).map((key) => key.slice("[].".length))).toEqual(
    readDocumentedKeys("docs/check-json.md"),
  );
});
