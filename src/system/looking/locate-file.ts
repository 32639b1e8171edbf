// A file's place in a file system from elsewhere: a symbolic link in its path would lead out of it,
// and is not followed.
import { formatQuoted } from "../../core/text/quoted.ts";
import type { FileStatus, System } from "../port/system.ts";

/** The status of a file, or why the path is not one ("it is a directory"). */
export type Located = { readonly status: FileStatus } | { readonly problem: string };

/** Finds what is at a path ("/sysrcd.bs") below `root`; undefined if nothing is. */
export function locateFile(system: System, root: string, path: string): Located | undefined {
  const names = path.split("/").filter((name) => name !== "");
  for (const [index] of names.entries()) {
    const part = `/${names.slice(0, index + 1).join("/")}`;
    const status = system.linkStatus(`${root}${part}`);
    if (status === undefined) return undefined;
    if (index === names.length - 1) return describeStatus(status);
    if (status.kind === "link")
      return {
        problem: `it is behind the link ${formatQuoted(part)}, and links are not followed`,
      };
    if (status.kind !== "directory") return undefined;
  }
  return undefined;
}

function describeStatus(status: FileStatus): Located {
  const { kind } = status;
  if (kind === "file") return { status };
  if (kind === "directory") return { problem: "it is a directory" };
  if (kind === "link") return { problem: "it is a link, and links are not followed" };
  return { problem: `it is a ${kindWords[kind]}, not a file` };
}

const kindWords = { block: "device", character: "device", fifo: "pipe", socket: "socket" };
