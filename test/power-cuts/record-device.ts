// Records what programs of this machine write to a disk: a loop device on a file that QEMU's storage
// daemon exports (FUSE), and that logs each write and flush as that of a guest is logged.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { runTool } from "../../scripts/lib/tool.ts";
import type { Recording } from "./record.ts";
import { readWriteLog } from "./write-log.ts";

/** What is needed for it. */
export const recorderFiles = ["/usr/bin/qemu-storage-daemon", "/dev/fuse", "/usr/bin/fusermount3"];

/** Calls `work` with a device on a disk, and records what is written to it. */
export async function recordDevice(
  directory: string,
  file: string,
  work: (device: string) => void,
): Promise<Omit<Recording, "result">> {
  mkdirSync(directory, { recursive: true });
  const [before, log, shown, pid] = ["before.img", "writes.log", "shown", "pid"].map((name) =>
    join(directory, name),
  ) as [string, string, string, string];
  runTool(["cp", "--sparse=always", file, before]);
  for (const path of [log, shown]) writeFileSync(path, "");
  rmSync(pid, { force: true });
  const open = (node: string, path: string) =>
    `driver=file,node-name=${node},cache.no-flush=on,filename=${path}`;
  const daemon = spawn("qemu-storage-daemon", [
    ...["--blockdev", open("image", file), "--blockdev", open("log", log)],
    "--blockdev",
    "driver=blklogwrites,node-name=disk,file=image,log=log,log-sector-size=512",
    ...["--export", `type=fuse,id=shown,node-name=disk,mountpoint=${shown},writable=on`],
    ...["--pidfile", pid],
  ]);
  const ended = once(daemon, "exit");
  try {
    // It is written when all is there.
    while (!existsSync(pid)) {
      if (daemon.exitCode !== null) throw new Error("Cannot record: QEMU's storage daemon ended");
      await setTimeout(10);
    }
    const device = runTool(["losetup", "--find", "--show", shown]).trim();
    try {
      work(device);
    } finally {
      runTool(["losetup", "--detach", device]);
    }
  } finally {
    daemon.kill("SIGTERM");
    await ended;
  }
  return { directory, before, after: file, log, entries: readWriteLog(log) };
}
