// A store in a partition of its own behind an image: its file system is made where no table names
// anything, through a loop device, so that a partition with a whole store is there or none.

import { planDevice } from "../../core/create/plan-create-device.ts";
import { defaultStoreType, type StoreFileSystem } from "../../core/file-systems/store-types.ts";
import {
  findNewPartition,
  formatEntry,
  hasGpt,
  keepBootRecord,
  planTables,
  type Tables,
  tableBytes,
} from "../../core/install/store-partition.ts";
import type { DiskPart } from "../../core/steps/disk-steps.ts";
import type { Step } from "../../core/steps/step.ts";
import { Failure } from "../../core/text/failure.ts";
import type { System } from "../port/system.ts";
import { expectSuccess, requireTool } from "../port/tool.ts";
import { execute } from "../steps/execute.ts";
import { inspectDevice } from "./inspect-device.ts";

/** A partition to make for a store. */
export interface StorePartition {
  /** The disk. */
  readonly path: string;
  readonly part: DiskPart;
  readonly label: string;
  /** The beginning of a refusal. */
  readonly cannot: string;
}

/** The type of the file system. */
export const partitionStoreType: StoreFileSystem = defaultStoreType;

/** Throws a Failure if a tool is missing. */
export function requireStoreTools(system: System): void {
  const action = "make a store on the stick";
  for (const tool of ["sfdisk", "wipefs", `mkfs.${partitionStoreType.type}`])
    requireTool(system, { action, tool });
}

/** Makes the file system of a store; no partition is there yet. */
export function makeStoreThere(system: System, { path, part, label, cannot }: StorePartition) {
  const { offset, bytes } = part;
  system.withLoop({ file: path, readonly: false, offset, bytes }, (device) => {
    const facts = inspectDevice(system, device, { cannot });
    execute(system, planDevice(facts, { inner: partitionStoreType, label }));
  });
}

/** Reads the ends of a disk. */
export function readTables(system: System, path: string): Tables {
  const diskBytes = system.deviceBytes(path);
  return {
    diskBytes,
    head: system.readBytes(path, 0, tableBytes),
    tail: system.readBytes(path, diskBytes - tableBytes, tableBytes),
  };
}

/** The steps that add a partition, and its number. */
export interface AddedPartition {
  readonly steps: readonly Step[];
  readonly number: number;
}

/** Lets sfdisk add the partition in a copy of the tables, in `work`, and plans what it changed. */
export function planPartition(
  system: System,
  { path, part, label, cannot }: StorePartition,
  work: string,
): AddedPartition {
  const before = readTables(system, path);
  const copy = `${work}/tables`;
  system.createFile(copy);
  system.truncate(copy, before.diskBytes);
  system.writeBytes(copy, 0, before.head);
  system.writeBytes(copy, before.diskBytes - before.tail.length, before.tail);
  const entry = formatEntry(part, { label, isGpt: hasGpt(before) });
  const argv = [
    ...["sfdisk", "--quiet", "--append", "--wipe", "never", "--wipe-partitions", "never"],
    ...["--no-reread", "--no-tell-kernel", copy],
  ];
  expectSuccess(system.run(argv, { stdin: `${entry}\n` }), {
    ...{ action: "add a partition for the store", argv },
  });
  const after = keepBootRecord(before, readTables(system, copy));
  system.removeFile(copy);
  const added = findNewPartition(before, after, part);
  if (added === undefined)
    throw new Failure("tool", `${cannot}: sfdisk has made an unexpected partition table`);
  return { steps: planTables(path, before, after), number: added.number };
}
