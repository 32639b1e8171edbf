// Runs a program in a system that is mounted: as the first of its processes, with its own view of
// them, so that nothing of it is left when it has ended.

import { insidePlan } from "../../core/run/inside-plan.ts";
import { exitStatus, Failure } from "../../core/text/failure.ts";
import { directoryOf, joinPath } from "../../core/text/path.ts";
import { formatLine } from "../../core/text/quoted.ts";
import { ifPossible, orFail } from "../port/errors.ts";
import { makeDirectories, readIfPresent } from "../port/files.ts";
import type { Ended, Opened, System } from "../port/system.ts";
import { execute } from "../steps/execute.ts";

/** A program to run in a system. */
export interface InsideRequest {
  /** Where the system is mounted. */
  readonly root: string;
  /** A directory for what is shown in it. */
  readonly at: string;
  /** The program with its arguments; a shell if there is none. */
  readonly argv: readonly string[];
  /** What it has to know of the terminal and of languages ("TERM=…"). */
  readonly variables: readonly string[];
}

/** Runs a program in a system, and returns how it has ended. */
export function runInside(system: System, request: InsideRequest): Ended {
  const names = `${request.at}/resolv.conf`;
  const text = readIfPresent(system, "/etc/resolv.conf");
  if (text !== undefined) system.writeFile(names, text);
  const devices = orFail("Cannot show the devices", () => system.cloneMounts("/dev"));
  const resolver = text === undefined ? undefined : ifPossible(() => system.cloneMounts(names));
  try {
    return system.runFirst(() =>
      orStatus(system, () => enter(system, request, { devices, resolver, text })),
    );
  } finally {
    resolver?.close();
    devices.close();
    if (text !== undefined) ifPossible(() => system.removeFile(names));
  }
}

/** Nobody but the child knows why it failed. */
function orStatus(system: System, action: () => number): number {
  try {
    return action();
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    system.say("stderr", `backstore: ${formatLine(error.message)}\n`);
    return exitStatus[error.code];
  }
}

/** What is shown in a system of the running one. */
interface Shown {
  readonly devices: Opened;
  readonly resolver: Opened | undefined;
  readonly text: string | undefined;
}

/** From here on every path is inside the system. */
function enter(system: System, request: InsideRequest, shown: Shown): number {
  const { root, argv, variables } = request;
  orFail("Cannot enter the system", () => system.enterRoot(root));
  execute(system, insidePlan);
  orFail("Cannot show the devices", () => system.attachMounts(shown.devices.path, "/dev"));
  showResolver(system, shown);
  const home = system.status("/root")?.kind === "directory" ? "/root" : "/";
  const shell = chooseShell(system);
  const { status, signal = 0 } = system.runHere(argv.length === 0 ? [shell] : argv, {
    environment: [
      "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
      `HOME=${home}`,
      `SHELL=${shell}`,
      ...["USER=root", "LOGNAME=root"],
      ...variables,
    ],
    directory: home,
  });
  return status ?? 128 + signal;
}

/**
 * The base may have it as a link to a file in memory, which is then made; where it has nothing,
 * nothing is shown.
 */
function showResolver(system: System, { resolver, text }: Shown): void {
  if (resolver === undefined || text === undefined) return;
  const path = "/etc/resolv.conf";
  if (system.status(path)?.kind === "file") {
    ifPossible(() => system.attachMounts(resolver.path, path));
    return;
  }
  if (system.linkStatus(path)?.kind !== "link") return;
  const to = system.readLink(path);
  const target = to.startsWith("/") ? to : joinPath("/etc", to);
  if (!/^\/(?:etc\/\.\.\/)?run\//.test(target)) return;
  ifPossible(() => {
    makeDirectories(system, directoryOf(target), 0o755);
    system.writeFile(target, text);
  });
}

/** Returns the shell of root. */
function chooseShell(system: System): string {
  const line = /^root:.*:(\/[^:\n]+)$/m.exec(readIfPresent(system, "/etc/passwd") ?? "");
  const shell = line?.[1];
  return shell !== undefined && system.findProgram(shell) !== undefined ? shell : "/bin/sh";
}
