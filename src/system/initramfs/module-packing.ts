// The form of kernel modules in an initramfs: each compressed by itself, however the distribution
// compressed it.

import { readModinfo } from "../../core/modules/modinfo.ts";
import type { ModuleFile } from "../../core/modules/module-files.ts";
import { readSignatureDigest, type SignatureDigest } from "../../core/modules/signature.ts";
import { Failure } from "../../core/text/failure.ts";
import { formatQuoted } from "../../core/text/quoted.ts";
import type { System } from "../port/system.ts";
import { runTool } from "../port/tool.ts";
import type { ModuleTree } from "./module-tree.ts";

/** The packed modules. */
interface PackedModules {
  /** By name, each as a zstd frame with its content size. */
  readonly modules: readonly { readonly name: string; readonly data: Uint8Array }[];
  /** The firmware that they declare, relative to lib/firmware. */
  readonly firmware: readonly string[];
  /** The digest of their signatures; undefined if they have none. */
  readonly digest: SignatureDigest | undefined;
}

/** A listener for the progress of packing. */
export type PackingProgress = (doneBytes: number, allBytes: number) => void;

/**
 * The level of zstd. Debian 12's 337 modules, 38 MiB, take 1.1 s of a processor and become 9.3 MiB;
 * level 15 takes 4.8 s for 9.1 MiB, level 19 takes 14.3 s for 8.5 MiB. All are decompressed as
 * fast.
 */
export const packingLevel = "-9";

// So that the argument lists stay short and there is progress to show.
const filesPerCall = 16;

/** Reads and compresses modules in the empty directory `work`, and tells how much is done. */
export function packModules(
  system: System,
  {
    tree,
    files,
    work,
  }: { readonly tree: ModuleTree; readonly files: readonly ModuleFile[]; readonly work: string },
  progress: PackingProgress,
): PackedModules {
  const source = tree.fetchModules(files.map((file) => file.path));
  for (const { name, path } of files) {
    const extension = /\.ko(\.\w+)?$/.exec(path)?.[1] ?? "";
    system.writeFile(`${work}/${name}.ko${extension}`, readWhole(system, `${source}/${path}`));
  }
  decompress(system, work);

  const firmware = new Set<string>();
  let digest: SignatureDigest | undefined;
  for (const { name, path } of files) {
    const bytes = readWhole(system, `${work}/${name}.ko`);
    digest ??= readSignatureDigest(bytes);
    const statements = readModinfo(bytes);
    if (statements === undefined) {
      throw new Failure(
        "damaged",
        `Cannot read the kernel module ${formatQuoted(path)}: it is not an ELF file with a ".modinfo" section`,
      );
    }
    for (const { key, value } of statements) if (key === "firmware") firmware.add(value);
  }
  const sizes = files.map(({ name }) => system.status(`${work}/${name}.ko`)?.bytes ?? 0);
  const allBytes = sumOf(sizes);
  for (let done = 0; done < files.length; done += filesPerCall) {
    const waiting = () => progress(sumOf(sizes.slice(0, done)), allBytes);
    waiting();
    const names = files.slice(done, done + filesPerCall).map((file) => `${file.name}.ko`);
    runTool(system, {
      action: "compress the kernel modules",
      argv: ["zstd", "-q", "--rm", packingLevel, "--", ...names],
      directory: work,
      waiting,
    });
  }
  progress(allBytes, allBytes);
  const modules = files.map(({ name }) => ({
    name,
    data: readWhole(system, `${work}/${name}.ko.zst`),
  }));
  return { modules, firmware: [...firmware].sort(), digest };
}

function sumOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0);
}

/** Reads a whole regular file. */
export function readWhole(system: System, path: string): Uint8Array {
  return system.readBytes(path, 0, system.status(path)?.bytes ?? 0);
}

const decompressors: readonly { readonly ending: string; readonly argv: readonly string[] }[] = [
  { ending: ".zst", argv: ["zstd", "-d", "-q", "--rm", "--"] },
  { ending: ".xz", argv: ["xz", "-d", "-q", "--"] },
  { ending: ".gz", argv: ["gzip", "-d", "-q", "--"] },
];

function decompress(system: System, directory: string) {
  for (const { ending, argv } of decompressors) {
    const names = system.list(directory).filter((name) => name.endsWith(ending));
    if (names.length === 0) continue;
    runTool(system, {
      action: "decompress the kernel modules",
      argv: [...argv, ...names],
      directory,
    });
  }
}
