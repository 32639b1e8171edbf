// Learns and decides as a boot does, but does nothing. Without root nothing can be mounted, so file
// systems that would have to be inspected are reported as such.

import { chooseRequest } from "../../core/choosing/store-request.ts";
import type { Device } from "../../core/devices/device.ts";
import {
  chooseMedium,
  isMediumNamed,
  listMediumCandidates,
  type MediumChoice,
} from "../../core/medium/choose-medium.ts";
import { type MediumFinding, unknownMedium } from "../../core/medium/medium.ts";
import type { YamlFile } from "../../core/options/option-source.ts";
import type { Options } from "../../core/options/options.ts";
import { readOptions } from "../../core/options/read-options.ts";
import { type Explanation, explain } from "../../core/session/explanation.ts";
import { planCopy } from "../../core/session/plan-copy.ts";
import { planSession } from "../../core/session/plan-session.ts";
import { planVerification } from "../../core/session/plan-verification.ts";
import type { DirectoryFacts } from "../../core/stores/store-directory.ts";
import { withLookingPlace } from "../looking/looking-place.ts";
import { lookAround } from "../looking/view.ts";
import { findMedia } from "../medium/find-media.ts";
import { inspectMedium } from "../medium/inspect-medium.ts";
import { sayIfSlow } from "../port/say-if-slow.ts";
import type { System } from "../port/system.ts";
import { inspectStore } from "../stores/inspect-directory.ts";
import { inspectHost } from "../stores/inspect-host.ts";
import { learnStore, type StoreLooks } from "../stores/learn-store.ts";
import { learnUsage } from "../usage/usage.ts";
import { listProblems, startSessionFacts } from "./session-facts.ts";

/** The boot to explain. */
interface ExplainRequest {
  readonly devices: readonly Device[];
  readonly credential?: string | undefined;
  readonly commandLine: string;
  readonly yaml: readonly YamlFile[] | undefined;
  readonly overlayParameters: readonly string[];
  /** Undefined without root. */
  readonly looks: DeviceLooks | undefined;
  readonly version: string;
}

/** Inspects devices. */
interface DeviceLooks {
  readonly medium: (device: Device, options: Options) => MediumFinding;
  readonly stores: StoreLooks;
}

/** Learns and decides as a boot does, and does nothing. */
export function explainBoot(system: System, request: ExplainRequest): Explanation {
  const { commandLine, looks, version } = request;
  const machine = system.kernel().machine;
  const search = findMedium(system, request);
  const known = search.choice?.medium ?? unknownMedium(search.device);
  const { options, problems } = readOptions({
    defaults: undefined,
    yaml: request.yaml ?? known.yaml,
    credential: request.credential,
    commandLine,
  });
  const learned = learnStore({
    request: chooseRequest(options),
    devices: request.devices,
    options,
    machine,
    medium: known.device,
    looks: looks?.stores ?? blind,
  });
  const facts = startSessionFacts(system, {
    options,
    medium: known,
    overlayParameters: request.overlayParameters,
    record: { id: "made at boot", version, started: "at boot" },
  })(learned);
  const copy = planCopy({ ...facts, availableBytes: undefined });
  const isCopied = copy?.result.isCopied === true;
  const verification = planVerification({ ...facts, isCopied });
  const plan = planSession({ ...facts, isCopied });
  const explanation = explain({
    options,
    problems: listProblems(problems, search.choice, { devices: learned.devices, options }),
    candidates: learned.candidates,
    copy,
    verification,
    plan,
    medium: search.choice ? known : { reason: search.reason },
  });
  return looks ? explanation : admitUnseen(explanation);
}

/** A machine with no more of them is looked at in silence. */
const usualCandidates = 16;

interface MediumSearch {
  readonly choice: MediumChoice | undefined;
  /** The device that the options name, if it could not be inspected. */
  readonly device?: Device | undefined;
  /** Why there is no choice. */
  readonly reason: string;
}

function findMedium(system: System, request: ExplainRequest): MediumSearch {
  const { devices, credential, commandLine, looks } = request;
  const { options } = readOptions({ defaults: undefined, yaml: [], credential, commandLine });
  const candidates = listMediumCandidates(devices, options);
  const device = isMediumNamed(options) ? candidates[0] : undefined;
  if (!looks) return { choice: undefined, device, reason: "it cannot be inspected without root" };
  const tick = sayIfSlow(system, () => `looking into ${candidates.length} file systems`);
  const { found, looked, leftOut } = findMedia(candidates, (candidate) => {
    if (candidates.length > usualCandidates) tick();
    return looks.medium(candidate, options);
  });
  const choice = chooseMedium(found, leftOut);
  const reasons = looked.flatMap(({ device: { path }, finding }) =>
    "reason" in finding ? [`${path}: ${finding.reason}`] : [],
  );
  const seen = reasons.length === 0 ? "" : ` (${reasons.join("; ")})`;
  return { choice, device, reason: `no device with a live system was found${seen}` };
}

/**
 * Calls `use` with looks into devices, in private mounts; undefined without the right to
 * mount.
 */
export function withLooks<T>(system: System, use: (looks: DeviceLooks | undefined) => T): T {
  return withLookingPlace(system, (at) => use(at === undefined ? undefined : looksAt(system, at)));
}

function looksAt(system: System, at: string): DeviceLooks {
  const machine = system.kernel().machine;
  // The running kernel finds its modules by itself.
  const prepare = () => {};
  // Mounted file systems are viewed through their mounts.
  const how = { at, prepare, into: lookAround(learnUsage(system)) };
  return {
    medium: (device, options) =>
      inspectMedium(system, device, {
        ...{ ...how, machine },
        baseDirectory: options.archisobasedir.value,
        configurations: options.sysrescuecfg.value,
      }),
    stores: {
      directory: (device, directories) => inspectStore(system, { ...how, device, directories }),
      host: (device, path) => inspectHost(system, { ...how, device, path }),
    },
  };
}

/**
 * Without inspection the likely case of a directory is assumed: a store that was used before. A
 * file may be anywhere.
 */
const blind: StoreLooks = {
  directory: (_, [directory = ""]) => unseen(directory),
  host: () => ({
    obstacle: "it cannot be inspected without root",
    isHibernated: false,
    found: undefined,
  }),
};

function unseen(directory: string): DirectoryFacts {
  return {
    directory,
    exists: true,
    obstacle: undefined,
    names: ["upperdir", "workdir"],
    record: undefined,
    traces: undefined,
  };
}

function admitUnseen(explanation: Explanation): Explanation {
  const candidates = explanation.candidates.map((candidate) =>
    candidate.accepted
      ? {
          ...candidate,
          reason: `${candidate.reason}; its contents cannot be inspected without root`,
        }
      : candidate,
  );
  return { ...explanation, candidates };
}
