// Calls of the program in process, on a machine in memory, and the images for them.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { readManualPages } from "../../scripts/manual-pages.ts";
import type { Context } from "../../src/cli/command-line/command.ts";
import { commands, statusesOf } from "../../src/cli/command-table.ts";
import { runCommand } from "../../src/cli/run-command.ts";
import { checkShape } from "../shapes/misfits.ts";
import * as formats from "./formats.ts";
import { assembledContent, type Content } from "./memory/content.ts";
import { type Entry, file, type Tree } from "./memory/entry.ts";
import { image } from "./memory/image.ts";
import type { Memory } from "./memory.ts";

/** The result of a call: its status and output. */
export interface Called {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

const root = join(import.meta.dirname, "../..");

/** Standard streams of which none is a terminal. */
export const silent: Context["terminal"] = {
  ...{ stdin: false, stdout: false, stderr: false, color: false },
  ...{ isDumb: false, columns: undefined, errorColumns: undefined },
};

/** Standard streams that are all a terminal. */
export const terminal: Context["terminal"] = { ...silent, stdin: true, stdout: true, stderr: true };

/** The build puts the hooks and the manual pages into the executable. */
function readText(name: string): string {
  if (name === "manual.json")
    return JSON.stringify(
      Object.fromEntries(readManualPages(root).map(({ file, markdown }) => [file, markdown])),
    );
  return readFileSync(join(root, "initramfs", name), "utf8");
}

/** Calls the program as main.ts does. */
export async function call(
  { system, said }: Memory,
  words: readonly string[],
  context: Partial<Context> = {},
): Promise<Called> {
  const status = await runCommand({
    system,
    words,
    context: {
      version: "0.0.0",
      isRoot: false,
      text: readText,
      isInterrupted: () => false,
      terminal: silent,
      ...context,
    },
  });
  checkDeclared(words, status);
  const heard = (where: string) =>
    said
      .filter((one) => one.where === where)
      .map(({ text }) => text)
      .join("");
  const stdout = heard("stdout");
  checkShape(words, stdout);
  return { status, stdout, stderr: heard("stderr") };
}

/** The help of a command lists the statuses that it can have. */
function checkDeclared([name]: readonly string[], status: number): void {
  const entry = commands.find((one) => one.name === name);
  if (entry === undefined || [0, ...Object.values(statusesOf(entry))].includes(status)) return;
  throw new Error(`The command table does not say that ${name} can end with status ${status}`);
}

/** Makes an ext4 file system whose superblock can be read, with a tree in it. */
export function ext4(label: string, tree: Tree = {}): Content {
  return image({ type: "ext4", tree, pieces: [{ offset: 0, bytes: formats.ext("ext4", label) }] });
}

/** Makes a stick laid out like SystemRescue's. */
export function rescue(label: string, yaml: Tree = {}): Content {
  const base = image({
    type: "squashfs",
    bytes: 1 << 20,
    pieces: [{ offset: 0, bytes: formats.squashfs() }],
  });
  return image({
    type: "vfat",
    tree: { "sysresccd/x86_64/airootfs.sfs": file(base), "sysrescue.d": yaml },
    pieces: [{ offset: 0, bytes: formats.vfat(32, label) }],
  });
}

/** Makes a disk with an MBR and one content in each partition. */
export function partitioned(parts: readonly Content[]): Content {
  const first = 2048;
  const size = (64 << 20) / 512;
  const entries = parts.map((_, index) => ({
    type: 0x83,
    start: first + index * size,
    sectors: size,
  }));
  const table = formats.write(new Uint8Array(512), 0, ["u32le", 440, 0x0a2b3c4d]);
  formats.writeMbr(table, 0, entries);
  const contents = parts.map((content, index) => ({
    offset: (first + index * size) * 512,
    content,
  }));
  return assembledContent((first + parts.length * size) * 512, [
    {
      offset: 0,
      content: image({ type: "none", bytes: 512, pieces: [{ offset: 0, bytes: table }] }),
    },
    ...contents,
  ]);
}

/** Puts contents into the root directory as image files. */
export function imageFiles(contents: Readonly<Record<string, Content>>): Record<string, Entry> {
  return Object.fromEntries(
    Object.entries(contents).map(([name, content]) => [name, file(content)]),
  );
}
