// Waiting for hardware: with a limit, visible, and ended as soon as what is waited for is there.

import { listIfPresent, readIfPresent } from "../system/port/files.ts";
import type { System } from "../system/port/system.ts";
import { endingHint, obeyEnding, openConsole } from "./console.ts";
import { awaitsUsbStorage } from "./hardware.ts";

/** A wait for something, with a time limit. */
interface Wait<T> {
  /** "the medium labelled …": shown to the user. */
  readonly what: string;
  readonly seconds: number;
  /** Looks whether it is there. */
  readonly attempt: () => T | undefined;
  /** Handles new devices, before the next attempt. */
  readonly refresh: () => void;
}

/** Waits until `attempt` returns something; undefined if the time is over. */
export function waitFor<T>(
  system: System,
  { what, seconds, attempt, refresh }: Wait<T>,
): T | undefined {
  const end = system.uptimeMs() + seconds * 1000;
  let shown: number | undefined;
  for (;;) {
    const found = attempt();
    const leftMs = end - system.uptimeMs();
    if (found !== undefined || leftMs <= 0) {
      if (shown !== undefined) system.say("stderr", "\n");
      return found;
    }
    system.waitForDevices(Math.min(leftMs, longestSilenceMs));
    refresh();
    const left = Math.max(0, Math.ceil((end - system.uptimeMs()) / 1000));
    // A wait of less than a second is not reported.
    if (left === shown || left >= seconds) continue;
    system.say("stderr", `\rbackstore: waiting for ${what}: ${left} s `);
    shown = left;
  }
}

/**
 * The end of a process that loads drivers is not announced, and neither is a disc that is put into
 * a drive.
 */
const longestSilenceMs = 250;

/** Waits until every USB storage device has shown its disk, at most some seconds. */
export function waitForUsbStorage(system: System, refresh: () => void): void {
  waitFor(system, {
    what: "USB disks that are still being detected",
    seconds: 10,
    attempt: () => (awaitsUsbStorage(system) ? undefined : true),
    refresh,
  });
}

/**
 * Waits until USB has nothing left to enumerate, at most some seconds: no device was added for a
 * while, and each storage device has shown its disk. Ports do not report which devices are still
 * being reset. If all devices were connected long ago, nothing is waited for.
 */
export function waitForUsb(system: System, refresh: () => void): void {
  let seen = "";
  let quietSince = system.uptimeMs();
  waitFor(system, {
    what: "USB disks that are still being detected",
    seconds: 10,
    attempt: () => {
      const names = listIfPresent(system, "/sys/bus/usb/devices").join(" ");
      if (names === "") return true;
      const now = system.uptimeMs();
      const isAwaited = awaitsUsbStorage(system);
      if (names !== seen || isAwaited) quietSince = now;
      seen = names;
      if (isAwaited) return undefined;
      const isQuiet = now - quietSince >= quietMs || isLongConnected(system, names.split(" "));
      return isQuiet ? true : undefined;
    },
    refresh,
  });
}

/**
 * A port is debounced for 100 ms and reset before its device is identified; hubs handle their ports
 * one by one.
 */
const quietMs = 750;

/** Between the connection of a device and its appearance it is reset and identified. */
const identifiedMs = 250;

/**
 * Returns whether the last device was connected longer ago than ports take, by the kernel's clock
 * (power/connected_duration, in milliseconds; kernels without power management have none).
 */
function isLongConnected(system: System, names: readonly string[]): boolean {
  return names.every((name) => {
    // Interfaces come with their device.
    if (name.includes(":")) return true;
    const text = readIfPresent(system, `/sys/bus/usb/devices/${name}/power/connected_duration`);
    return Number(text?.trim() || 0) >= quietMs + identifiedMs;
  });
}

/**
 * Stops here, says why, and leaves the machine to the user, who can restart it or power it off;
 * there is never a shell.
 */
export function waitForEver(system: System, reason: string): never {
  const console = openConsole(system);
  system.say("stderr", `backstore: ${reason}\nbackstore: ${endingHint}\n`);
  while (!console.isGone()) obeyEnding(system, console, 3_600_000);
  for (;;) system.waitForDevices(3_600_000);
}
