// Every command of the program, by name. A command's file is loaded when it is called, so that
// booting loads only what it needs.
import { exitStatus, type FailureCode } from "../core/text/failure.ts";
import type { CommandEntry } from "./command-line/command.ts";

// What the kernel says of a file or device may be any of these.
const looking = ["not-found", "in-use", "damaged", "no-room"] as const;
const changing = [...looking, "unsafe"] as const;

/** The commands in the order of the help. */
export const commands: readonly CommandEntry[] = [
  {
    name: "create",
    summary: "create a store for the changes made in a session",
    failures: changing,
    load: async () => (await import("./commands/create.ts")).command,
  },
  {
    name: "grow",
    summary: "enlarge a file store, even while it is in use",
    failures: changing,
    load: async () => (await import("./commands/grow.ts")).command,
  },
  {
    name: "shrink",
    summary: "shrink a file store that is not in use",
    failures: changing,
    load: async () => (await import("./commands/shrink.ts")).command,
  },
  {
    name: "label",
    summary: "set the file system label by which a boot finds a store",
    failures: changing,
    load: async () => (await import("./commands/label.ts")).command,
  },
  {
    name: "status",
    summary: "show whether this session keeps its changes and how much room is left",
    failures: ["volatile", ...looking],
    load: async () => (await import("./commands/status.ts")).command,
  },
  {
    name: "explain",
    summary: "show what a boot would do with the given options and disks, and why",
    failures: looking,
    load: async () => (await import("./commands/explain.ts")).command,
  },
  {
    name: "list",
    summary: "list stores and show which one a boot would use",
    failures: looking,
    load: async () => (await import("./commands/list.ts")).command,
  },
  {
    name: "check",
    summary: "check stores and repair what can be repaired",
    failures: changing,
    load: async () => (await import("./commands/check.ts")).command,
  },
  {
    name: "changes",
    summary: "show what a store, or this session, has changed",
    failures: changing,
    tellsLines: true,
    load: async () => (await import("./commands/changes.ts")).command,
  },
  {
    name: "diff",
    summary: "show the lines in which files differ from the base's",
    failures: changing,
    tellsLines: true,
    load: async () => (await import("./commands/diff.ts")).command,
  },
  {
    name: "revert",
    summary: "put back what the base has in place of changes",
    failures: changing,
    load: async () => (await import("./commands/revert.ts")).command,
  },
  {
    name: "reclaim",
    summary: "win room in a store, by removing what changes nothing",
    failures: changing,
    load: async () => (await import("./commands/reclaim.ts")).command,
  },
  {
    name: "report",
    summary: "write a report on this session as one page",
    failures: changing,
    load: async () => (await import("./commands/report.ts")).command,
  },
  {
    name: "adopt",
    summary: "keep in a store what this session holds in memory",
    failures: changing,
    load: async () => (await import("./commands/adopt.ts")).command,
  },
  {
    name: "copy",
    summary: "make another store with the same changes, as a backup",
    failures: changing,
    load: async () => (await import("./commands/copy.ts")).command,
  },
  {
    name: "export",
    summary: "write changes as an image for registries, an archive, or a module",
    failures: changing,
    load: async () => (await import("./commands/export.ts")).command,
  },
  {
    name: "import",
    summary: "make a store of the changes that another live system has kept",
    failures: changing,
    load: async () => (await import("./commands/import.ts")).command,
  },
  {
    name: "run",
    summary: "run a shell or a program in a base with a store",
    failures: changing,
    load: async () => (await import("./commands/run.ts")).command,
  },
  {
    name: "initramfs",
    summary: "write an initramfs that boots a live system with its store",
    failures: changing,
    load: async () => (await import("./commands/initramfs.ts")).command,
  },
  {
    name: "install",
    summary: "put the add-on on a live medium and into its boot menus",
    failures: changing,
    load: async () => (await import("./commands/install.ts")).command,
  },
  {
    name: "uninstall",
    summary: "put a live medium back as it was before install",
    failures: changing,
    load: async () => (await import("./commands/uninstall.ts")).command,
  },
  {
    name: "help",
    summary: "show a manual page: of a command, of a file, or of the options",
    failures: ["not-found"],
    load: async () => (await import("./commands/help.ts")).command,
  },
];

/** The kinds of failure that every command can end with. */
const failuresOfAll: readonly FailureCode[] = ["bug", "usage", "tool", "interrupted"];

/** Returns the exit statuses that a command can have beside 0, by the kinds of failure. */
export function statusesOf({ failures }: CommandEntry): Readonly<Record<string, number>> {
  const codes = new Set<string>([...failuresOfAll, ...failures]);
  return Object.fromEntries(Object.entries(exitStatus).filter(([code]) => codes.has(code)));
}
