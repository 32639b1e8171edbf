// What every System must do, as one record of named predicates: each throws if it does not hold.
// They run in the static executable on a real kernel (native.test.ts) and on memory
// (memory.test.ts), so they use nothing but the port.
import type { System } from "../../../src/system/port/system.ts";
import { allocation } from "./contract/allocation.ts";
import { contents } from "./contract/contents.ts";
import { descriptors } from "./contract/descriptors.ts";
import { devices } from "./contract/devices.ts";
import { direct } from "./contract/direct.ts";
import { images } from "./contract/images.ts";
import { locks } from "./contract/locks.ts";
import { loops } from "./contract/loops.ts";
import { metadata } from "./contract/metadata.ts";
import { mounting } from "./contract/mounting.ts";
import { names } from "./contract/names.ts";
import { overlay } from "./contract/overlay.ts";
import { packed } from "./contract/packed.ts";
import { processes } from "./contract/processes.ts";
import { reading } from "./contract/reading.ts";

/** The image files that real tools made: all but the first two are empty file systems. */
export type ImageName = "squashfs" | "ext4" | "ext2" | "xfs" | "btrfs" | "partitioned";

/** What is prepared for a predicate. */
export interface Fixtures {
  /** A separate empty directory, on a file system in memory that keeps trusted attributes. */
  readonly directory: string;
  /** Puts a fresh copy of an image into `directory` and returns its path. */
  image(name: ImageName): string;
  /** Makes a file of 64 MiB without content in `directory` and returns its path. */
  sparseFile(): string;
  /** Makes a FIFO in `directory`, which nobody reads or writes, and returns its path. */
  fifo(): string;
}

/** Throws if a System does not do what the predicate's name says. */
export type Predicate = (system: System, fixtures: Fixtures) => void;

/**
 * The predicates for every System. handOver() and shutDown() are missing: only a guest can show
 * them (test/machines).
 */
export const contract: Readonly<Record<string, Predicate>> = {
  ...contents,
  ...reading,
  ...names,
  ...metadata,
  ...mounting,
  ...images,
  ...overlay,
  ...devices,
  ...processes,
  ...allocation,
  ...loops,
  ...locks,
  ...packed,
  ...descriptors,
  ...direct,
};

/** Runs one predicate in a separate directory and unmounts whatever it left mounted. */
export function checkPredicate(
  system: System,
  { predicate, fixturesAt }: { predicate: Predicate; fixturesAt: (directory: string) => Fixtures },
): void {
  const directory = system.makeTemporaryDirectory("/tmp/contract-");
  system.mount({ source: "none", target: directory, type: "tmpfs", data: "size=1g" });
  try {
    predicate(system, fixturesAt(directory));
  } finally {
    for (const { target } of system.mounts().reverse())
      if (target === directory || target.startsWith(`${directory}/`))
        system.unmount(target, "lazy");
    system.removeDirectory(directory);
  }
}
