// Finds the medium among the devices as they appear, by inspecting them.

import type { Device } from "../core/devices/device.ts";
import {
  chooseMedium,
  describeMedium,
  isMediumNamed,
  listMediumCandidates,
  type MediumChoice,
} from "../core/medium/choose-medium.ts";
import type { MediumFinding } from "../core/medium/medium.ts";
import type { Options, ResolvedOptions } from "../core/options/options.ts";
import { places } from "../core/session/places.ts";
import { findMedia } from "../system/medium/find-media.ts";
import { inspectMedium } from "../system/medium/inspect-medium.ts";
import { endingHint, obeyEnding, openConsole } from "./console.ts";
import type { Hardware } from "./hardware.ts";
import { orElse } from "./last-guard.ts";
import { waitFor } from "./wait.ts";

/**
 * Finds the medium; without one nothing can run, so it keeps searching, and reports what it found
 * and why that is not used.
 */
export function findMedium(
  hardware: Hardware,
  { options, problems }: ResolvedOptions,
): MediumChoice {
  const { system } = hardware;
  const looked = new Map<string, { device: Device; finding: MediumFinding }>();
  // A named one can be used as soon as it exists; otherwise all devices must be known before one is
  // chosen.
  if (!isMediumNamed(options)) {
    hardware.settle();
    hardware.load("with discs");
  }
  const wait = (seconds: number, refresh = () => {}) =>
    waitFor(system, {
      what: describeMedium(options),
      seconds,
      attempt: () => attemptMedium(hardware, { options, looked }),
      refresh() {
        refresh();
        hardware.load("with discs");
      },
    });
  const choice = wait(Math.max(options.backstore.value.waitSeconds, 1));
  if (choice) return choice;
  const missing = `Cannot find ${describeMedium(options)}; plug it in, or ${endingHint}`;
  const seen = [...looked.values()].flatMap(({ device, finding }) =>
    "reason" in finding ? [`${device.path} is not the medium: ${finding.reason}`] : [],
  );
  // Another initramfs may find one on a network, or in a file.
  const unsupported = problems.flatMap((one) => (one.isOfInitramfs ? [one.message] : []));
  for (const line of [missing, ...unsupported, ...seen])
    system.say("stderr", `backstore: ${line}\n`);
  const console = openConsole(system);
  for (;;) {
    const late = wait(Number.POSITIVE_INFINITY, () => obeyEnding(system, console, 0));
    if (late) return late;
  }
}

function attemptMedium(
  hardware: Hardware,
  {
    options,
    looked,
  }: { options: Options; looked: Map<string, { device: Device; finding: MediumFinding }> },
): MediumChoice | undefined {
  const choose = (devices: readonly Device[]) => {
    const { found, leftOut } = findMedia(listMediumCandidates(devices, options), (device) => {
      const key = [device.path, device.bytes, device.superblock?.uuid].join(" ");
      const finding = looked.get(key)?.finding ?? lookForMedium(hardware, { device, options });
      looked.set(key, { device, finding });
      return finding;
    });
    return chooseMedium(found, leftOut);
  };
  const onDisk = isMediumNamed(options) ? choose(hardware.devices()) : undefined;
  return onDisk ?? choose(hardware.devices("with discs"));
}

function lookForMedium(
  hardware: Hardware,
  { device, options }: { device: Device; options: Options },
): MediumFinding {
  const { system, machine, prepare, summariseBug } = hardware;
  const look = {
    ...{ at: places.looking, machine, prepare },
    baseDirectory: options.archisobasedir.value,
    configurations: options.sysrescuecfg.value,
  };
  return orElse<MediumFinding>(
    summariseBug,
    () => inspectMedium(system, device, look),
    (reason) => ({ reason }),
  );
}
