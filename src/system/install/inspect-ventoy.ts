// Inspecting the partition for images of a stick of Ventoy.

import type { VentoyFacts } from "../../core/install/plan-ventoy.ts";
import { ventoyFile } from "../../core/install/ventoy-json.ts";
import type { System } from "../port/system.ts";
import { readInstalled } from "./inspect-tree.ts";

/** Inspects it at a path without links; throws a Failure that begins with `cannot`. */
export function inspectVentoy(system: System, path: string, cannot: string): VentoyFacts {
  const { files, installed, read } = readInstalled(system, path, cannot);
  const unfinished = files.filter((file) => file === `${ventoyFile}.new`);
  return {
    installed: { ...installed, unfinished: [...installed.unfinished, ...unfinished] },
    text: files.includes(ventoyFile) ? read(ventoyFile) : undefined,
    images: files.filter((file) => /\.iso$/i.test(file)).map((file) => `/${file}`),
  };
}
