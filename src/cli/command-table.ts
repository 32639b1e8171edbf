// Every command of the program, by name. A command's file is loaded when it is called, so that
// booting loads only what it needs.
import type { CommandEntry } from "./command-line/command.ts";

/** The commands in the order of the help. */
export const commands: readonly CommandEntry[] = [
  {
    name: "create",
    summary: "create a store for the changes made in a session",
    load: async () => (await import("./commands/create.ts")).command,
  },
  {
    name: "grow",
    summary: "enlarge a file store, even while it is in use",
    load: async () => (await import("./commands/grow.ts")).command,
  },
  {
    name: "shrink",
    summary: "shrink a file store that is not in use",
    load: async () => (await import("./commands/shrink.ts")).command,
  },
  {
    name: "label",
    summary: "set the file system label by which a boot finds a store",
    load: async () => (await import("./commands/label.ts")).command,
  },
  {
    name: "status",
    summary: "show whether this session keeps its changes and how much room is left",
    load: async () => (await import("./commands/status.ts")).command,
  },
  {
    name: "explain",
    summary: "show what a boot would do with the given options and disks, and why",
    load: async () => (await import("./commands/explain.ts")).command,
  },
  {
    name: "list",
    summary: "list stores and show which one a boot would use",
    load: async () => (await import("./commands/list.ts")).command,
  },
  {
    name: "check",
    summary: "check stores and repair what can be repaired",
    load: async () => (await import("./commands/check.ts")).command,
  },
  {
    name: "initramfs",
    summary: "write an initramfs that boots a live system with its store",
    load: async () => (await import("./commands/initramfs.ts")).command,
  },
  {
    name: "install",
    summary: "put the add-on on a live medium and into its boot menus",
    load: async () => (await import("./commands/install.ts")).command,
  },
  {
    name: "uninstall",
    summary: "put a live medium back as it was before install",
    load: async () => (await import("./commands/uninstall.ts")).command,
  },
];
