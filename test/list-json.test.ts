// docs/list-json.md names every key that "backstore list --json" writes, and no other.
import { expect, test } from "vitest";
import { formatInstallRecord } from "../src/core/install/install-record.ts";
import { newStoreSettings } from "../src/core/stores/overlay-settings.ts";
import {
  formatEndedRecord,
  formatMountedRecord,
  formatNewRecord,
} from "../src/core/stores/store-record.ts";
import { listKeys, readDocumentedKeys } from "./documented-keys.ts";
import { call, ext4 } from "./support/call.ts";
import * as formats from "./support/formats.ts";
import { sparseContent } from "./support/memory/content.ts";
import { file } from "./support/memory/entry.ts";
import { createMemory } from "./support/memory.ts";

const begun = formatNewRecord({
  id: "1",
  settings: newStoreSettings,
  created: "2024-01-31T00:00:00Z",
  version: "0",
  use: {
    base: {
      label: "LIVE",
      image: "base.sfs",
      release: "1",
      fingerprint: "squashfs-1",
      modules: [{ name: "tools.srm", fingerprint: "squashfs-2" }],
    },
    session: { boot: "b", machine: "m", started: "2024-01-31T00:00:00Z" },
    phases: { before: 1, medium: 2, store: 3 },
    note: "n",
  },
});
const mounted = formatMountedRecord(begun, {
  ...{ overlayMount: undefined, uptimeMs: 10, totalBytes: 2, usedBytes: 1 },
});
const ended = { boot: "b", ended: "2024-01-31T00:00:01Z", usedBytes: 2 };
const record = formatEndedRecord(mounted, ended) ?? "";

/** Lists a mounted store on a medium, one in a file, and a locked device. */
async function listAll(): Promise<object> {
  const store = { "upperdir/etc/motd": "changed\n", workdir: {}, "backstore.json": record };
  const installed = formatInstallRecord({ format: 1, version: "0", family: "live", files: [] });
  const memory = createMemory({
    files: { mnt: {} },
    proc: { cmdline: "cow_labl=store\n" },
    disks: [
      {
        name: "sda",
        content: ext4("store", {
          ...store,
          "backstore/install1.json": installed,
          "sysrcd.bs": file(ext4("", store)),
        }),
      },
      { name: "sdb", content: sparseContent(4096, [{ offset: 0, bytes: formats.luks(1) }]) },
    ],
  });
  memory.system.mount({ source: "/dev/sda", target: "/mnt", type: "ext4" });
  const { stdout } = await call(memory, ["list", "--json"], { isRoot: true });
  return JSON.parse(stdout);
}

test("docs/list-json.md names the keys that backstore list --json writes", async () => {
  expect(listKeys(await listAll())).toEqual(readDocumentedKeys("docs/list-json.md"));
});
