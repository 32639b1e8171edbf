// The first generation's tool: "sysresccd-backstore create PATH MB" and "grow PATH MB", as in its
// manual. When called by that name the program has those two commands and nothing else.
import { Failure } from "../core/text/failure.ts";
import { formatQuoted } from "../core/text/quoted.ts";
import type { System } from "../system/port/system.ts";

/** The first generation's name of the program. */
export const oldName = "sysresccd-backstore";

const commands = ["create", "grow"];

/**
 * Returns the exit status of the first generation's help; undefined if the arguments are a command
 * to run.
 */
export function answerByOldName(system: System, words: readonly string[]): number | undefined {
  const [name] = words;
  if (name === "--version" || (name !== undefined && commands.includes(name))) return undefined;
  if (name === undefined || name === "--help" || name === "-h" || name === "help") {
    system.say(name === undefined ? "stderr" : "stdout", help);
    return name === undefined ? 2 : 0;
  }
  throw new Failure(
    "usage",
    `Cannot run ${formatQuoted(name)}: when called as "${oldName}", the program only creates and grows stores`,
    `see "${oldName} --help", or use "backstore" for all commands`,
  );
}

const help = `Usage: ${oldName} create PATH MB
       ${oldName} grow PATH MB
Creates a store for the changes made on a live system, or enlarges one to MB megabytes in total.

PATH is the directory that contains the store "sysrcd.bs", or a file. A new store is an ext4 file
system; "--type ext3" creates one as the first generation did.

For the other commands, see "backstore --help".
`;
