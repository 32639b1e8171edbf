// The devices of the machine while it still finds them: loads drivers for the present hardware, and
// lists the devices. If the medium is named, slow drivers (ATA waits for its links) are loaded by a
// child process while this one continues; one process loads them one after the other, so that disks
// get their names in the same order at every boot.
import type { Device } from "../core/devices/device.ts";
import { isPromptModule, promptBuses } from "../core/modules/module-index.ts";
import { type DeviceCache, discoverDevices } from "../system/devices/discover-devices.ts";
import type { LookInto } from "../system/looking/look.ts";
import {
  type HardwareRound,
  loadFileSystem,
  loadForHardware,
  loadModules,
  type ModuleLibrary,
  type ModuleProblem,
  matchHardware,
  readModules,
  refreshModules,
} from "../system/modules/load-modules.ts";
import { listIfPresent, readIfPresent } from "../system/port/files.ts";
import type { Background, System } from "../system/port/system.ts";
import type { SummariseBug } from "./last-guard.ts";

/** The hardware of the machine, with functions that make more of it usable. */
export interface Hardware {
  readonly system: System;
  readonly machine: string;
  /** Describes what the last guard caught. */
  readonly summariseBug: SummariseBug;
  /** Lists the present devices; optical discs are read only on request. */
  readonly devices: (discs?: "with discs") => readonly Device[];
  /** Reads every device anew from now on, because something was written to one. */
  readonly forget: () => void;
  /** Loads drivers for new hardware, unless that is in progress. */
  readonly load: (discs?: "with discs") => void;
  /** Waits until every driver has probed its devices. */
  readonly settle: () => void;
  /** Makes the kernel able to mount a type. */
  readonly prepare: (type: string) => void;
  /** Shows a file system for inspection; by default it is mounted for that. */
  readonly into?: LookInto;
  /** Modules that could not be loaded, in words. */
  readonly problems: string[];
}

/** Starts listening for devices and loads what every boot needs. */
export function startHardware(system: System, summariseBug: SummariseBug): Hardware {
  // Before the first driver is loaded, so that no announcement is missed.
  system.waitForDevices(0);
  const library = readModules(system);
  const problems = library.problem === undefined ? [] : [library.problem];
  const note = (found: readonly ModuleProblem[]) => {
    problems.push(...found.map(describeProblem));
  };
  const seen = new Set<string>();
  const cache: DeviceCache = new Map();
  // Optical drives have rounds of their own: an empty one takes long to report that, and no store
  // can be in it.
  const seenForDiscs = new Set<string>();
  note(loadModules(system, library, library.index.first ?? []).problems);
  const prompt = { seen: new Set<string>(), buses: promptBuses, isWanted: isPromptModule };
  note(loadRounds(system, library, prompt));
  library.isHurried = true;
  let others: Background | undefined = system.background(() => loadOthers(system, library));
  note(loadModules(system, library, ["loop"]).problems);
  const finishOthers = () => {
    others?.wait();
    others = undefined;
    library.isHurried = false;
    refreshModules(system, library);
  };
  return {
    system,
    machine: system.kernel().machine,
    summariseBug,
    problems,
    settle: finishOthers,
    forget: () => cache.clear(),
    prepare: (type) => note(loadFileSystem(system, library, type).problems),
    load(discs) {
      if (others?.isOver()) finishOthers();
      if (others) return;
      const round = discs ? { seen: seenForDiscs } : { seen, isWanted: isNoDiscModule };
      note(loadRounds(system, library, round));
    },
    devices: (discs) =>
      discoverDevices(system, { cache, readsDiscs: discs !== undefined, summariseBug }),
  };
}

function describeProblem({ module, errno }: ModuleProblem): string {
  return `the kernel refused the module "${module}" (${errno})`;
}

function isNoDiscModule(module: string): boolean {
  return module !== "sr_mod";
}

/**
 * Loads the drivers that are not prompt. Disk controllers come first, because some of them take
 * long; meanwhile the other hardware is examined, and its drivers are loaded when all controllers
 * have their disks.
 */
function loadOthers(system: System, library: ModuleLibrary): void {
  library.isHurried = false;
  const controllers = system.background(() => {
    const round = { seen: new Set<string>(), isWanted: isNoDiscModule, buses: ["pci"] };
    tellProblems(system, loadRounds(system, library, round));
  });
  const round = { seen: new Set<string>(), isWanted: isNoDiscModule };
  const modules = matchHardware(system, library, round);
  controllers.wait();
  refreshModules(system, library);
  const { problems } = loadModules(system, library, modules);
  tellProblems(system, [...problems, ...loadRounds(system, library, round)]);
}

/** Memory of a child process is lost when it ends, so the kernel log keeps it. */
function tellProblems(system: System, problems: readonly ModuleProblem[]): void {
  for (const problem of problems) {
    system.say("kernel", `backstore: ${describeProblem(problem)}\n`);
  }
}

/** A new driver may add a bus with devices that need drivers themselves. */
function loadRounds(system: System, library: ModuleLibrary, round: HardwareRound): ModuleProblem[] {
  const found: ModuleProblem[] = [];
  for (let count = 0; count < maxRounds; count++) {
    const { inserted, problems } = loadForHardware(system, library, round);
    found.push(...problems);
    if (inserted.length === 0) break;
  }
  return found;
}

const maxRounds = 16;

/**
 * Returns whether there is a USB storage device whose disk the kernel has not announced yet: its
 * driver waits a second before it probes the device. /sys/bus/usb, bInterfaceClass 08.
 */
export function awaitsUsbStorage(system: System): boolean {
  const directory = "/sys/bus/usb/devices";
  return listIfPresent(system, directory).some((name) => {
    if (!name.includes(":")) return false;
    if (readIfPresent(system, `${directory}/${name}/bInterfaceClass`)?.trim() !== "08")
      return false;
    return !hasDisk(system, `${directory}/${name}`);
  });
}

/** host0/target0:0:0/0:0:0:0/block, three levels below the interface. */
function hasDisk(system: System, interfacePath: string): boolean {
  const below = (paths: string[], pattern: RegExp) =>
    paths.flatMap((path) =>
      listIfPresent(system, path)
        .filter((name) => pattern.test(name))
        .map((name) => `${path}/${name}`),
    );
  const units = below(below(below([interfacePath], /^host\d/), /^target\d/), /^\d+:/);
  return below(units, /^block$/).length > 0;
}
