// Digests for lists of checksums that our own code has none for: SHA-512 as files are verified, and
// SHA-1 by the tool that these lists are made with.

import type { SumText } from "../../core/install/checksum-lists.ts";
import { withWork } from "../initramfs/write-archive.ts";
import type { System } from "../port/system.ts";
import { runTool } from "../port/tool.ts";

/** Returns what computes digests of texts on a system. */
export function sumTextOn(system: System): SumText {
  return (kind, bytes) =>
    withWork(system, "compute a checksum", (work) => {
      const path = `${work}/text`;
      system.writeFile(path, bytes);
      if (kind === "sha512")
        return system.withFile({ root: work, path: "text" }, ({ sha512 }) => sha512(() => {}));
      if (system.findProgram("sha1sum") === undefined) return undefined;
      const printed = runTool(system, { action: "compute a checksum", argv: ["sha1sum", path] });
      return /^[0-9a-f]{40}(?= )/.exec(printed)?.[0];
    });
}
