// The program of the initramfs: started by the kernel as PID 1 with only its own root in memory, it
// ends by executing the system's own init, with the system's root mounted and the verdict reported.
// It has three phases, the first in two rounds, because the store's directory can be named only
// once the medium is known: learn, decide, act.
import { defaultOptionsFile } from "../core/initramfs/initramfs-contents.ts";
import { readOptions } from "../core/options/read-options.ts";
import { places } from "../core/session/places.ts";
import { Failure } from "../core/text/failure.ts";
import { readIfPresent } from "../system/port/files.ts";
import type { System } from "../system/port/system.ts";
import { summariseBug } from "../system/port/trace.ts";
import { readCredential } from "../system/session/read-credential.ts";
import { execute } from "../system/steps/execute.ts";
import { findMedium } from "./find-medium.ts";
import { handOver } from "./hand-over.ts";
import { startHardware } from "./hardware.ts";
import type { SummariseBug } from "./last-guard.ts";
import { startPlan } from "./start-plan.ts";
import { startSession } from "./start-session.ts";
import type { PhaseTimes } from "./verdict.ts";
import { waitForEver } from "./wait.ts";

/** The arguments that the kernel starts this program with, and the version. */
interface BootCall {
  /** The words that the kernel passes on to init. */
  readonly words: readonly string[];
  readonly version: string;
  /** Describes a bug in one line. */
  readonly summariseBug?: SummariseBug;
}

/** Boots the system: executes its init, or waits for the user if nothing else is right. */
export function boot(system: System, call: BootCall): never {
  try {
    return bootSystem(system, call);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return waitForEver(system, `${error.message}; press Ctrl-Alt-Del to restart`);
  }
}

function bootSystem(system: System, call: BootCall): never {
  const { words, version } = call;
  const summarise: SummariseBug = call.summariseBug ?? ((error) => summariseBug(error, undefined));
  execute(system, startPlan);
  const times: PhaseTimes = { started: system.uptimeMs() };
  const hardware = startHardware(system, summarise);

  const texts = {
    defaults: readIfPresent(system, defaultOptionsFile),
    credential: readCredential(system),
    commandLine: readIfPresent(system, "/proc/cmdline") ?? "",
  };
  const before = readOptions({ ...texts, yaml: [] });
  const choice = findMedium(hardware, before);
  startSession(hardware, { texts, before, choice, times, version });
  return handOver(system, { root: places.root, words, commandLine: texts.commandLine });
}
