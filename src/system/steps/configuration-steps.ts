// How SystemRescue's configuration is made. Its program reads and writes files at fixed places, so
// it gets a root in which those places are its own: the base, which cannot be written to, with
// copies of the medium's files and of the command line. It runs as a user without rights, and what
// it has made is copied out.

import {
  type ConfigurationStepArguments,
  configurationDirectory,
  configurationFile,
  configurationProgram,
} from "../../core/steps/configuration-steps.ts";
import { Failure } from "../../core/text/failure.ts";
import { parseJson } from "../../core/text/json.ts";
import { directoryOf } from "../../core/text/path.ts";
import { formatLine, formatPath, formatQuoted } from "../../core/text/quoted.ts";
import { ifPossible } from "../port/errors.ts";
import {
  isProgramInside,
  makeDirectories,
  readBelow,
  readIfPresent,
  writeWhole,
} from "../port/files.ts";
import {
  mountDev,
  mountMemory,
  unprivilegedUser,
  withReadonlyRoot,
} from "../port/readonly-root.ts";
import type { Finished, System } from "../port/system.ts";
import { describeEnd } from "../port/tool.ts";
import { oneWay, type Performers } from "./performers.ts";

type ConfigurationStep = ConfigurationStepArguments["make-configuration"];

/** Returns the functions that perform these steps. */
export function performConfiguration(system: System): Performers<ConfigurationStepArguments> {
  return { "make-configuration": oneWay(system, makeConfiguration) };
}

/**
 * Makes the configuration if the base has the program for that; throws a Failure if it is missing
 * or incomplete afterwards.
 */
function makeConfiguration(system: System, step: ConfigurationStep): void {
  if (!isProgramInside(system, step.base, configurationProgram)) return;
  const { base, at } = step;
  try {
    withReadonlyRoot(system, { root: base, at }, () => runProgram(system, step));
  } finally {
    ifPossible(() => system.removeDirectory(at));
  }
}

function runProgram(system: System, step: ConfigurationStep): void {
  fillRoot(system, step);
  const ended = system.run([configurationProgram], {
    apart: { root: step.at, user: unprivilegedUser },
    timeoutMs: mostSeconds * 1000,
    mostBytes: mostSaidBytes,
  });
  const text = readResult(system, step);
  if (text !== undefined) keepResult(system, text);
  if (text === undefined || ended.status !== 0) throw describeFault(ended, text !== undefined);
}

/** Much more than a slow stick takes to read an interpreter and its libraries. */
const mostSeconds = 30;

const mostSaidBytes = 64 * 1024;

/** As much as the files that it is made from, together. */
const mostBytes = 1024 * 1024;

const bootmnt = "/run/archiso/bootmnt";

function fillRoot(system: System, { medium, files, at }: ConfigurationStep): void {
  const size = String(4 * mostBytes);
  mountDev(system, at, size);
  for (const name of ["proc", "run"]) mountMemory(system, `${at}/${name}`, size);
  const commandLine = readIfPresent(system, "/proc/cmdline") ?? "";
  system.writeFile(`${at}/proc/cmdline`, withoutNetwork(commandLine));
  for (const path of files) {
    const to = `${at}${bootmnt}/${path}`;
    makeDirectories(system, directoryOf(to), 0o755);
    system.writeFile(to, readBelow(system, { root: medium, path }, mostBytes));
  }
  const directory = `${at}${configurationDirectory}`;
  makeDirectories(system, directory, 0o755);
  system.setOwner(directory, unprivilegedUser, unprivilegedUser);
}

/** Here is no network: the program would wait for each file that it cannot fetch. */
function withoutNetwork(commandLine: string): string {
  const words = commandLine.trim().split(/\s+/);
  return `${words.filter((word) => !/^sysrescuecfg=https?:\/\//.test(word)).join(" ")}\n`;
}

function readResult(system: System, { at }: ConfigurationStep): string | undefined {
  const text = ifPossible(() =>
    readBelow(system, { root: at, path: configurationFile.slice(1) }, mostBytes),
  );
  return text !== undefined && typeof parseJson(text) === "object" ? text : undefined;
}

function keepResult(system: System, text: string): void {
  makeDirectories(system, directoryOf(configurationDirectory), 0o755);
  makeDirectories(system, configurationDirectory, 0o700);
  system.setMode(configurationDirectory, 0o700);
  writeWhole(system, configurationFile, text);
  system.setMode(configurationFile, 0o600);
}

function describeFault(ended: Finished, isWritten: boolean): Failure {
  const result = isWritten ? "is incomplete" : "is missing, and its units will fail";
  // What it prints on the other stream may contain passwords.
  const [line = ""] = ended.stderr.split("\n").filter((one) => one.trim() !== "");
  const says = line === "" ? "" : ` says ${formatQuoted(formatLine(line))}`;
  const end = ended.timedOut ? `it did not end within ${mostSeconds} seconds` : describeEnd(ended);
  return new Failure(
    "tool",
    `The configuration of SystemRescue ${result}: ${formatPath(configurationProgram)}${says} (${end})`,
  );
}
