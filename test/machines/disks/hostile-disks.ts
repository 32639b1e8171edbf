// Disks as somebody makes them who wants to do harm: file systems with links, device nodes, pipes
// and names in places where a boot reads or writes, and partitions without end.

import { randomBytes } from "node:crypto";
import {
  chmodSync,
  copyFileSync,
  linkSync,
  mkdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { makeOnce } from "../../../scripts/lib/cache.ts";
import { runTool } from "../../../scripts/lib/tool.ts";
import * as formats from "../../support/formats.ts";
import { withTemporary } from "../guest/base.ts";
import { writeStore } from "./stores.ts";

/** Something at a path: a text, a copy of a file of this machine, or what a boot does not expect. */
export type Trap =
  | string
  | { readonly file: () => string; readonly mode?: number }
  | { readonly link: string }
  | { readonly node: "b" | "c"; readonly number: readonly [major: number, minor: number] }
  | { readonly pipe: true }
  /** A file with a file system of traps in it. */
  | Inside
  /** A directory with that many names for one file. */
  | { readonly names: number; readonly beginning: string; readonly ending?: string };

interface Inside {
  readonly inside: Traps;
  /** Fields of the superblock inside, by debugfs' names for them, and what they claim. */
  readonly claims?: Claims;
}

/** What is at each path of a file system. */
export type Traps = Readonly<Record<string, Trap>>;

/** Values of a superblock's fields. */
export type Claims = Readonly<Record<string, number>>;

/** A file system to make. */
export interface TrapRequest {
  readonly path: string;
  readonly traps: Traps;
  readonly label?: string;
  readonly claims?: Claims;
  readonly megabytes?: number;
}

/** Makes an ext4 file system of traps. */
export function writeTraps({ path, traps, label, claims = {}, megabytes = 12 }: TrapRequest): void {
  withTemporary((directory) => {
    const contents = join(directory, "contents");
    mkdirSync(contents);
    for (const [at, trap] of Object.entries(traps)) setTrap(join(contents, at), trap);
    const bytes = megabytes * 2 ** 20;
    writeStore({ type: "ext4", path, bytes, contents, ...(label === undefined ? {} : { label }) });
  });
  // debugfs makes the checksum right.
  for (const [field, value] of Object.entries(claims))
    runTool(["debugfs", "-w", "-R", `set_super_value ${field} ${value}`, path]);
}

function setTrap(path: string, trap: Trap): void {
  mkdirSync(dirname(path), { recursive: true });
  if (typeof trap === "string") writeFileSync(path, trap);
  else if ("link" in trap) symlinkSync(trap.link, path);
  else if ("node" in trap) runTool(["mknod", path, trap.node, ...trap.number.map(String)]);
  else if ("pipe" in trap) runTool(["mkfifo", path]);
  else if ("names" in trap) setNames(path, trap);
  else if ("inside" in trap) writeInside(path, trap);
  else {
    copyFileSync(trap.file(), path);
    chmodSync(path, trap.mode ?? 0o644);
  }
}

function writeInside(path: string, { inside, claims = {} }: Inside): void {
  writeTraps({ path, traps: inside, claims, megabytes: 4 });
}

function setNames(path: string, trap: Extract<Trap, { names: number }>): void {
  const { names, beginning, ending = "" } = trap;
  mkdirSync(path, { recursive: true });
  const first = join(path, `${beginning}0${ending}`);
  writeFileSync(first, "# one of many\n");
  for (let at = 1; at < names; at++) linkSync(first, join(path, `${beginning}${at}${ending}`));
}

/**
 * Returns the path of a file system with traps and, at its top, more names than are listed. It takes
 * mkfs seconds to make, so it is made once.
 */
export function makeCrowded(name: string, traps: Traps): string {
  return makeOnce({
    name: `crowded-${name}`,
    inputs: [
      JSON.stringify(traps, callFunctions),
      readFileSync("test/machines/disks/hostile-disks.ts"),
    ],
    make: (path) => {
      const names = { names: 20_001, beginning: "persistent_" };
      writeTraps({ path, label: name, traps: { ".": names, ...traps } });
    },
  });
}

function callFunctions(_: string, value: unknown): unknown {
  return typeof value === "function" ? value() : value;
}

/** Makes a disk with 128 partitions that lie over each other, each the start of another ext4. */
export function writeOverlapping(path: string): void {
  const [first, apart, sectors] = [64, 8, 2048];
  const last = sectors - 64;
  const starts = Array.from({ length: 128 }, (_, at) => first + apart * at);
  const image = formats.gpt(
    sectors,
    starts.map((start, at) => ({ first: start, last, name: `part ${at}` })),
  );
  for (const start of starts) {
    const system = formats.ext("ext4", "overlapping").subarray(1024, 2048);
    system.set(randomBytes(16), 0x68);
    image.set(system, start * 512 + 1024);
  }
  writeFileSync(path, image);
}
