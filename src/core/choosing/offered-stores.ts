// Which stores are offered to the user: those that the options lead to first, then all others that
// were found, each once. An empty place is offered only if the options lead to it: not every file
// system is meant for a store.

import type { Device } from "../devices/device.ts";
import { matchesReference } from "../devices/device-reference.ts";
import { listVolumes } from "../devices/volumes.ts";
import { holdsDirectoryStore } from "../file-systems/mounting.ts";
import type { Options } from "../options/options.ts";
import { type FoundStore, foundDirectory, foundFile } from "../stores/found-store.ts";
import { type HostFacts, identifyOffer } from "../stores/host-offer.ts";
import { type DirectoryFacts, identifyStore } from "../stores/store-directory.ts";
import { listHosts } from "./choose-file-store.ts";
import { isSameStore, type OfferedStore } from "./menu.ts";
import { chooseRequest, defaultStorePath, type StoreRequest } from "./store-request.ts";

/**
 * The functions that inspect devices; they return undefined for those that could not be inspected.
 */
export interface OfferLooks {
  readonly directory: (
    device: Device,
    directories: readonly string[] | undefined,
  ) => DirectoryFacts | undefined;
  readonly host: (device: Device, path: string) => HostFacts | undefined;
}

/** Lists the paths at which a store's file is searched for. */
export function listPaths(request: StoreRequest): readonly string[] {
  const asked = "file" in request ? [request.file.path] : [];
  return [...new Set([...asked, defaultStorePath])];
}

/**
 * Lists the stores that can be offered; `taken` is the one that is used without asking, and is
 * among them.
 */
export function listOffers(
  devices: readonly Device[],
  { options, looks, taken }: { options: Options; looks: OfferLooks; taken: FoundStore | undefined },
): readonly OfferedStore[] {
  const request = chooseRequest(options);
  const directories = listDirectoryStores(devices, { request, looks });
  const files = listFileStores(devices, { request, looks });
  const all = "reference" in request ? [...directories, ...files] : [...files, ...directories];
  if (taken && !all.some(({ found }) => isSameStore(found, taken))) return [offer(taken), ...all];
  return all;
}

function listFileStores(
  devices: readonly Device[],
  { request, looks }: { request: StoreRequest; looks: OfferLooks },
): OfferedStore[] {
  const asked = "file" in request ? request.file : undefined;
  return listPaths(request).flatMap((path) => {
    const everywhere = { path, alldev: true, device: undefined, isExplicit: true, isAsked: true };
    const hosts = listHosts(devices, everywhere);
    // Stores named by the options come first; if a file system exists twice, both are hosts.
    const named = asked?.device;
    const isNamed = (device: Device) => named !== undefined && matchesReference(device, named);
    const sorted = [...hosts].sort((one, other) => Number(isNamed(other)) - Number(isNamed(one)));
    return sorted.flatMap((device): OfferedStore[] => {
      const facts = looks.host(device, path);
      const found = facts && identifyOffer(facts);
      if (found?.kind !== "store") return [];
      return [offer(foundFile(device, found))];
    });
  });
}

function listDirectoryStores(
  devices: readonly Device[],
  { request, looks }: { request: StoreRequest; looks: OfferLooks },
): OfferedStore[] {
  const usable = listVolumes(
    devices.filter(({ superblock, problem }) => {
      return problem === undefined && holdsDirectoryStore(superblock?.type ?? "");
    }),
  );
  const isNamed = (device: Device) =>
    "reference" in request && matchesReference(device, request.reference);
  const sorted = [...usable].sort((one, other) => Number(isNamed(other)) - Number(isNamed(one)));
  return sorted.flatMap((device) => {
    const first = looks.directory(device, undefined);
    if (first === undefined) return [];
    const others = (first.others ?? []).flatMap((directory) => {
      const facts = looks.directory(device, [directory]);
      return facts ? [{ facts, isAsked: false }] : [];
    });
    return [{ facts: first, isAsked: isNamed(device) }, ...others].flatMap(({ facts, isAsked }) => {
      const state = identifyStore(facts);
      const isOffered = state.kind === "new" ? isAsked : state.kind === "store";
      return isOffered ? [offer(foundDirectory(device, facts))] : [];
    });
  });
}

function offer(found: FoundStore): OfferedStore {
  return { found, isNew: !found.directory.names.includes("upperdir") };
}

/**
 * Returns the options of a boot that uses the chosen store, regardless of another one in the
 * options.
 */
export function optionsFor(options: Options, { device, file, directory }: FoundStore): Options {
  const { backstore, cow_device, cow_label, cow_directory } = options;
  const reference = { kind: "path", path: device.path } as const;
  const only = {
    ...{ alldev: false, path: file?.path, device: file && reference },
    ...{ directory: undefined, explicit: true },
  };
  return {
    ...options,
    refused: undefined,
    backstore: { ...backstore, value: { ...backstore.value, ...only } },
    cow_label: { ...cow_label, value: undefined },
    cow_device: { ...cow_device, value: file ? undefined : reference },
    cow_directory: { ...cow_directory, value: file ? cow_directory.value : directory.directory },
  };
}
