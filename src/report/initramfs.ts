// The report on an initramfs that was built, or would be.

import type { FoundGroup } from "../core/initramfs/module-selection.ts";
import { formatQuoted } from "../core/text/quoted.ts";
import { formatSize } from "../core/text/size.ts";
import type { MissingChecker } from "../system/initramfs/find-checkers.ts";
import type { InitramfsFacts, InitramfsReport } from "../system/initramfs/make-initramfs.ts";

/** Renders what was written, as one line. */
export function renderInitramfs(report: InitramfsReport): string {
  const firmware =
    report.firmware.length === 0 ? "" : `, ${count(report.firmware.length, "firmware file")}`;
  const checkers =
    report.checkers.length === 0 ? "" : `, ${count(report.checkers.length, "checker")}`;
  return `Wrote ${formatQuoted(report.output)}, ${formatSize(report.bytes)}: ${describeModules(report)}${firmware}${checkers}\n`;
}

/** Renders what would be written: one line for each group of modules. */
export function renderInitramfsPlan(facts: InitramfsFacts): string {
  const named = new Set(facts.groups.flatMap((group) => group.modules));
  const needed = facts.modules.filter((name) => !named.has(name));
  return [
    `Would write ${formatQuoted(facts.output)}: ${describeModules(facts)}, compressed by ${facts.compression}`,
    ...facts.groups.map(renderGroup),
    `  dependencies: ${listOrNone(needed)}`,
    `  file system checkers: ${listOrNone(facts.checkers)}`,
    ...(facts.baseCheckers.length === 0
      ? []
      : [`  file system checkers of the base: ${facts.baseCheckers.join(" ")}`]),
    "",
  ].join("\n");
}

/** Notes for the user on an initramfs that was built. */
interface InitramfsNotes {
  readonly missingFirmware?: readonly string[];
  readonly missingCheckers: readonly MissingChecker[];
  readonly problems: readonly string[];
}

/** Renders what the user should know although it was built; empty if there is nothing. */
export function renderInitramfsNotes({
  missingFirmware = [],
  missingCheckers,
  problems,
}: InitramfsNotes): string {
  const notes = problems.map((problem) => `Warning: in --default: ${problem}\n`);
  if (missingFirmware.length > 0) {
    notes.push(`Note: left out missing firmware: ${missingFirmware.join(", ")}\n`);
  }
  for (const { tool, reason, package: name } of missingCheckers) {
    const hint = name === undefined ? "" : ` (install the package ${formatQuoted(name)})`;
    notes.push(`Note: left out ${formatQuoted(tool)}, which ${reason}${hint}\n`);
  }
  return notes.join("");
}

function describeModules({ modules, release }: InitramfsFacts): string {
  return `${count(modules.length, "module")} for kernel ${release}`;
}

function renderGroup({ group, modules, builtin }: FoundGroup): string {
  const rest = builtin.length === 0 ? "" : `; built in: ${builtin.join(" ")}`;
  return `  ${group}: ${listOrNone(modules)}${rest}`;
}

function listOrNone(names: readonly string[]): string {
  return names.length === 0 ? "none" : names.join(" ");
}

function count(number: number, word: string): string {
  return `${number} ${word}${number === 1 ? "" : "s"}`;
}

/** The contents of an add-on. */
interface AddonFacts {
  readonly output: string;
  readonly hooks: readonly string[];
}

/** Renders an add-on that was written, as one line. */
export function renderAddon({ output, bytes, hooks }: AddonFacts & { bytes: number }): string {
  return `Wrote ${formatQuoted(output)}, ${formatSize(bytes)}: the program and ${count(hooks.length, "hook")}\n`;
}

/** Renders what an add-on would contain. */
export function renderAddonPlan({ output, hooks }: AddonFacts): string {
  return `Would write ${formatQuoted(output)}: the program and ${count(hooks.length, "hook")} (${hooks.join(", ")})\n`;
}
