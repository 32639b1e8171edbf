// The tools of the field that backstore calls for what they are the authority of; one that is missing or fails becomes
// a sentence for people.

import { Failure } from "../core/failure.ts";
import type { System } from "./system.ts";

/** Is one call of a tool; `action` says what it is for, as it stands after "Cannot". */
export interface ToolCall {
  readonly action: string;
  readonly argv: readonly string[];
  /** The working directory. */
  readonly directory?: string;
}

// Debian's names; other distributions mostly have the same.
const packages: { readonly [tool: string]: string | undefined } = {
  depmod: "kmod",
  unsquashfs: "squashfs-tools",
  xz: "xz-utils",
};

/** Runs a tool and gives its standard output; throws Failure "tool" when it is missing or ends with another status than 0. */
export function runTool(system: System, { action, argv, directory }: ToolCall): string {
  const [tool = ""] = argv;
  const { status, signal, stdout, stderr } = system.run(
    argv,
    directory === undefined ? {} : { directory },
  );
  if (status === 0) return stdout;
  if (status === 127) {
    const hint = `install the package "${packages[tool] ?? tool}"`;
    throw new Failure("tool", `Cannot ${action}: "${tool}" is not installed`, hint);
  }
  const ending = signal === undefined ? `status ${status}` : `signal ${signal}`;
  const lastLine = stderr.trimEnd().split("\n").at(-1) ?? "";
  throw new Failure("tool", `Cannot ${action}: "${tool}" says "${lastLine}" (${ending})`);
}
