// docs/status-json.md names every key that "backstore status --json" writes, and no other.
import { expect, test } from "vitest";
import { stick } from "./boot/start.ts";
import { listKeys, readDocumentedKeys } from "./documented-keys.ts";
import { bootMemory } from "./support/booted.ts";
import { call, ext4 } from "./support/call.ts";

/** Tells of a session on a store whose disk is gone, with a misspelt option. */
async function tellAll(): Promise<object> {
  const yaml = { "sysrescue.d/1.yaml": "global:\n  cow_lable: x\n" };
  const memory = bootMemory("cow_label=store", {
    disks: [stick(yaml), { name: "sdb", content: ext4("store") }],
  });
  memory.system.removeFile("/dev/sdb");
  const { stdout } = await call(memory, ["status", "--json"]);
  return JSON.parse(stdout);
}

test("docs/status-json.md names the keys that backstore status --json writes", async () => {
  expect(listKeys(await tellAll())).toEqual(readDocumentedKeys("docs/status-json.md"));
});
