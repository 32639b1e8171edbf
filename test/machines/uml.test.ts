// Guests of both kinds at a time: an image that both only read is locked by neither for the other.
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync, readlinkSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { expect, test } from "vitest";
import { temporaryDirectory } from "../tools/programs.ts";
import { formatDisk, isolated } from "./uml.ts";

const directory = temporaryDirectory();

test("QEMU reads a disk that User Mode Linux has open to read", async () => {
  const file = join(directory, "disk.img");
  writeFileSync(file, "");
  truncateSync(file, 2 ** 20);
  // Without a root it ends soon, so the disk that it reads stays open only while it is stopped.
  const disk = formatDisk({ name: "disk", file, readonly: true }, 0);
  const [program, ...options] = isolated;
  const words = [...options, "linux.uml", "mem=64M", `uml_dir=${directory}`, disk, "con=null"];
  const guest = spawn(program, words, { stdio: "ignore" });
  const end = once(guest, "exit");
  try {
    let reader: number | undefined;
    while (reader === undefined) {
      expect(guest.exitCode).toBe(null);
      await wait(5);
      reader = childrenOf(guest.pid!).find((pid) => hasOpen(pid, file));
    }
    process.kill(reader, "SIGSTOP");
    const { status, stderr } = spawnSync(
      "qemu-system-x86_64",
      [
        ...["-machine", "none", "-nodefaults", "-display", "none", "-monitor", "stdio"],
        ...["-drive", `if=none,format=raw,file=${file},read-only=on`],
      ],
      { input: "quit\n", encoding: "utf8" },
    );
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  } finally {
    guest.kill("SIGKILL");
    await end;
  }
});

function childrenOf(pid: number): number[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8");
  return children.split(" ").filter(Boolean).map(Number);
}

function hasOpen(pid: number, file: string): boolean {
  try {
    const all = `/proc/${pid}/fd`;
    return readdirSync(all).some((one) => readlinkSync(join(all, one)) === file);
  } catch {
    return false;
  }
}
