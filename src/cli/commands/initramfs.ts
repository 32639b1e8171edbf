// "backstore initramfs": builds the file that a boot loader passes to the kernel.

import { addonHooks } from "../../core/initramfs/addon-contents.ts";
import type { Compression } from "../../core/initramfs/initramfs-contents.ts";
import { parseCommandLine } from "../../core/options/cmdline.ts";
import { resolveOptions } from "../../core/options/options.ts";
import { formatQuoted } from "../../core/text/quoted.ts";
import {
  renderAddon,
  renderAddonPlan,
  renderInitramfs,
  renderInitramfsNotes,
  renderInitramfsPlan,
} from "../../report/initramfs.ts";
import { requireKept } from "../../system/create/require-kept.ts";
import { makeAddon } from "../../system/initramfs/make-addon.ts";
import {
  type InitramfsRequest,
  makeInitramfs,
  planInitramfs,
} from "../../system/initramfs/make-initramfs.ts";
import { usage } from "../command-line/arguments.ts";
import type { Arguments, Command, Invocation } from "../command-line/command.ts";
import { showProgress } from "../command-line/progress.ts";
import { quietFlag, tellOutcome, tellPlan } from "../command-line/tell.ts";

/** The command. */
export const command: Command = {
  name: "initramfs",
  usage:
    "initramfs --modules DIR --output FILE [OPTION]...\ninitramfs --addon --output FILE [OPTION]...",
  description: `
Writes an initramfs for one kernel: this program as /init, and the modules that are needed until the
root of a live system is mounted, for common disks, sticks, drives and keyboards. File system
checkers are included, for stores that were not cleanly unmounted, unless the image has them.

The modules come from a directory lib/modules/RELEASE, or from a squashfs image of a whole system;
if an image contains several kernels, IMAGE:RELEASE chooses one. Only FILE is written, and replaced
once the new one is complete.

With --addon it writes the add-on instead, which needs neither modules nor a kernel: a boot loader
loads it behind a distribution's own initramfs (see backstore-addon(7)).`,
  flags: [
    {
      name: "modules",
      value: "DIR",
      help: "the modules of the kernel (DIR, IMAGE or IMAGE:RELEASE)",
    },
    { name: "addon", help: "write the add-on for a distribution's own initramfs" },
    { name: "output", value: "FILE", help: "the initramfs to write" },
    {
      name: "default",
      value: "TEXT",
      help: "default boot options, which the command line and YAML files override",
    },
    {
      name: "firmware",
      value: "DIR",
      help: "the firmware directory (default: lib/firmware beside the modules)",
    },
    {
      name: "compress",
      value: "zstd|gzip",
      help: "the compression (default: what the kernel supports)",
    },
    { name: "force", help: "write FILE even if it is in memory or below /dev" },
    { name: "no-checkers", help: "leave out the file system checkers" },
    { name: "dry-run", help: "show what would be packed without writing anything" },
    { name: "json", help: "print JSON" },
    quietFlag,
  ],
  operands: [],
  run,
};

function run(invocation: Invocation): number {
  const { system } = invocation;
  if (invocation.arguments.switches.has("addon")) return runAddon(invocation);
  const request = readRequest(invocation.arguments);
  requireOutput(invocation, request.output);
  const problems = checkDefault(request.defaultOptions);
  const isDry = tellPlan(invocation, () => {
    const facts = planInitramfs(system, request);
    return {
      text: () => renderInitramfsPlan(facts),
      json: () => ({ ...facts, problems }),
      notes: () => renderInitramfsNotes({ ...facts, problems }),
    };
  });
  if (isDry) return 0;
  const report = makeInitramfs(system, request, showProgress(invocation, "packing modules"));
  tellOutcome(invocation, {
    text: () => renderInitramfs(report),
    json: () => ({ ...report, problems }),
    notes: () => renderInitramfsNotes({ ...report, problems }),
  });
  return 0;
}

function runAddon(invocation: Invocation): number {
  const { system, context, arguments: given } = invocation;
  const [other] = [...given.values.keys(), ...given.switches].filter(
    (name) => !["addon", "output", "force", "dry-run", "json", "quiet"].includes(name),
  );
  if (other !== undefined) throw usage(command, `--addon and --${other} cannot be combined`);
  const output = readOutput(given);
  requireOutput(invocation, output);
  // One file may have several places.
  const files = [...new Set(addonHooks.map(({ file }) => file))];
  const facts = { output, compression: "gzip", hooks: files };
  const isDry = tellPlan(invocation, () => ({
    text: () => renderAddonPlan(facts),
    json: () => facts,
  }));
  if (isDry) return 0;
  const hooks = new Map(files.map((file) => [file, context.text(file) ?? ""]));
  const report = { ...facts, bytes: makeAddon(system, { output, hooks }) };
  tellOutcome(invocation, { text: () => renderAddon(report), json: () => report });
  return 0;
}

function readRequest(given: Arguments): InitramfsRequest {
  const value = (name: string) => given.values.get(name)?.[0];
  const modules = value("modules");
  if (modules === undefined || modules === "") throw usage(command, "--modules is required");
  const output = readOutput(given);
  return {
    modules,
    output,
    firmware: value("firmware"),
    compression: readCompression(value("compress")),
    defaultOptions: value("default"),
    hasCheckers: !given.switches.has("no-checkers"),
  };
}

function readOutput({ values }: Arguments): string {
  const [output = ""] = values.get("output") ?? [];
  if (output === "") throw usage(command, "--output is required");
  return output;
}

function requireOutput({ system, arguments: given }: Invocation, output: string): void {
  if (given.switches.has("force")) return;
  requireKept(system, output, `Cannot write ${formatQuoted(output)}`);
}

function readCompression(text: string | undefined): Compression | undefined {
  if (text === undefined || text === "zstd" || text === "gzip") return text;
  throw usage(command, `unsupported compression ${formatQuoted(text)}: choose zstd or gzip`);
}

function checkDefault(text: string | undefined): string[] {
  if (text === undefined) return [];
  const entries = parseCommandLine(text).parameters;
  return resolveOptions([{ origin: "initramfs", entries }]).problems.map(
    (problem) => problem.message,
  );
}
