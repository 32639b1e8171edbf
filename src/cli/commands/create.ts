// "backstore create": creates a store, which is a file, a directory, or a file system for directory
// stores.

import { consentFlags } from "../command-line/agree-to-loss.ts";
import { usage } from "../command-line/arguments.ts";
import type { Arguments, Command, Invocation } from "../command-line/command.ts";
import { tellingFlags } from "../command-line/tell.ts";
import { createOnDevice } from "../create/create-device.ts";
import { createDirectory } from "../create/create-directory.ts";
import { createFile } from "../create/create-file.ts";

/** The command. */
export const command: Command = {
  name: "create",
  usage:
    "create PATH SIZE [OPTION]...\ncreate --device DEV --label NAME [OPTION]...\ncreate --directory DIR [OPTION]...",
  description: `
Creates a store for the changes made in a session.

PATH SIZE creates a file that contains a file system. PATH is a directory, in which the file is
named sysrcd.bs, or a file. SIZE is in megabytes of 2^20 bytes, or has a unit (2G, 750MiB, 500MB);
"max" is all the free room less a margin. All of it is allocated; root is not required.

--device creates a file system for directory stores on a partition or disk. What is on it is shown
and will be lost: it has to be named with --erase, or at the terminal. --directory creates a
directory store on a mounted file system.`,
  flags: [
    {
      name: "type",
      value: "TYPE",
      help: "the file system: ext4 (default), ext3, ext2, xfs or btrfs",
    },
    { name: "label", value: "NAME", help: "the file system's label" },
    { name: "force", help: "replace an existing file; accept a place that would be refused" },
    { name: "device", value: "DEV", help: "create a file system on this device instead of a file" },
    ...consentFlags,
    { name: "directory", value: "DIR", help: "create a directory store instead of a file" },
    ...tellingFlags,
  ],
  operands: (given) => operandsOf[chooseKind(given)],
  run,
};

type Kind = "file" | "device" | "directory";

/** The flags that apply to one kind only. */
const onlyOf: Readonly<Record<Kind, readonly string[]>> = {
  file: ["type", "label", "force"],
  device: ["type", "label", "device", "erase", "yes"],
  directory: ["directory"],
};

const operandsOf: Readonly<Record<Kind, readonly string[]>> = {
  file: ["PATH", "SIZE"],
  device: [],
  directory: [],
};

/**
 * Returns the kind of store that the flags request; throws Failure "usage" for a flag of another
 * kind.
 */
function chooseKind(given: Arguments): Kind {
  const names = [...given.switches, ...given.values.keys()];
  const kind = names.includes("device")
    ? "device"
    : names.includes("directory")
      ? "directory"
      : "file";
  const wrong = names.find(
    (name) => !["dry-run", "json", "quiet"].includes(name) && !onlyOf[kind].includes(name),
  );
  if (wrong === undefined) return kind;
  const what = kind === "file" ? "a file store" : `"--${kind}"`;
  throw usage(command, `"--${wrong}" cannot be used with ${what}`);
}

const makers = { file: createFile, device: createOnDevice, directory: createDirectory };

function run(invocation: Invocation): number {
  return makers[chooseKind(invocation.arguments)](command, invocation);
}
