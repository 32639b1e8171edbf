// Which host has the store's file. A store on the medium wins; else exactly one; else none is
// chosen and all are named with the option that would choose each. If something that is not a store
// has the name of the file, it is named and not touched.

import {
  type Candidate,
  candidate,
  describeChoice,
  describeOther,
  formatChoice,
  unrecognised,
} from "../devices/candidate.ts";
import type { Device } from "../devices/device.ts";
import {
  type DeviceReference,
  describeReference,
  matchesReference,
} from "../devices/device-reference.ts";
import { describeHidden } from "../devices/hidden-devices.ts";
import { isOnSameDisk, isSameVolume, listVolumes, showsSameVolume } from "../devices/volumes.ts";
import { driverOf } from "../file-systems/mounting.ts";
import { type FoundStore, foundFile } from "../stores/found-store.ts";
import { type HostFacts, type HostOffer, identifyOffer } from "../stores/host-offer.ts";
import { formatFew, formatQuoted, joinFew } from "../text/quoted.ts";
import { formatFileOptions } from "./choosing-options.ts";
import { describeFileRequest, type FileRequest } from "./store-request.ts";

/** The facts for the choice; `looks` has what was found on each of listHosts(), by path. */
interface FileSearch {
  readonly request: FileRequest;
  readonly devices: readonly Device[];
  readonly medium: Device;
  readonly looks: ReadonlyMap<string, HostFacts>;
}

/** The choice of a file store: at most one, every candidate, and a sentence if there is none. */
interface FileStoreChoice {
  readonly store: FoundStore | undefined;
  readonly candidates: readonly Candidate[];
  /** Why none was chosen ("there is no …"); undefined if one was. */
  readonly missing: string | undefined;
  /** Whether something with that name exists, so that a loss must be reported. */
  readonly isThere: boolean;
  /**
   * Whether waiting longer is useless: something with that name exists, or the named device does
   * but has no such file.
   */
  readonly isFinal: boolean;
}

/** Lists the devices to inspect, each file system once. */
export function listHosts(devices: readonly Device[], request: FileRequest): readonly Device[] {
  return listVolumes(
    devices.filter(
      (device) => describeUnsought(device, request) === undefined && isMountable(device),
    ),
  );
}

/** Chooses the host whose file is the store. */
export function chooseFileStore(search: FileSearch): FileStoreChoice {
  const { devices, request, medium } = search;
  const hosts: Host[] = listHosts(devices, request).map((device) => ({
    device,
    offer: offerOf(device, search),
    nearness: nearnessOf(device, medium),
  }));
  const stores = hosts.filter(({ offer }) => offer.kind === "store");
  const nearest = Math.min(...stores.map(({ nearness }) => nearness));
  const first = stores.filter(({ nearness }) => nearness === nearest);
  const chosen = first.length === 1 ? first[0] : undefined;
  const result: Choice = { search, hosts, stores, first, chosen };
  const isThere = hosts.some(({ offer }) => offer.kind === "store" || offer.kind === "refused");
  return {
    store: chosen && foundAt(chosen),
    candidates: devices.map((device) => describeCandidate(device, result)),
    missing: chosen ? undefined : describeMissing(result),
    isThere,
    isFinal: isThere || isNamedThere(search),
  };
}

/** A device that was inspected. */
interface Host {
  readonly device: Device;
  readonly offer: HostOffer;
  /** 0 for the medium's own file system, 1 for the rest of its disk, 2 for everything else. */
  readonly nearness: number;
}

interface Choice {
  readonly search: FileSearch;
  readonly hosts: readonly Host[];
  readonly stores: readonly Host[];
  /** The stores that no other precedes; of several none is chosen. */
  readonly first: readonly Host[];
  readonly chosen: Host | undefined;
}

function offerOf(device: Device, { looks }: FileSearch): HostOffer {
  const facts = looks.get(device.path);
  return facts ? identifyOffer(facts) : { kind: "unseen", reason: "it was not inspected" };
}

function nearnessOf(device: Device, medium: Device): number {
  if (showsSameVolume(device, medium)) return 0;
  return isOnSameDisk(device, medium) ? 1 : 2;
}

function foundAt({ device, offer }: Host): FoundStore | undefined {
  if (offer.kind !== "store") return undefined;
  return foundFile(device, offer);
}

function isNamedThere({ devices, request: { device: named } }: FileSearch): boolean {
  return (
    named !== undefined &&
    devices.some((device) => device.problem === undefined && matchesReference(device, named))
  );
}

/** Describes why a device is not searched; undefined if it is. */
function describeUnsought(device: Device, { device: named, alldev }: FileRequest) {
  if (named)
    return matchesReference(device, named)
      ? undefined
      : (device.problem ?? describeOther(device, named));
  return alldev || device.removable
    ? undefined
    : "it is not removable, and only backstore=alldev searches it";
}

function isMountable({ superblock, problem }: Device): boolean {
  return problem === undefined && driverOf(superblock?.type ?? "") !== undefined;
}

function describeCandidate(device: Device, choice: Choice): Candidate {
  const host = choice.hosts.find((one) => one.device === device);
  const isFound = host?.offer.kind === "store" || host?.offer.kind === "refused";
  return candidate(device, {
    accepted: host !== undefined && host === choice.chosen,
    reason: host ? describeHost(host, choice) : describeUnlooked(device, choice),
    file: isFound ? choice.search.request.path : undefined,
  });
}

function describeUnlooked(
  device: Device,
  { search, hosts }: Pick<Choice, "search" | "hosts">,
): string {
  const unsought = describeUnsought(device, search.request);
  if (unsought !== undefined) return unsought;
  if (device.problem !== undefined) return device.problem;
  if (device.superblock === undefined) return unrecognised;
  if (!isMountable(device))
    return `it is ${device.superblock.type}, which cannot be searched for files`;
  const shown = hosts.find((host) => isSameVolume(host.device, device));
  return `it has the same file system as ${shown?.device.path}`;
}

function describeHost(host: Host, choice: Choice): string {
  const { offer } = host;
  const { search, chosen, first } = choice;
  const path = formatQuoted(search.request.path);
  if (offer.kind === "unseen") return offer.reason;
  if (offer.kind === "nothing") return `it has no ${path}`;
  if (offer.kind === "refused") return `it has ${path}, but ${offer.reason}`;
  if (host === chosen)
    return `it has the store ${path}${host.nearness < 2 ? ", on the medium" : ""}`;
  const option = choosingOption(host, choice);
  if (chosen)
    return `it also has a store ${path}, but the one on the medium comes first; ${option} chooses this one`;
  const others = first.filter((other) => other !== host).map(({ device }) => device.path);
  return `it has the store ${path}, but so ${others.length === 1 ? "does" : "do"} ${formatFew(others)}; ${option} chooses this one`;
}

function describeMissing(choice: Choice): string {
  const { search, hosts, first } = choice;
  const { devices, request } = search;
  const path = formatQuoted(request.path);
  if (first.length > 0) {
    const choices = first.map((host) => describeChoice(host.device, choosingOption(host, choice)));
    return `${formatFew(choices)} ${first.length === 2 ? "both" : "all"} have a store ${path}, so none was used: choose one with its option`;
  }
  const named = request.device;
  if (named && !devices.some((device) => matchesReference(device, named)))
    return `there is no device ${describeReference(named)}${describeHidden(devices)}`;
  const refused = hosts.flatMap(({ device, offer }) =>
    offer.kind === "refused" ? [`${device.path} has ${path}, but ${offer.reason}`] : [],
  );
  if (refused.length > 0) return joinFew(refused);
  const what = describeFileRequest(request);
  const unseen = describeUnseen(choice);
  return unseen === "" ? `there is no ${what}` : `no ${what} was found (${unseen})`;
}

/** A device that could not be inspected may contain the file anyway. */
function describeUnseen({ search, hosts }: Choice): string {
  const { devices, request } = search;
  const reasons = new Map<string, string[]>();
  const add = ({ path }: Device, reason: string) =>
    reasons.set(reason, [...(reasons.get(reason) ?? []), path]);
  for (const { device, offer } of hosts) if (offer.kind === "unseen") add(device, offer.reason);
  const { device: named } = request;
  for (const device of devices) {
    if (named && matchesReference(device, named) && !isMountable(device))
      add(device, describeUnlooked(device, { search, hosts }));
  }
  return joinFew([...reasons].map(([reason, paths]) => `${formatFew(paths)}: ${reason}`));
}

/**
 * The option that would choose this host and no other; one that was not inspected may have the file
 * too.
 */
function choosingOption({ device }: Host, { search, hosts }: Choice): string {
  const { request, devices } = search;
  const chooses = (reference: DeviceReference) => {
    const meant = listHosts(devices, { ...request, device: reference }).filter(
      (one) => hosts.find((host) => host.device === one)?.offer.kind !== "nothing",
    );
    return meant.length === 1 && meant[0] === device;
  };
  const { path } = request;
  return formatFileOptions({ path, device: formatChoice(device, chooses) }) ?? "no option";
}
