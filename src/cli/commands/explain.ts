// backstore explain: what a boot with these options and disks would do, with image files or on the
// running machine.

import type { YamlFile } from "../../core/options/option-source.ts";
import { Failure } from "../../core/text/failure.ts";
import { formatPath } from "../../core/text/quoted.ts";
import { renderExplanation } from "../../report/explanation.ts";
import { readYamlFiles } from "../../system/medium/inspect-medium.ts";
import { orFail } from "../../system/port/errors.ts";
import type { System } from "../../system/port/system.ts";
import { explainBoot, withLooks } from "../../system/session/explain-boot.ts";
import {
  askedDevices,
  commandLineOf,
  credentialOf,
  overlayParametersOf,
} from "../command-line/asked-machine.ts";
import type { Command, Invocation } from "../command-line/command.ts";
import { tell } from "../command-line/tell.ts";

/** Explains what a boot would do and why. */
export const command: Command = {
  name: "explain",
  usage: "explain [OPTION]...",
  description: `Shows what a boot with these options and disks would do: the options and where each comes from, the
problems with them, why each device would or would not be the store, each step, and whether changes
would be kept. Nothing is changed, and root is not required; what cannot be inspected without root
is reported as such.`,
  flags: [
    {
      name: "cmdline",
      value: "TEXT",
      help: "the kernel command line (default without images: that of this machine)",
    },
    {
      name: "yaml",
      value: "DIR",
      help: "a sysrescue.d directory (default: that of the medium, if it can be read)",
    },
    {
      name: "image",
      value: "FILE",
      repeated: true,
      help: "an image file in place of a disk (default: the disks of this machine)",
    },
    { name: "json", help: "print JSON (docs/boot-json.md)" },
  ],
  operands: [],
  run,
};

function run(invocation: Invocation): number {
  const { system, arguments: given, context } = invocation;
  const images = [...new Set(given.values.get("image"))];
  const [yamlDirectory] = given.values.get("yaml") ?? [];
  const request = {
    devices: askedDevices(system, images),
    credential: credentialOf(system, images),
    commandLine: given.values.get("cmdline")?.[0] ?? commandLineOf(system, images),
    yaml: yamlDirectory === undefined ? undefined : readYaml(system, yamlDirectory),
    overlayParameters: overlayParametersOf(system, images),
    version: context.version,
  };
  const explanation = context.isRoot
    ? withLooks(system, (looks) => explainBoot(system, { ...request, looks }))
    : explainBoot(system, { ...request, looks: undefined });
  tell(invocation, {
    text: () => renderExplanation(explanation, context.terminal.columns),
    json: () => explanation,
  });
  return 0;
}

function readYaml(system: System, directory: string): readonly YamlFile[] {
  const action = `Cannot read ${formatPath(directory)}`;
  const kind = system.status(directory)?.kind;
  if (kind === undefined) throw new Failure("not-found", `${action}: no such directory`);
  if (kind !== "directory") throw new Failure("usage", `${action}: it is not a directory`);
  orFail(action, () => system.list(directory));
  return readYamlFiles(system, { root: directory, path: "" });
}
