// The flag that names the files of a medium, and how a command works on them.

import { formatPath } from "../../core/text/quoted.ts";
import { withMedium } from "../../system/install/with-medium.ts";
import { usage } from "./arguments.ts";
import type { Command, Flag, Invocation } from "./command.ts";

/** The flag. */
export const treeFlag: Flag = {
  name: "tree",
  value: "DIR",
  help: "the directory with the files of the medium",
};

/**
 * Calls `use` with the directory that the flag names, without links and locked, and with the
 * beginning of each refusal ("Cannot install on …"), whose activity is "install on".
 */
export function withTree<T>(
  { system, arguments: given }: Invocation,
  { command, activity }: { readonly command: Command; readonly activity: string },
  use: (path: string, cannot: string) => T,
): T {
  const [directory = ""] = given.values.get(treeFlag.name) ?? [];
  if (directory === "") throw usage(command, `--${treeFlag.name} is required`);
  const cannot = `Cannot ${activity} ${formatPath(directory)}`;
  return withMedium(system, directory, cannot, (path) => use(path, cannot));
}
