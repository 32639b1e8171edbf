// From options and devices to the facts about the store: which device, which directory or file,
// what is in it.

import { chooseDirectoryStore } from "../../core/choosing/choose-directory-store.ts";
import { chooseFileStore, listHosts } from "../../core/choosing/choose-file-store.ts";
import { storeDirectories } from "../../core/choosing/default-directory.ts";
import type { FileRequest, StoreRequest } from "../../core/choosing/store-request.ts";
import { boundLooks, leftOut } from "../../core/devices/bound-looks.ts";
import { type Candidate, unaskedCandidates } from "../../core/devices/candidate.ts";
import type { Device } from "../../core/devices/device.ts";
import type { DeviceReference } from "../../core/devices/device-reference.ts";
import { describeMissingMembers } from "../../core/devices/members.ts";
import { isOnSameDisk } from "../../core/devices/volumes.ts";
import { viewThrough } from "../../core/file-systems/mounting.ts";
import { markMedium } from "../../core/medium/choose-medium.ts";
import type { Options } from "../../core/options/options.ts";
import { foundDirectory, type StoreFinding } from "../../core/stores/found-store.ts";
import type { HostFacts } from "../../core/stores/host-offer.ts";
import type { DirectoryFacts } from "../../core/stores/store-directory.ts";
import { describeShortage } from "../../core/superblocks/shortage.ts";
import { Failure } from "../../core/text/failure.ts";
import { reasonOf } from "../port/errors.ts";
import { errnoOf } from "../port/system.ts";

/** The functions that inspect devices. */
export interface StoreLooks {
  /** Inspects the first of the directories that exists; an errno passes through. */
  readonly directory: (device: Device, directories: readonly string[]) => DirectoryFacts;
  /** Inspects a path, with a leading slash, on a host. */
  readonly host: (device: Device, path: string) => HostFacts;
}

/** The facts needed to learn of the store. */
export interface StoreQuestion {
  /** What the options ask for. */
  readonly request: StoreRequest;
  readonly devices: readonly Device[];
  readonly options: Options;
  readonly medium: Device;
  readonly machine: string;
  readonly looks: StoreLooks;
}

/** The facts about the store, with every candidate. */
export interface LearnedStore {
  /** The devices, with what inspection found out about them. */
  readonly devices: readonly Device[];
  readonly candidates: readonly Candidate[];
  readonly finding: StoreFinding;
  /** Whether waiting for late devices is useless. */
  readonly isFinal: boolean;
}

/** Learns everything about the store that planning needs. */
export function learnStore(given: StoreQuestion): LearnedStore {
  const { request, medium } = given;
  const devices = markMedium(given.devices, medium);
  const question = { ...given, devices };
  if ("file" in request) return learnFileStore(request.file, question);
  if ("reference" in request) return learnDirectoryStore(request.reference, question);
  const { none: reason, ...more } = request;
  return {
    devices,
    candidates: unaskedCandidates(devices, reason),
    finding: { kind: "none", reason, ...more },
    isFinal: true,
  };
}

function learnFileStore(
  request: FileRequest,
  { devices, medium, looks }: StoreQuestion,
): LearnedStore {
  const look = (hosts: readonly Device[]): [string, HostFacts][] => {
    const bound = boundLooks(hosts);
    return [
      ...bound.looked.map((device): [string, HostFacts] => [
        device.path,
        looks.host(device, request.path),
      ]),
      ...bound.leftOut.map(unlooked),
    ];
  };
  const seen = new Map(look(listHosts(devices, request)));
  const { store, candidates, missing, isThere, isFinal } = chooseFileStore({
    request,
    devices,
    medium,
    looks: seen,
  });
  if (!store) {
    const reason = missing ?? "no store was chosen";
    const isMissed = request.isAsked || isThere;
    return {
      devices,
      candidates,
      finding: { kind: "none", reason, isMissed },
      isFinal,
    };
  }
  // While hibernated, Windows caches all its file systems, not only the one that it hibernates on.
  const beside = devices.filter(
    (device) =>
      isOnSameDisk(device, store.device) &&
      device.superblock?.type === "ntfs" &&
      !seen.has(device.path),
  );
  const all = new Map([...seen, ...look(beside)]);
  return { devices: markSleepers(devices, all), candidates, finding: store, isFinal: true };
}

/** What is not looked into may be that of a hibernated Windows. */
function unlooked({ path, superblock }: Device): [string, HostFacts] {
  const isHibernated = superblock?.type === "ntfs";
  return [path, { obstacle: leftOut, isHibernated, found: undefined }];
}

function markSleepers(
  devices: readonly Device[],
  looks: ReadonlyMap<string, HostFacts>,
): readonly Device[] {
  return devices.map((device) => {
    const { superblock, path } = device;
    if (!superblock || !looks.get(path)?.isHibernated) return device;
    const unclean = [...superblock.unclean, "hibernated" as const];
    return { ...device, superblock: { ...superblock, unclean } };
  });
}

function learnDirectoryStore(
  reference: DeviceReference,
  { devices, options, medium, machine, looks }: StoreQuestion,
): LearnedStore {
  const { device, candidates, missing, isFinal } = chooseDirectoryStore(devices, reference);
  const without = (reason: string, isStill = isFinal): LearnedStore => ({
    devices,
    candidates,
    finding: { kind: "none", reason, isMissed: true },
    isFinal: isStill,
  });
  if (!device) return without(missing ?? "no device was chosen");
  try {
    const directories = storeDirectories({
      given: options.cow_directory.value,
      mediumLabel: options.archisolabel.value ?? medium.superblock?.label ?? "",
      machine,
    });
    const seen = viewThrough(device, options.cow_flags.value ?? "");
    const facts = looks.directory(seen, directories);
    return { devices, candidates, finding: foundDirectory(device, facts), isFinal: true };
  } catch (error) {
    if (errnoOf(error) === undefined && !(error instanceof Failure)) throw error;
    const missing = describeMissingMembers(device);
    const reason = missing ?? describeShortage(device) ?? reasonOf(error);
    // The others may be on their way.
    return without(`${device.path} could not be inspected: ${reason}`, missing === undefined);
  }
}
