// docs/check-json.md names every key that "backstore check --json" writes, and no other.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { call, ext4 } from "./cli/call.ts";
import * as formats from "./core/superblocks/formats.ts";
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

/** Gives the path of every key below a value, in the words of the document; steps are as they are everywhere. */
function keysOf(value: unknown, path = ""): string[] {
  if (Array.isArray(value)) return value.flatMap((element) => keysOf(element, `${path}[]`));
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => {
    const key = path === "" ? name : `${path}.${name}`;
    const isRepeated = key === "plans[].steps" || key === "plans[].otherwise";
    return [key, ...(isRepeated ? [] : keysOf(inner, key))];
  });
}

test("docs/check-json.md names the keys that backstore check --json writes", async () => {
  const text = readFileSync(join(import.meta.dirname, "../docs/check-json.md"), "utf8");
  const documented = [...text.matchAll(/^\| `([^`]+)` \|/gm)].map(([, key = ""]) => key);
  const written = [
    await check(["/at", "--dry-run"]),
    await check(["/mnt"]),
    await check(["--image", "/locked.img"]),
    await check(["/at", "--repair"], { e2fsck: () => ({}) }),
  ].flatMap((report) => keysOf(report));
  expect([...new Set(written)].sort()).toEqual(documented.sort());
});
