// Writes the add-on as the archive that Ventoy unpacks into the initramfs of an ISO image.

import { planAddon } from "../../core/initramfs/addon-contents.ts";
import { formatTar } from "../../core/initramfs/tar.ts";
import type { System } from "../port/system.ts";
import { runTool } from "../port/tool.ts";
import { readWhole } from "./module-packing.ts";

/** Writes the archive into a directory, and returns its path and length. */
export function makeInjection(
  system: System,
  { work, hooks }: { work: string; hooks: ReadonlyMap<string, string> },
): { readonly path: string; readonly bytes: number } {
  const file = `${work}/addon.tar`;
  const segments = planAddon(readWhole(system, "/proc/self/exe"), hooks);
  system.writeFile(file, formatTar(segments.flatMap(({ entries }) => entries)));
  runTool(system, { action: "compress the add-on", argv: ["gzip", "-n", file] });
  const path = `${file}.gz`;
  return { path, bytes: system.status(path)?.bytes ?? 0 };
}
