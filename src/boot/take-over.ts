// The program as an addition to another initramfs: that has assembled its root with changes in
// memory and is about to hand over, and calls this one. It learns from the mount table what was
// assembled, and then does as a boot of its own. Whatever goes wrong, the other's root is there and
// starts, and the verdict says why.

import { formatDeviceNumber } from "../core/kernel/device-number.ts";
import {
  chooseMedium,
  listMediumCandidates,
  type MediumChoice,
} from "../core/medium/choose-medium.ts";
import { unknownMedium } from "../core/medium/medium.ts";
import type { Options } from "../core/options/options.ts";
import { readOptions } from "../core/options/read-options.ts";
import { places } from "../core/session/places.ts";
import { planPreparation, planRemoval } from "../core/session/plan-preparation.ts";
import type { Plan } from "../core/steps/step.ts";
import { isLeftAlone, keepOwnStore, type LiveRoot } from "../core/takeover/live-root.ts";
import { planCommand, planTakeoverEnd } from "../core/takeover/takeover-end.ts";
import { Failure } from "../core/text/failure.ts";
import { type DeviceCache, discoverDevices } from "../system/devices/discover-devices.ts";
import { lookAround } from "../system/looking/view.ts";
import { findMedia } from "../system/medium/find-media.ts";
import { inspectMedium } from "../system/medium/inspect-medium.ts";
import { loadFromBase } from "../system/modules/base-modules.ts";
import { reasonOf } from "../system/port/errors.ts";
import { errnoOf, type System } from "../system/port/system.ts";
import { execute } from "../system/steps/execute.ts";
import { inspectRoot } from "../system/takeover/inspect-root.ts";
import { learnUsage } from "../system/usage/usage.ts";
import type { Hardware } from "./hardware.ts";
import type { SummariseBug } from "./last-guard.ts";
import { leaveAlone, readTexts } from "./leave-alone.ts";
import { startSession } from "./start-session.ts";
import type { PhaseTimes } from "./verdict.ts";

/** A call by a hook of another initramfs. */
interface TakeoverCall {
  /** Where it has mounted its root. */
  readonly root: string;
  /** Whether the other initramfs keeps changes itself, although they are in memory. */
  readonly isKept?: boolean;
  /** The path of this program. */
  readonly program: string;
  readonly version: string;
  readonly summariseBug: SummariseBug;
}

/** Takes over the root of another initramfs, or leaves it as it is. */
export function takeOver(system: System, call: TakeoverCall): void {
  const times: PhaseTimes = { started: system.uptimeMs() };
  try {
    takeOverRoot(system, call, times);
  } catch (error) {
    const reason = describeFailure(error);
    const { root, version, summariseBug } = call;
    const left = { root, family: "unknown", kind: "failed", reason, changes: "unknown" } as const;
    try {
      leaveAlone(useHardware(system, { root, summariseBug }), { left, version, times });
    } catch (another) {
      const line = `no store is used: ${reason}; no verdict: ${describeFailure(another)}\n`;
      for (const where of ["stderr", "kernel"] as const) system.say(where, `backstore: ${line}`);
    }
  }
}

/** Describes what the machine or a person can be the reason for; a bug is thrown on. */
function describeFailure(error: unknown): string {
  if (error instanceof Failure) return error.message;
  if (errnoOf(error) === undefined) throw error;
  return reasonOf(error);
}

function takeOverRoot(
  system: System,
  { root, isKept, program, version, summariseBug }: TakeoverCall,
  times: PhaseTimes,
): void {
  const inspected = inspectRoot(system, root);
  const found = isKept ? keepOwnStore(inspected) : inspected;
  const hardware = useHardware(system, { root, summariseBug });
  const own = { path: program, bytes: system.status(program)?.bytes ?? 0 };
  const isThere = (path: string) => system.linkStatus(path) !== undefined;
  if (isLeftAlone(found)) {
    leaveAlone(hardware, { left: found, version, times });
    executeAll(system, planCommand({ mounts: system.mounts(), program: own, isThere }));
    return;
  }
  execute(system, planPreparation(system.mounts()));
  const texts = readTexts(system);
  const before = readOptions({ ...texts, yaml: [] });
  const { choice, live } = findMedium(hardware, { options: before.options, found });
  const session = startSession(hardware, { texts, before, choice, times, version, live });
  if (session === "volatile") {
    execute(system, planRemoval(system.mounts()));
    const left = { mounts: system.mounts(), program: own, isThere, inMemory: root };
    executeAll(system, planCommand(left));
    return;
  }
  const ends = system.status("/run/initramfs");
  const isPrivate = ends !== undefined && (ends.mode & 0o1) === 0;
  executeAll(
    system,
    planTakeoverEnd({ mounts: system.mounts(), program: own, isThere, isPrivate }),
  );
}

/** Executes what no session depends on, and says what of it failed. */
function executeAll(system: System, plan: Plan<undefined>): void {
  for (const { message } of execute(system, plan).failures)
    system.say("stderr", `backstore: ${message}\n`);
}

/** The other initramfs has loaded the drivers of devices; those of file systems may be missing. */
function useHardware(
  system: System,
  { root, summariseBug }: { readonly root: string; readonly summariseBug: SummariseBug },
): Hardware {
  const cache: DeviceCache = new Map();
  const problems: string[] = [];
  const prepared = new Set<string>();
  system.waitForDevices(0);
  return {
    system,
    machine: system.kernel().machine,
    summariseBug,
    devices: (discs) =>
      discoverDevices(system, { cache, readsDiscs: discs !== undefined, summariseBug }),
    forget: () => cache.clear(),
    load: () => {},
    settle: () => {},
    prepare(type) {
      if (type === "" || prepared.has(type)) return;
      prepared.add(type);
      const problem = loadFromBase(system, { root, at: places.check }, type);
      if (problem !== undefined) problems.push(problem);
    },
    into: lookAround(learnUsage(system)),
    problems,
  };
}

/**
 * Finds the device that the base comes from. If it was copied into memory, the medium is searched
 * for, because a store's directory is named after it.
 */
function findMedium(
  hardware: Hardware,
  { options, found }: { options: Options; found: LiveRoot },
): { readonly choice: MediumChoice; readonly live: LiveRoot } {
  const { system, machine, prepare, into } = hardware;
  const devices = hardware.devices("with discs");
  const { medium: mounted } = found;
  const device = devices.find(({ path }) => {
    const number = system.status(path)?.deviceNumber ?? 0;
    return number !== 0 && formatDeviceNumber(number) === mounted?.deviceNumber;
  });
  const candidates = device === undefined ? listMediumCandidates(devices, options) : [device];
  const media = findMedia(candidates, (candidate) =>
    inspectMedium(system, candidate, {
      at: places.looking,
      machine,
      prepare,
      baseDirectory: options.archisobasedir.value,
      configurations: options.sysrescuecfg.value,
      ...(into && { into }),
    }),
  );
  const choice = chooseMedium(media.found) ?? { medium: unknownMedium(device), others: [] };
  if (mounted === undefined || device === undefined) return { choice, live: found };
  return { choice, live: { ...found, medium: { ...mounted, source: device.path } } };
}
