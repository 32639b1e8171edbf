// backstore explain: the same learning and deciding as a boot, on image files or on the running machine, and nothing
// done. Without root nothing can be mounted, so what would have to be looked into says so.
import { chooseMedium, listMediumCandidates, markMedium } from "../core/choose-medium.ts";
import type { Device } from "../core/device.ts";
import { type Explanation, explain } from "../core/explanation.ts";
import { Failure } from "../core/failure.ts";
import { type Medium, type MediumFinding, unknownMedium, type YamlFile } from "../core/medium.ts";
import { allOverlayParameters } from "../core/overlay.ts";
import { planSession } from "../core/plan-session.ts";
import { readOptions } from "../core/sources.ts";
import type { DirectoryFacts } from "../core/store-state.ts";
import { renderExplanation } from "../report/explanation.ts";
import { renderJson } from "../report/json.ts";
import { discoverDevices, discoverImage } from "../system/discover.ts";
import { reasonOf } from "../system/execute.ts";
import { listIfPresent, readIfPresent } from "../system/files.ts";
import { inspectMedium, readYamlFiles } from "../system/inspect-medium.ts";
import { inspectStore } from "../system/inspect-store.ts";
import { learnStore } from "../system/learn-store.ts";
import { errnoOf, type System } from "../system/system.ts";
import { usage } from "./arguments.ts";
import type { Command, Invocation } from "./command.ts";

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
  if (given.operands.length > 0)
    throw usage(command, `there is no place for "${given.operands[0]}"`);
  const images = given.values.get("image") ?? [];
  const devices =
    images.length > 0 ? images.flatMap((file) => readImage(system, file)) : discoverDevices(system);
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

interface Question {
  readonly devices: readonly Device[];
  readonly commandLine: string;
  readonly yaml: readonly YamlFile[] | undefined;
  readonly overlayParameters: readonly string[];
  readonly looker: Looker | undefined;
  readonly version: string;
}

/** Looks into devices; there is none without root. */
interface Looker {
  readonly medium: (device: Device, baseDirectory: string | undefined) => MediumFinding;
  readonly store: (device: Device, directories: readonly string[]) => DirectoryFacts;
  readonly end: () => void;
}

function explainBoot(system: System, question: Question): Explanation {
  const { commandLine, looker, version } = question;
  const machine = system.kernel().machine;
  try {
    const medium = findMedium(question);
    const known = "reason" in medium ? unknownMedium(medium.device) : medium;
    const { options, problems } = readOptions({
      defaults: undefined,
      yaml: question.yaml ?? known.yaml,
      commandLine,
    });
    const devices = markMedium(question.devices, known.device);
    const { candidates, finding } = learnStore({
      devices,
      options,
      machine,
      mediumLabel: known.device.superblock?.label ?? "",
      inspect: looker?.store ?? ((_, [directory = ""]) => unseen(directory)),
    });
    const record = { id: "made at boot", created: "at boot", version };
    const plan = planSession({
      options,
      medium: known,
      devices,
      store: finding,
      overlayParameters: question.overlayParameters,
      record,
    });
    const explanation = explain({
      options,
      problems,
      candidates,
      plan,
      medium: "reason" in medium ? { reason: medium.reason } : medium,
    });
    return looker ? explanation : admitUnseen(explanation);
  } finally {
    looker?.end();
  }
}

function findMedium({
  devices,
  commandLine,
  looker,
}: Question): Medium | { readonly device: Device | undefined; readonly reason: string } {
  const { options } = readOptions({ defaults: undefined, yaml: [], commandLine });
  const candidates = listMediumCandidates(devices, options);
  const isNamed =
    options.archisolabel.value !== undefined || options.archisodevice.value !== undefined;
  const device = isNamed ? candidates[0] : undefined;
  if (!looker) return { device, reason: "it cannot be looked into without root" };
  const findings = candidates.map((candidate) => ({
    candidate,
    finding: looker.medium(candidate, options.archisobasedir.value),
  }));
  const choice = chooseMedium(
    findings.flatMap(({ finding }) => ("medium" in finding ? [finding.medium] : [])),
  );
  if (choice) return choice.medium;
  const reasons = findings.flatMap(({ candidate, finding }) =>
    "reason" in finding ? [`${candidate.path}: ${finding.reason}`] : [],
  );
  const seen = reasons.length === 0 ? "" : ` (${reasons.join("; ")})`;
  return { device, reason: `no device with a live system was found${seen}` };
}

function startLooking(system: System): Looker {
  system.isolateMounts();
  const at = system.makeTemporaryDirectory("/tmp/backstore-");
  const machine = system.kernel().machine;
  // The running kernel finds its modules by itself.
  const prepare = () => {};
  return {
    medium: (device, baseDirectory) =>
      inspectMedium(system, device, { at, machine, baseDirectory, prepare }),
    store: (device, directories) => inspectStore(system, { device, at, directories, prepare }),
    end: () => {
      for (const name of system.list(at)) system.removeDirectory(`${at}/${name}`);
      system.removeDirectory(at);
    },
  };
}

function unseen(directory: string): DirectoryFacts {
  return {
    directory,
    exists: false,
    obstacle: undefined,
    names: [],
    record: undefined,
    traces: undefined,
  };
}

function admitUnseen(explanation: Explanation): Explanation {
  const candidates = explanation.candidates.map((candidate) =>
    candidate.accepted
      ? {
          ...candidate,
          reason: `${candidate.reason}; what is in it cannot be looked into without root`,
        }
      : candidate,
  );
  return { ...explanation, candidates };
}

function readImage(system: System, file: string): Device[] {
  const status = system.status(file);
  if (!status) throw new Failure("not-found", `Cannot look at "${file}": there is no such file`);
  if (status.kind !== "file" && status.kind !== "block")
    throw new Failure("usage", `Cannot look at "${file}": it is neither a file nor a block device`);
  return discoverImage(system, file);
}

function readYaml(system: System, directory: string): readonly YamlFile[] {
  if (system.status(directory)?.kind !== "directory")
    throw new Failure("not-found", `Cannot read "${directory}": there is no such directory`);
  try {
    system.list(directory);
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
    throw new Failure("tool", `Cannot read "${directory}": ${reasonOf(error)}`);
  }
  return readYamlFiles(system, directory);
}

function kernelParameters(system: System): readonly string[] {
  const found = listIfPresent(system, "/sys/module/overlay/parameters");
  return found.length === 0 ? allOverlayParameters : found;
}
