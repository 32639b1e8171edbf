// Every command of the program, by name. A command's file is loaded when it is called, so that
// booting loads only what it needs.
import type { CommandEntry } from "./command-line/command.ts";

/** The commands in the order of the help. */
export const commands: readonly CommandEntry[] = [
  {
    name: "create",
    summary: "make a store that a boot keeps its changes in",
    load: async () => (await import("./commands/create.ts")).command,
  },
  {
    name: "grow",
    summary: "make a file store larger, also while it is in use",
    load: async () => (await import("./commands/grow.ts")).command,
  },
  {
    name: "shrink",
    summary: "make a file store smaller while nobody uses it",
    load: async () => (await import("./commands/shrink.ts")).command,
  },
  {
    name: "label",
    summary: "give a file system the label by which a boot finds it",
    load: async () => (await import("./commands/label.ts")).command,
  },
  {
    name: "status",
    summary: "say whether this session keeps its changes, and how much room is left",
    load: async () => (await import("./commands/status.ts")).command,
  },
  {
    name: "explain",
    summary: "say what a boot would do with these options and disks, and why",
    load: async () => (await import("./commands/explain.ts")).command,
  },
  {
    name: "list",
    summary: "list the stores that are there, and say which one a boot would take",
    load: async () => (await import("./commands/list.ts")).command,
  },
  {
    name: "check",
    summary: "look whether stores are in order, and repair what can be repaired",
    load: async () => (await import("./commands/check.ts")).command,
  },
  {
    name: "initramfs",
    summary: "write an initramfs that boots a live system on its store",
    load: async () => (await import("./commands/initramfs.ts")).command,
  },
];
