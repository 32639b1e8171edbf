// The contract on a real kernel: contract-main.ts in the static host, in a private mount namespace,
// with images that the real tools made. It prints one line of JSON per predicate; each becomes one
// test here.
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { runTool } from "../../../scripts/lib/tool.ts";
import { standardInput } from "./contract/processes.ts";
import { contract } from "./contract.ts";

const images = join("/tmp", `backstore-contract-${process.pid}`);
const isRoot = process.geteuid?.() === 0;

afterAll(() => rmSync(images, { recursive: true, force: true }));

test("the contract runs as root, because it mounts", () => {
  expect(isRoot, "Cannot run the contract: it needs root for mounting; run the tests as root").toBe(
    true,
  );
});

describe.runIf(isRoot)("the native System keeps the contract", () => {
  const { problems, ended } = runContract();

  test("contract-main runs to its end and mounts nothing outside its name space", () => {
    expect(ended).toBe("status 0");
    expect(readFileSync("/proc/self/mountinfo", "utf8")).not.toContain("/contract-");
  });

  test("no call leaves a file open, whether it worked or failed", () => {
    expect(problems.has("descriptors")).toBe(true);
    expect(problems.get("descriptors")).toBe(undefined);
  });

  test("a program inherits its standard streams, what is locked, and no more", () => {
    expect(problems.has("inherited")).toBe(true);
    expect(problems.get("inherited")).toBe(undefined);
  });

  test("what is discarded on a loop device stays allocated for the file behind it", () => {
    expect(problems.has("room")).toBe(true);
    expect(problems.get("room")).toBe(undefined);
  });

  for (const name of Object.keys(contract))
    test(name, () => {
      expect(problems.has(name), "the program ended before this predicate").toBe(true);
      expect(problems.get(name)).toBe(undefined);
    });
});

function runContract(): { problems: Map<string, string | undefined>; ended: string } {
  if (!isRoot) return { problems: new Map(), ended: "" };
  makeImages();
  const done = spawnSync(
    "unshare",
    ["--mount", "--propagation", "private", "build/contract", images],
    {
      encoding: "utf8",
      input: standardInput,
      timeout: 120_000,
    },
  );
  const lines = done.stdout.split("\n").filter((line) => line !== "");
  const results = lines.map((line): { name: string; problem?: string } => JSON.parse(line));
  return {
    problems: new Map(results.map(({ name, problem }) => [name, problem])),
    ended: done.signal ?? done.error?.message ?? `status ${done.status}${done.stderr}`,
  };
}

/** All contain one small tree if the tool can add it; the images are sparse. */
function makeImages(): void {
  const path = (name: string) => join(images, name);
  rmSync(images, { recursive: true, force: true });
  for (const name of ["tree", "tree/etc", "tree/bin", "tree/empty"])
    mkdirSync(path(name), { recursive: true });
  writeFileSync(path("tree/etc/greeting"), "hello\n");
  symlinkSync("greeting", path("tree/etc/link"));
  writeFileSync(path("tree/bin/tool"), "x\n");
  chmodSync(path("tree/bin/tool"), 0o755);
  const megabytes = { ext4: 8, ext2: 8, xfs: 300, btrfs: 128, partitioned: 16 };
  for (const [name, size] of Object.entries(megabytes)) {
    writeFileSync(path(name), "");
    truncateSync(path(name), size << 20);
  }
  runTool(["mksquashfs", path("tree"), path("squashfs"), "-quiet", "-no-progress"]);
  runTool(["mkfs.ext4", "-q", "-d", path("tree"), path("ext4")]);
  runTool(["mkfs.ext2", "-q", path("ext2")]);
  runTool(["mkfs.xfs", "-q", path("xfs")]);
  runTool(["mkfs.btrfs", "-q", path("btrfs")]);
  runTool([
    "dd",
    `if=${path("ext4")}`,
    `of=${path("partitioned")}`,
    "bs=1M",
    "seek=1",
    "conv=notrunc",
    "status=none",
  ]);
}
