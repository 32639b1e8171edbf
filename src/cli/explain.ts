// backstore explain: what a boot with these options and disks would do, asked of image files or of the running machine.
import { Failure } from "../core/failure.ts";
import type { YamlFile } from "../core/medium.ts";
import { allOverlayParameters } from "../core/overlay.ts";
import { formatPath, formatQuoted } from "../core/quoted.ts";
import { renderExplanation } from "../report/explanation.ts";
import { renderJson } from "../report/json.ts";
import { discoverDevices, discoverImage } from "../system/discover.ts";
import { reasonOf } from "../system/execute.ts";
import { listIfPresent, readIfPresent } from "../system/files.ts";
import { readYamlFiles } from "../system/inspect-medium.ts";
import type { System } from "../system/system.ts";
import { usage } from "./arguments.ts";
import type { Command, Invocation } from "./command.ts";
import { explainBoot, startLooking } from "./explain-boot.ts";

/** Says what a boot would do and why. */
export const command: Command = {
  name: "explain",
  usage: "explain [--cmdline TEXT] [--yaml DIR] [--image FILE]... [--json]",
  description: `Says what a boot with these options and disks would do: the options and who gave them, what is wrong
with them, every device and why it would be the store or not, each step, and whether changes would
be kept. Nothing is changed, and no root is needed; what cannot be looked into without root says so.`,
  flags: [
    {
      name: "cmdline",
      value: "TEXT",
      help: "the kernel command line (without images: that of the running machine)",
    },
    {
      name: "yaml",
      value: "DIR",
      help: "a sysrescue.d directory (else that of the medium, if it can be looked into)",
    },
    {
      name: "image",
      value: "FILE",
      repeated: true,
      help: "an image file in the place of a disk (else the machine's own disks)",
    },
    { name: "json", help: "print JSON (docs/boot-json.md)" },
  ],
  run,
};

function run({ system, arguments: given, context }: Invocation): number {
  const [operand] = given.operands;
  if (operand !== undefined) throw usage(command, `there is no place for ${formatQuoted(operand)}`);
  const images = [...new Set(given.values.get("image"))];
  const devices =
    images.length > 0
      ? images.flatMap((file) => discoverFile(system, file))
      : discoverDevices(system);
  const [yamlDirectory] = given.values.get("yaml") ?? [];
  const explanation = explainBoot(system, {
    devices,
    commandLine:
      given.values.get("cmdline")?.[0] ??
      (images.length > 0 ? "" : (readIfPresent(system, "/proc/cmdline") ?? "")),
    yaml: yamlDirectory === undefined ? undefined : readYaml(system, yamlDirectory),
    overlayParameters: images.length > 0 ? allOverlayParameters : kernelParameters(system),
    looker: context.isRoot ? startLooking(system) : undefined,
    version: context.version,
  });
  system.say(
    "stdout",
    given.switches.has("json") ? renderJson(explanation) : renderExplanation(explanation),
  );
  return 0;
}

function discoverFile(system: System, file: string) {
  const action = `Cannot look at ${formatPath(file)}`;
  const kind = system.status(file)?.kind;
  if (kind === undefined) throw new Failure("not-found", `${action}: there is no such file`);
  // Others would give bytes without end, or wait for somebody to write.
  if (kind !== "file" && kind !== "block")
    throw new Failure("usage", `${action}: it is neither a file nor a block device`);
  orFail(action, () => system.readBytes(file, 0, 1));
  return discoverImage(system, file);
}

function readYaml(system: System, directory: string): readonly YamlFile[] {
  const action = `Cannot read ${formatPath(directory)}`;
  const kind = system.status(directory)?.kind;
  if (kind === undefined) throw new Failure("not-found", `${action}: there is no such directory`);
  if (kind !== "directory") throw new Failure("usage", `${action}: it is not a directory`);
  orFail(action, () => system.list(directory));
  return readYamlFiles(system, directory);
}

function orFail(action: string, attempt: () => void): void {
  try {
    attempt();
  } catch (error) {
    throw new Failure("tool", `${action}: ${reasonOf(error)}`);
  }
}

function kernelParameters(system: System): readonly string[] {
  const found = listIfPresent(system, "/sys/module/overlay/parameters");
  return found.length === 0 ? allOverlayParameters : found;
}
