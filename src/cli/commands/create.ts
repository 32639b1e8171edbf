// "backstore create": makes a store, which is a file, a directory, or a file system that directories for stores are on.
import { usage } from "../command-line/arguments.ts";
import type { Command, Invocation } from "../command-line/command.ts";
import { createOnDevice } from "./create-device.ts";
import { createDirectory } from "./create-directory.ts";
import { createFile } from "./create-file.ts";

/** Is the command. */
export const command: Command = {
  name: "create",
  usage: "create PATH SIZE | --device DEV --label NAME | --directory DIR [OPTION]...",
  description: `
Makes a store that a boot keeps its changes in.

PATH SIZE makes a file with a file system in it. PATH is a directory, in which the file is named
sysrcd.bs, or a file. SIZE is in megabytes of 2^20 bytes, or has a unit (2G, 750MiB, 500MB); "max"
is all that is free, less a margin. All of the room is allocated; no root is needed.

--device makes a file system for directory stores on a partition or disk. What is there is shown,
and lost: it has to be named by --erase, or on the terminal. --directory makes a directory store on
a file system that is mounted.`,
  flags: [
    {
      name: "type",
      value: "TYPE",
      help: "the file system: ext4 (if left out), ext3, ext2, xfs or btrfs",
    },
    { name: "label", value: "NAME", help: "the file system's label" },
    { name: "force", help: "replace the file that is there" },
    { name: "device", value: "DEV", help: "make a file system on this device instead of a file" },
    {
      name: "erase",
      value: "NAME",
      help: "the label, UUID or serial number of what is on the device and will be lost",
    },
    { name: "yes", help: "do not ask" },
    { name: "directory", value: "DIR", help: "make a directory store instead of a file" },
    { name: "dry-run", help: "say what would be done, and do nothing" },
    { name: "json", help: "say it as JSON" },
  ],
  run,
};

const onlyOf: Readonly<Record<"file" | "device" | "directory", readonly string[]>> = {
  file: ["type", "label", "force"],
  device: ["type", "label", "device", "erase", "yes"],
  directory: ["directory"],
};

function run(invocation: Invocation): number {
  const given = invocation.arguments;
  const names = [...given.switches, ...given.values.keys()];
  const kind = names.includes("device")
    ? "device"
    : names.includes("directory")
      ? "directory"
      : "file";
  const wrong = names.find(
    (name) => !["dry-run", "json"].includes(name) && !onlyOf[kind].includes(name),
  );
  if (wrong !== undefined) {
    const what = kind === "file" ? "a file store" : `"--${kind}"`;
    throw usage(command, `"--${wrong}" has no meaning with ${what}`);
  }
  if (kind === "device") return createOnDevice(command, invocation);
  if (kind === "directory") return createDirectory(command, invocation);
  return createFile(command, invocation);
}
