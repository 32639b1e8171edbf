// Finds the store among the devices as they appear: on the named device, or on the hosts that may
// have its file. Slow devices are waited for if a store was requested, and never before the present
// USB devices are ready.

import {
  chooseRequest,
  describeFileRequest,
  type FileRequest,
} from "../core/choosing/store-request.ts";
import { unaskedCandidates } from "../core/devices/candidate.ts";
import type { Device } from "../core/devices/device.ts";
import { type DeviceReference, describeReference } from "../core/devices/device-reference.ts";
import type { Medium } from "../core/medium/medium.ts";
import type { Options } from "../core/options/options.ts";
import { places } from "../core/session/places.ts";
import type { HostFacts } from "../core/stores/host-offer.ts";
import type { DirectoryFacts } from "../core/stores/store-directory.ts";
import { inspectStore } from "../system/stores/inspect-directory.ts";
import { inspectHost } from "../system/stores/inspect-host.ts";
import {
  type LearnedStore,
  learnStore,
  type StoreLooks,
  type StoreQuestion,
} from "../system/stores/learn-store.ts";
import type { Hardware } from "./hardware.ts";
import { orElse, orRefuse } from "./last-guard.ts";
import { waitFor, waitForUsb, waitForUsbStorage } from "./wait.ts";

/**
 * Finds the store that the options request, waits for its device, inspects it, and returns the
 * devices that it was chosen from.
 */
export function findStore(
  hardware: Hardware,
  { options, medium }: { options: Options; medium: Medium },
): LearnedStore {
  const request = chooseRequest(options);
  const looks = startLooks(hardware);
  const learn = (discs?: "with discs") =>
    learnGuarded(hardware, {
      request,
      devices: hardware.devices(discs),
      options,
      medium: medium.device,
      machine: hardware.machine,
      looks,
    });
  const { waitSeconds } = options.backstore.value;
  if ("file" in request) return findFile(hardware, { request: request.file, waitSeconds, learn });
  if ("reference" in request)
    return findDevice(hardware, { reference: request.reference, waitSeconds, learn });
  hardware.prepare("overlay");
  return learn();
}

/** Learns of the store; where that fails by a bug, there is none. */
export function learnGuarded(
  { summariseBug }: Pick<Hardware, "summariseBug">,
  question: StoreQuestion,
): LearnedStore {
  const { devices } = question;
  return orElse<LearnedStore>(
    summariseBug,
    () => learnStore(question),
    (reason) => ({
      devices,
      candidates: unaskedCandidates(devices, reason),
      finding: { kind: "none", reason, isMissed: true },
      isFinal: true,
    }),
  );
}

interface Finding {
  readonly waitSeconds: number;
  readonly learn: (discs?: "with discs") => LearnedStore;
}

function findDevice(
  hardware: Hardware,
  { reference, waitSeconds, learn }: Finding & { readonly reference: DeviceReference },
): LearnedStore {
  const { system } = hardware;
  // Modules that will be needed are loaded, and the likely device is inspected, while drivers still
  // probe others.
  let learned = learn();
  hardware.prepare("overlay");
  // A label may exist twice: devices that are still on their way are waited for before one is
  // chosen.
  if (reference.kind !== "path") {
    hardware.settle();
    waitForUsbStorage(system, hardware.load);
  }
  waitFor(system, {
    what: `the store's device, ${describeReference(reference)}`,
    seconds: waitSeconds,
    refresh: hardware.load,
    attempt: () => {
      learned = learn();
      return learned.isFinal ? learned : undefined;
    },
  });
  return learned;
}

function findFile(
  hardware: Hardware,
  { request, waitSeconds, learn }: Finding & { readonly request: FileRequest },
): LearnedStore {
  const { system } = hardware;
  hardware.prepare("overlay");
  // A file may exist twice: all devices must have appeared before one is chosen.
  if (request.device?.kind !== "path") {
    hardware.settle();
    hardware.load("with discs");
    waitForUsb(system, () => hardware.load("with discs"));
  }
  let learned = learn("with discs");
  if (!request.isExplicit || learned.isFinal) return learned;
  waitFor(system, {
    what: `the store ${describeFileRequest(request)}`,
    seconds: waitSeconds,
    refresh: () => hardware.load("with discs"),
    attempt: () => {
      learned = learn("with discs");
      return learned.isFinal ? learned : undefined;
    },
  });
  return learned;
}

/**
 * Inspects each device once for the same thing, while it is unchanged; an inspection that failed
 * fails again.
 */
export function startLooks({ system, prepare, into, summariseBug }: Hardware): StoreLooks {
  const how = { at: places.looking, prepare, ...(into && { into }) };
  const directories = new Map<string, Look<DirectoryFacts>>();
  const hosts = new Map<string, Look<HostFacts>>();
  return {
    directory: (device, names) =>
      once(directories, keyOf(device, names), () =>
        orRefuse(summariseBug, () => inspectStore(system, { ...how, device, directories: names })),
      ),
    host: (device, path) =>
      once(hosts, keyOf(device, [path]), () =>
        orElse<HostFacts>(
          summariseBug,
          () => inspectHost(system, { ...how, device, path }),
          (obstacle) => ({ obstacle, isHibernated: false, found: undefined }),
        ),
      ),
  };
}

function keyOf(
  { path, bytes, superblock, companions, view }: Device,
  names: readonly string[],
): string {
  return [path, bytes, superblock?.uuid, companions?.length, view, ...names].join(" ");
}

type Look<T> = { readonly facts: T } | { readonly error: unknown };

function once<T>(known: Map<string, Look<T>>, key: string, look: () => T): T {
  const seen = known.get(key) ?? attempt(look);
  known.set(key, seen);
  if ("error" in seen) throw seen.error;
  return seen.facts;
}

function attempt<T>(look: () => T): Look<T> {
  try {
    return { facts: look() };
  } catch (error) {
    return { error };
  }
}
