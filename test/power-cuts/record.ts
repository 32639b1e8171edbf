// Records a guest: everything that it writes to one disk, with the disk as it was before and after.

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { runTool } from "../../scripts/lib/tool.ts";
import { type BootRequest, type BootResult, executeBoot, formatTail } from "../machines/qemu.ts";
import { type LogEntry, readWriteLog } from "./write-log.ts";

/** The result of a guest. */
export interface Recording {
  /** The directory of its files. */
  readonly directory: string;
  readonly before: string;
  readonly after: string;
  readonly log: string;
  readonly entries: readonly LogEntry[];
  readonly result: BootResult;
}

/**
 * Boots a guest with `disk` as a disk of that name, and records what it writes there; throws if it
 * does not end well.
 */
export async function recordBoot(
  request: BootRequest,
  disk: { readonly name: string; readonly file: string },
): Promise<Recording> {
  mkdirSync(request.directory, { recursive: true });
  const before = join(request.directory, "before.img");
  const log = join(request.directory, "writes.log");
  runTool(["cp", "--sparse=always", disk.file, before]);
  writeFileSync(log, "");
  const result = await executeBoot({
    ...request,
    disks: request.disks.map((each) => (each.name === disk.name ? { ...each, log } : each)),
  });
  if (!result.finished)
    throw new Error(`Cannot record: the guest ${result.ending}\n${formatTail(result.console)}`);
  const entries = readWriteLog(log);
  return { directory: request.directory, before, after: disk.file, log, entries, result };
}
