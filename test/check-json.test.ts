// docs/check-json.md names every key that "backstore check --json" writes, and no other.
import { expect, test } from "vitest";
import { newStoreSettings } from "../src/core/stores/overlay-settings.ts";
import { formatNewRecord } from "../src/core/stores/store-record.ts";
import { listKeys, readDocumentedKeys } from "./documented-keys.ts";
import { call, ext4 } from "./support/call.ts";
import * as formats from "./support/formats.ts";
import { sparseContent } from "./support/memory/content.ts";
import { file } from "./support/memory/entry.ts";
import { createMemory, type Machine } from "./support/memory.ts";

const record = formatNewRecord({
  id: "1",
  settings: newStoreSettings,
  created: "2024-01-31T00:00:00Z",
  version: "0.0.0",
  use: {
    base: { label: "RESCUE", image: "x.sfs", release: "11.00", fingerprint: "1" },
    session: { boot: "b", machine: "m", started: "2024-01-31T00:00:00Z" },
  },
});
const store = { "upperdir/etc/motd": "changed\n", workdir: {}, "backstore.json": record };
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
  // Steps and records are the same everywhere.
  const leaves = ["plans[].steps", "plans[].otherwise", "stores[].record"].map(
    (key) => `[].${key}`,
  );
  expect(listKeys(written, leaves).map((key) => key.slice("[].".length))).toEqual(
    readDocumentedKeys("docs/check-json.md"),
  );
});
