// The command in the running system: the program of the initramfs, where a person and systemd find
// it. Only below /run: nothing is written into a store.

import type { Step } from "../steps/step.ts";

/** The command, by the path that is told to people. */
export const commandPath = "/run/backstore/bin/backstore";

/** systemd gives this to every program that it starts for a user, graphical sessions among them. */
export const environmentPath = "/run/environment.d/60-backstore.conf";

/** Where login.defs, sudo and the profiles of shells lead to for local programs, in every root. */
export const localPrograms = "usr/local/bin";

const commandDirectory = "/run/backstore/bin";

/**
 * Leaves the command: as a link to the program for the end of the session if that is there, which
 * is the same one, and otherwise as a file of its own.
 */
export function leaveCommand(
  program: { readonly end: string } | { readonly path: string; readonly bytes: number },
): Step[] {
  const steps: Step[] = [
    { do: "make-directory", path: commandDirectory },
    "end" in program
      ? { do: "make-link", path: commandPath, to: program.end }
      : { do: "copy-file", from: program.path, to: commandPath, bytes: program.bytes, mode: 0o755 },
    { do: "make-directory", path: "/run/environment.d" },
    { do: "write-file", path: environmentPath, text: `PATH=$PATH:${commandDirectory}\n` },
  ];
  return steps.map((step) => ({ ...step, optional: true }));
}

/** Plans the name of the command in a directory of programs; no session depends on it. */
export function nameCommand(directory: string): Step {
  return { do: "make-link", path: `${directory}/backstore`, to: commandPath, optional: true };
}
