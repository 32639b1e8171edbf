// "backstore initramfs": builds the file that a boot loader passes to the kernel.

import type { Compression } from "../../core/initramfs/initramfs-contents.ts";
import { parseCommandLine } from "../../core/options/cmdline.ts";
import { resolveOptions } from "../../core/options/options.ts";
import { formatQuoted } from "../../core/text/quoted.ts";
import {
  renderInitramfs,
  renderInitramfsNotes,
  renderInitramfsPlan,
} from "../../report/initramfs.ts";
import {
  type InitramfsRequest,
  makeInitramfs,
  planInitramfs,
} from "../../system/initramfs/make-initramfs.ts";
import { usage } from "../command-line/arguments.ts";
import type { Arguments, Command, Invocation } from "../command-line/command.ts";
import { tell, tellPlan } from "../command-line/tell.ts";

/** The command. */
export const command: Command = {
  name: "initramfs",
  usage: "initramfs --modules DIR --output FILE [OPTION]...",
  description: `
Writes an initramfs for one kernel: this program as /init, and the modules that machines need until
a live system's root is mounted, for the disks, sticks, drives and keyboards that people have. The
checkers of file systems that this machine has are taken along, for stores that were not closed.

The modules are those of a directory lib/modules/RELEASE, or of a squashfs image of a whole system;
where an image has several kernels, IMAGE:RELEASE chooses one. Nothing is written but FILE, which is
replaced when the new one is whole.`,
  flags: [
    {
      name: "modules",
      value: "DIR",
      help: "where the kernel's modules are (DIR, IMAGE or IMAGE:RELEASE)",
    },
    { name: "output", value: "FILE", help: "the initramfs to write" },
    {
      name: "default",
      value: "TEXT",
      help: "boot options that hold unless the command line or a YAML file says otherwise",
    },
    {
      name: "firmware",
      value: "DIR",
      help: "where firmware is, instead of lib/firmware beside the modules",
    },
    {
      name: "compress",
      value: "zstd|gzip",
      help: "how to compress; without it what the kernel can read",
    },
    { name: "no-checkers", help: "leave out the checkers of file systems" },
    { name: "dry-run", help: "say what would be packed, and write nothing" },
    { name: "json", help: "say what was done as JSON" },
  ],
  operands: [],
  run,
};

function run(invocation: Invocation): number {
  const { system, context } = invocation;
  const request = readRequest(invocation.arguments);
  const problems = checkDefault(request.defaultOptions);
  const isDry = tellPlan(invocation, () => {
    const facts = planInitramfs(system, request);
    return {
      text: () => renderInitramfsPlan(facts),
      json: () => formatJson({ ...facts, problems }),
      notes: () => renderInitramfsNotes({ ...facts, problems }),
    };
  });
  if (isDry) return 0;
  const report = makeInitramfs(system, request, (done, all) => {
    if (!context.terminal.stderr) return;
    system.say("stderr", done < all ? `\rpacking modules: ${done} of ${all}` : clearLine);
  });
  tell(invocation, {
    text: () => renderInitramfs(report),
    json: () => formatJson({ ...report, problems }),
    notes: () => renderInitramfsNotes({ ...report, problems }),
  });
  return 0;
}

const clearLine = "\r\u001b[K";

function readRequest(given: Arguments): InitramfsRequest {
  const value = (name: string) => given.values.get(name)?.[0];
  const modules = value("modules");
  const output = value("output");
  if (modules === undefined || modules === "") throw usage(command, "--modules is missing");
  if (output === undefined || output === "") throw usage(command, "--output is missing");
  return {
    modules,
    output,
    firmware: value("firmware"),
    compression: readCompression(value("compress")),
    defaultOptions: value("default"),
    hasCheckers: !given.switches.has("no-checkers"),
  };
}

function readCompression(text: string | undefined): Compression | undefined {
  if (text === undefined || text === "zstd" || text === "gzip") return text;
  throw usage(command, `"--compress" takes zstd or gzip, not ${formatQuoted(text)}`);
}

function checkDefault(text: string | undefined): string[] {
  if (text === undefined) return [];
  const entries = parseCommandLine(text).parameters;
  return resolveOptions([{ origin: "initramfs", entries }]).problems.map(
    (problem) => problem.message,
  );
}

function formatJson(value: unknown): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}
