// The devices of the machine while it still finds them: each round loads the modules for what is new and lists what is
// there. Loading and waiting go on side by side: drivers probe while the next round is under way.
import type { Device } from "../core/device.ts";
import { defaultOptionsFile } from "../core/initramfs-contents.ts";
import { type DeviceCache, discoverDevices } from "../system/discover.ts";
import { listIfPresent, readIfPresent } from "../system/files.ts";
import { loadFileSystem, loadForHardware, loadModules, readModules } from "../system/modules.ts";
import type { System } from "../system/system.ts";

/** Is a search under way. */
export interface Search {
  readonly system: System;
  readonly machine: string;
  readonly texts: { readonly defaults: string | undefined; readonly commandLine: string };
  /** Loads drivers for new hardware and lists the devices that are there now. */
  readonly devices: () => readonly Device[];
  /** Makes the kernel able to mount a type. */
  readonly prepare: (type: string) => void;
  /** Modules that could not be loaded, in words. */
  readonly problems: string[];
}

/** Starts listening for devices and loads what every boot needs. */
export function startSearch(system: System): Search {
  // Before the first driver is loaded, so that no announcement is missed.
  system.waitForDevices(0);
  const library = readModules(system);
  const problems = library.problem === undefined ? [] : [library.problem];
  const seen = new Set<string>();
  const cache: DeviceCache = new Map();
  const note = (found: readonly { module: string; errno: string }[]) => {
    problems.push(
      ...found.map(({ module, errno }) => `the kernel refused the module "${module}" (${errno})`),
    );
  };
  note(loadModules(system, library, ["loop", "overlay"]).problems);
  return {
    system,
    machine: system.kernel().machine,
    texts: {
      defaults: readIfPresent(system, defaultOptionsFile),
      commandLine: readIfPresent(system, "/proc/cmdline") ?? "",
    },
    problems,
    prepare: (type) => note(loadFileSystem(system, library, type).problems),
    devices() {
      // A new driver may bring a bus with devices that want drivers themselves.
      for (let round = 0; round < maxRounds; round++) {
        const { inserted, problems: found } = loadForHardware(system, library, seen);
        note(found);
        if (inserted.length === 0) break;
      }
      return discoverDevices(system, cache);
    },
  };
}

const maxRounds = 16;

/**
 * Tells whether a USB storage device is there whose disk the kernel has not announced yet: its driver waits a second
 * before it asks the device. /sys/bus/usb, bInterfaceClass 08.
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
