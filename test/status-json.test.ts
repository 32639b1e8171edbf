// docs/status-json.md names every key that "backstore status --json" writes, and no other.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { bootMemory } from "./cli/booted.ts";
import { call, ext4 } from "./cli/call.ts";
import { stick } from "./early-boot/start.ts";

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

/** Gives the path of every key below a value, in the words of the document. */
function keysOf(value: unknown, path = ""): string[] {
  if (Array.isArray(value)) return value.flatMap((element) => keysOf(element, `${path}[]`));
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => {
    const key = path === "" ? name : `${path}.${name}`;
    return [key, ...keysOf(inner, key)];
  });
}

test("docs/status-json.md names the keys that backstore status --json writes", async () => {
  const text = readFileSync(join(import.meta.dirname, "../docs/status-json.md"), "utf8");
  const documented = [...text.matchAll(/^\| `([^`]+)` \|/gm)].map(([, key = ""]) => key);
  expect([...new Set(keysOf(await tellAll()))].sort()).toEqual(documented.sort());
});
