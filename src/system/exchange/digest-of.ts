// The digest of a layer, as images name it.

import type { System } from "../port/system.ts";
import { runTool } from "../port/tool.ts";

/** Computes the digest of a file: "sha256:…". */
export function digestOf(system: System, path: string): string {
  const action = "compute the digest of the layer";
  const [digest = ""] = runTool(system, { action, argv: ["sha256sum", path] }).split(" ");
  // A backslash says that the name after it is escaped.
  return `sha256:${digest.replace(/^\\/, "")}`;
}
