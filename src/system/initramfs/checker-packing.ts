// The form of checkers in an initramfs: each file once, compressed by itself, and an index of the
// files that each tool needs.
import type { CheckerIndex } from "../../core/initramfs/carried-checkers.ts";
import type { System } from "../port/system.ts";
import { runTool } from "../port/tool.ts";
import type { FoundChecker } from "./find-checkers.ts";
import { packingLevel, readWhole } from "./module-packing.ts";

/** The packed checkers. */
interface PackedCheckers {
  readonly index: CheckerIndex;
  /** By their paths in the initramfs, each as a zstd frame with its content size. */
  readonly files: readonly { readonly path: string; readonly data: Uint8Array }[];
}

/** Reads and compresses checkers in the empty directory `work`. */
export function packCheckers(
  system: System,
  { found, work }: { readonly found: readonly FoundChecker[]; readonly work: string },
): PackedCheckers {
  const sources = new Map(
    found.flatMap(({ files }) => files.map(({ path, source }) => [path, source] as const)),
  );
  const names = [...sources].map(([, source], index) => {
    system.writeFile(`${work}/${index}`, readWhole(system, source));
    return String(index);
  });
  if (names.length > 0) {
    runTool(system, {
      action: "compress the file system checkers",
      argv: ["zstd", "-q", "--rm", packingLevel, "--", ...names],
      directory: work,
    });
  }
  const files = [...sources.keys()].map((path, index) => ({
    path,
    data: readWhole(system, `${work}/${index}.zst`),
  }));
  const tools = found.map(({ tool, files }) => [tool, files.map(({ path }) => path)] as const);
  return { index: { tools: Object.fromEntries(tools) }, files };
}
