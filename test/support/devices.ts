// Devices, media and facts as tests write them: what matters is named, the rest has default values.

import { type Device, unknownDevice } from "../../src/core/devices/device.ts";
import type { Medium } from "../../src/core/medium/medium.ts";
import type { Options } from "../../src/core/options/options.ts";
import { readOptions } from "../../src/core/options/read-options.ts";
import type { SessionFacts } from "../../src/core/session/session.ts";
import { findFault, type StoreFile } from "../../src/core/stores/file-store.ts";
import {
  type FoundStore,
  foundDirectory,
  foundFile as foundFileStore,
  type StoreFinding,
} from "../../src/core/stores/found-store.ts";
import type { HostFacts } from "../../src/core/stores/host-offer.ts";
import { allOverlayParameters } from "../../src/core/stores/overlay-settings.ts";
import type { Obstacle } from "../../src/core/stores/seen-store.ts";
import type { DirectoryFacts } from "../../src/core/stores/store-directory.ts";
import type { Superblock } from "../../src/core/superblocks/superblock.ts";

/** A device as a test writes it: its own fields and those of its superblock side by side. */
export type DeviceFields = Partial<Omit<Device, "path" | "superblock">> &
  Partial<Omit<Superblock, "bytes">> & {
    /** The size of the file system according to its superblock. */
    readonly innerBytes?: number;
  };

/** Makes a device; without a `type` nothing is recognised on it. */
export function device(path: string, fields: DeviceFields = {}): Device {
  const { type, label, uuid, unclean, memberUuid, members, innerBytes, ...own } = fields;
  return {
    ...unknownDevice(path, 1 << 30),
    ...own,
    superblock:
      type === undefined
        ? undefined
        : {
            type,
            label,
            uuid,
            bytes: innerBytes,
            unclean: unclean ?? [],
            ...(members === undefined ? {} : { members }),
            ...(memberUuid === undefined ? {} : { memberUuid }),
          },
  };
}

/** Makes a partition of a disk ("/dev/sda", 2). */
export function partition(disk: string, number: number, fields: DeviceFields = {}): Device {
  return device(`${disk}${number}`, { disk, partition: number, ...fields });
}

/** Makes a medium laid out like SystemRescue's. */
export function medium(on: Device, fields: Partial<Medium> = {}): Medium {
  return {
    device: on,
    layout: { name: "archiso", image: "sysresccd/x86_64/airootfs.sfs", nested: [] },
    imageType: "squashfs",
    release: undefined,
    fingerprint: undefined,
    nested: undefined,
    yaml: [],
    sum: { missing: "it has none" },
    srms: [],
    files: [{ path: "sysresccd/x86_64/airootfs.sfs", bytes: 800 * 2 ** 20 }],
    ...fields,
  };
}

/** Reads options from a command line. */
export function optionsOf(commandLine: string): Options {
  return readOptions({ defaults: undefined, yaml: [], commandLine }).options;
}

/** Makes the facts about a store's directory; by default it is missing. */
export function directoryFacts(fields: Partial<DirectoryFacts> = {}): DirectoryFacts {
  return {
    directory: "persistent_RESCUE1100/x86_64",
    exists: fields.names !== undefined,
    obstacle: undefined,
    names: [],
    record: undefined,
    traces: undefined,
    ...fields,
  };
}

/** Finds a store on a device. */
export function found(on: Device, fields: Partial<DirectoryFacts> = {}): FoundStore {
  return foundDirectory(on, directoryFacts(fields));
}

/** A store's file as a test writes it: its own fields and those of its superblock side by side. */
export interface FileFields
  extends Partial<Omit<StoreFile, "superblock">>,
    Partial<Omit<Superblock, "bytes" | "type">> {
  /** The type of the file system in it; null for a file in which none is recognised. */
  readonly type?: string | null;
  /** The size of the file system in it according to its superblock. */
  readonly innerBytes?: number;
}

/** Makes a store's file of 256 MiB with an ext4 file system in it. */
export function storeFile(fields: FileFields = {}): StoreFile {
  const {
    path = "/sysrcd.bs",
    bytes = 256 << 20,
    allocatedBytes = bytes,
    intent,
    ignoredJournal,
    sharedBytes,
    isCopiedOnWrite,
    hostFreeBytes,
    innerBytes,
    type = "ext4",
    ...inner
  } = fields;
  const { superblock } = device("", { ...inner, ...(type === null ? {} : { type }) });
  return {
    path,
    bytes,
    allocatedBytes,
    superblock: superblock && { ...superblock, bytes: innerBytes },
    intent,
    ...(ignoredJournal && { ignoredJournal }),
    ...(sharedBytes !== undefined && { sharedBytes }),
    ...(isCopiedOnWrite && { isCopiedOnWrite }),
    ...(hostFreeBytes !== undefined && { hostFreeBytes }),
  };
}

/** Finds a store's file on a host. */
export function foundFile(
  on: Device,
  fields: FileFields = {},
  content: Partial<DirectoryFacts> = {},
): FoundStore {
  const directory = directoryFacts({ exists: true, directory: "", ...content });
  return foundFileStore(on, { file: storeFile(fields), directory });
}

/** Makes a host that was inspected, with nothing there, or this. */
export function hostFacts(fields: Partial<HostFacts> = {}): HostFacts {
  return { obstacle: undefined, isHibernated: false, found: undefined, ...fields };
}

/** Makes a host with a store's file: a new one by default. */
export function hostWith(
  fields: FileFields = {},
  content: Partial<DirectoryFacts> | { problem: string } = {},
): HostFacts {
  const file = storeFile(fields);
  const fault = findFault(file);
  if (fault !== undefined)
    return hostWithout({ kind: "none", reason: fault.sentence, fault: fault.kind }, file);
  if ("problem" in content) return hostWithout({ kind: "unknown", reason: content.problem }, file);
  return hostFacts({ found: foundFile(device("/dev/host"), fields, content) });
}

/**
 * Makes a host with something else in the place of a store's file, or one that cannot be inspected.
 */
export function hostWithout(obstacle: Obstacle, file?: StoreFile): HostFacts {
  const seen = { kind: "file", device: device("/dev/host"), path: "/sysrcd.bs" } as const;
  return hostFacts({ found: { ...seen, file, directory: undefined, obstacle } });
}

/** Puts together the facts that planning needs. */
export function sessionFacts(facts: {
  readonly medium: Medium;
  readonly devices: readonly Device[];
  readonly store: StoreFinding;
  readonly isCopied?: boolean;
  readonly commandLine?: string;
}): SessionFacts {
  return {
    options: optionsOf(facts.commandLine ?? "cow_label=store"),
    medium: facts.medium,
    devices: facts.devices,
    store: facts.store,
    isCopied: facts.isCopied ?? false,
    overlayParameters: allOverlayParameters,
    record: {
      id: "5f0c2a1e-93d4-4b7a-8c11-6f2d9e4b7a10",
      version: "0.0.0",
      boot: "b1c5a1f0-2f0e-4a43-8b8e-6d2b9d1f3c77",
      machine: "ACME Box 3 [0a1b2c3d]",
      started: "2026-01-31T10:20:30.000Z",
    },
  };
}
