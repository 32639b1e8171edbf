// How a store that was found is used: with which overlay options, under which name in sentences, and whether it may be
// written to. A store that may not is still read.
import type { Device } from "./device.ts";
import { parseMountOptions } from "./mount-flags.ts";
import {
  chooseSettings,
  formatSettings,
  newStoreSettings,
  type OverlaySettings,
} from "./overlay.ts";
import { formatQuoted } from "./quoted.ts";
import type { FoundStore, SessionFacts, StoreSummary } from "./session.ts";
import { places } from "./session-steps.ts";
import { type RecordFinding, recordFile, recordFormat } from "./store-record.ts";

/** Is a store in use: what steps and sentences need of it. */
export interface StoreUse {
  readonly facts: SessionFacts;
  readonly device: Device;
  readonly directory: string;
  readonly settings: OverlaySettings;
  /** Names it in sentences. */
  readonly name: string;
  readonly isNew: boolean;
  readonly hasRecord: boolean;
  /** Why it may be read and not written; undefined when it may. */
  readonly obstacle: string | undefined;
  readonly findings: readonly string[];
}

/** Describes how a store that was found is used. */
export function describeUse(
  facts: SessionFacts,
  { device, facts: found }: FoundStore,
  record: RecordFinding | undefined,
): StoreUse {
  const name = nameStore(device, found.directory);
  const walked = found.traces ? chooseSettings(found.traces) : newStoreSettings;
  return {
    facts,
    device,
    directory: found.directory,
    settings: record?.kind === "record" ? record.record.settings : walked,
    name,
    isNew: !found.names.includes("upperdir"),
    hasRecord: record !== undefined,
    obstacle: findObstacle(facts, device, record),
    findings:
      record?.kind === "unreadable"
        ? [`Cannot read the ${recordFile} of ${name}: ${record.reason}`]
        : [],
  };
}

function findObstacle(
  { options, devices }: SessionFacts,
  device: Device,
  record: RecordFinding | undefined,
): string | undefined {
  if (options.backstore.value.readonly) return "backstore=readonly asks for it";
  if (parseMountOptions(options.cow_flags.value ?? "").readonly) return "cow_flags has ro in it";
  if (record?.kind === "newer")
    return `its ${recordFile} has format ${record.format}, and this version writes format ${recordFormat} only`;
  if (device.superblock?.unclean.includes("errors"))
    return `the file system on ${device.path} has errors, and must be checked before it is written to`;
  const disk = device.disk ?? device.path;
  const suspended = devices.find(
    (one) =>
      (one.disk ?? one.path) === disk &&
      one.superblock?.unclean.some((reason) => reason === "suspended" || reason === "hibernated"),
  );
  if (suspended)
    return `a hibernated system lies on the same disk (${suspended.path}), and would be damaged by changes`;
  return undefined;
}

/** Formats the overlay options that the store is used with, as far as the kernel knows them. */
export function overlayOptions({ settings, facts }: StoreUse): string {
  return formatSettings(settings, facts.overlayParameters);
}

/** Gives the path of the store's directory where it is mounted. */
export function storePath({ directory }: StoreUse): string {
  return directory === "" ? places.store : `${places.store}/${directory}`;
}

function nameStore({ path, superblock }: Device, directory: string): string {
  const label = superblock?.label;
  const labelled = label === undefined ? "" : ` (labelled ${formatQuoted(label)})`;
  return `the store ${formatQuoted(directory === "" ? "/" : directory)} of ${path}${labelled}`;
}

/** Summarises a store for people and programs. */
export function summariseStore(use: StoreUse): StoreSummary {
  const { type, label, uuid } = use.device.superblock ?? {};
  return {
    kind: "directory",
    device: use.device.path,
    type,
    label,
    uuid,
    directory: use.directory,
    overlay: overlayOptions(use),
    new: use.isNew,
  };
}
