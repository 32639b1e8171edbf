// What is left for the end of a session when another initramfs hands over: this program, where
// systemd looks for it, against what that initramfs has planned for the end.

import { flagsOfMount } from "../kernel/mount-flags.ts";
import type { Mount } from "../kernel/mount-table.ts";
import type { Plan, Step } from "../steps/step.ts";
import { leaveCommand, localPrograms, nameCommand } from "./leave-command.ts";

/** This program, as a file. */
interface OwnProgram {
  readonly path: string;
  readonly bytes: number;
}

/** The facts that the end depends on. */
export interface TakeoverEndFacts {
  readonly mounts: readonly Mount[];
  /** This program in the initramfs. */
  readonly program: OwnProgram;
  readonly isThere: (path: string) => boolean;
  /** Whether only root enters /run/initramfs, as initramfs-tools makes it. */
  readonly isPrivate?: boolean;
}

/** Where systemd looks for the program for the end of a session. */
const shutdownProgram = "/run/initramfs/shutdown";

/** dracut's service would unpack an initramfs of /boot over this program, or remove it. */
const dracutsWish = "/run/initramfs/.need_shutdown";

/**
 * mkinitcpio's hook that copies the initramfs to /run/initramfs once the root is taken over: its
 * program for the end would overwrite this one there.
 */
const mkinitcpiosCopier = "/hooks/shutdown";
const copiedProgram = "/shutdown";

/** Plans that this program ends the session. */
export function planTakeoverEnd({
  mounts,
  program,
  isThere,
  isPrivate,
}: TakeoverEndFacts): Plan<undefined> {
  const steps: Step[] = [
    ...[shutdownProgram, dracutsWish]
      .filter(isThere)
      .map((path): Step => ({ do: "remove-file", path })),
    ...leaveEnd(program),
    // Users ask for the status as well.
    ...leaveCommand(isPrivate ? program : { end: shutdownProgram }),
    ...(isThere(mkinitcpiosCopier) ? [replaceCopied(program)] : []),
    ...allowPrograms(mounts),
  ];
  return {
    title: "Leave the program for the end of the session",
    result: undefined,
    steps: steps.map((step) => ({ ...step, optional: true })),
  };
}

/**
 * Leaves a program for the end of the session where systemd looks for it, which is the command as
 * well.
 */
export function leaveProgram(program: OwnProgram): Step[] {
  return [...leaveEnd(program), ...leaveCommand({ end: shutdownProgram })];
}

function leaveEnd({ path, bytes }: OwnProgram): Step[] {
  return [
    { do: "make-directory", path: "/run/initramfs", optional: true },
    { do: "copy-file", from: path, to: shutdownProgram, bytes, mode: 0o755, optional: true },
  ];
}

/** Nobody calls this program again, and a second copy would take its room in memory. */
function replaceCopied({ path }: OwnProgram): Step {
  return { do: "rename", from: path, to: copiedProgram, replaces: true };
}

/**
 * Plans that this program can be called where no session needs it for its end; a /run that no
 * program can be started from is the other initramfs's affair then. A root `inMemory` gets the
 * command's name, if it has the directory and nothing of that name.
 */
export function planCommand({
  mounts,
  program,
  isThere,
  inMemory,
}: TakeoverEndFacts & { readonly inMemory?: string }): Plan<undefined> {
  const canRun = allowPrograms(mounts).length === 0;
  const programs = `${inMemory}/${localPrograms}`;
  const isNamed = inMemory !== undefined && isThere(programs) && !isThere(`${programs}/backstore`);
  return {
    title: "Leave the command",
    result: undefined,
    steps: canRun ? [...leaveCommand(program), ...(isNamed ? [nameCommand(programs)] : [])] : [],
  };
}

/** initramfs-tools mounts /run with noexec, and systemd then silently runs no program from it. */
function allowPrograms(mounts: readonly Mount[]): Step[] {
  const mount = mounts.findLast(({ target }) => target === "/run");
  const flags = mount === undefined ? [] : flagsOfMount(mount);
  if (!flags.includes("noexec")) return [];
  const kept = flags.filter((flag) => flag !== "noexec");
  return [{ do: "remount", target: "/run", readonly: false, flags: kept }];
}
