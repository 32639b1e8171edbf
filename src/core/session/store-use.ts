// How a store that was found is used: with which overlay options, under which name in sentences,
// and whether it may be written to. If it may not, it is still read.

import type { Device } from "../devices/device.ts";
import { isSparse, type StoreFile } from "../stores/file-store.ts";
import type { FoundStore } from "../stores/found-store.ts";
import { formatSettings, type OverlaySettings } from "../stores/overlay-settings.ts";
import { superblockOf } from "../stores/seen-store.ts";
import type { DirectoryFacts } from "../stores/store-directory.ts";
import { type RecordFinding, recordFile } from "../stores/store-record.ts";
import { formatPath, formatQuoted } from "../text/quoted.ts";
import { type CheckNeed, findCheckNeed } from "./check-need.ts";
import { chooseStoreSettings, findForeignMount, findForeignWrites } from "./foreign-writes.ts";
import { places } from "./places.ts";
import { findReadonlyReason, type ReadonlyReason } from "./readonly-reasons.ts";
import { formatRemedy } from "./remedies.ts";
import type { SessionFacts, StoreSummary } from "./session.ts";
import {
  describeMismatch,
  findHidden,
  findMended,
  findOlder,
  findOpenSession,
  findOtherBase,
  findRisks,
} from "./store-warnings.ts";

/** The facts about a store in use, for steps and sentences. */
export interface StoreUse {
  readonly facts: SessionFacts;
  readonly kind: FoundStore["kind"];
  /**
   * The device of the file system that contains the directory, or of the host that contains the
   * file.
   */
  readonly device: Device;
  /** Undefined for a directory store. */
  readonly file: StoreFile | undefined;
  readonly directory: string;
  /** The facts about the directory. */
  readonly seen: DirectoryFacts;
  readonly settings: OverlaySettings;
  /** Its name in sentences. */
  readonly name: string;
  readonly isNew: boolean;
  /** The contents of its record, or why it cannot be read; undefined if there is none. */
  readonly record: RecordFinding | undefined;
  /** How the base differs from the last one ("the base is …"); undefined if it does not. */
  readonly otherBase: string | undefined;
  /** Why it is checked before it is written to; undefined if there is no reason. */
  readonly check: CheckNeed | undefined;
  /** What the user can do if its file system is damaged. */
  readonly remedy: string;
  /** Why it may be read but not written to; undefined if it may be written to. */
  readonly obstacle: ReadonlyReason | undefined;
  readonly findings: readonly string[];
}

/** Describes how a store that was found is used. */
export function describeUse(
  facts: SessionFacts,
  store: FoundStore,
  record: RecordFinding | undefined,
): StoreUse {
  const { kind, device, file, directory: found } = store;
  const name = nameStore(store, facts);
  const isNew = !found.names.includes("upperdir");
  const otherBase = isNew ? undefined : findOtherBase(facts, record);
  const obstacle = findReadonlyReason(facts, store, { record, otherBase });
  return {
    facts,
    kind,
    device,
    file,
    directory: found.directory,
    seen: found,
    settings: chooseStoreSettings(found, record),
    name,
    isNew,
    record,
    otherBase,
    check: findCheckNeed(facts, store, record),
    remedy: formatRemedy(facts, store),
    obstacle,
    findings: [
      ...(facts.mended ?? []),
      ...(obstacle === undefined ? findMended(store) : []),
      ...(record?.kind === "unreadable"
        ? [`Cannot read the ${recordFile} of ${name}: ${record.reason}`]
        : []),
      ...(record?.kind === "record" && "fault" in record.record.past
        ? [
            `The earlier boots in the ${recordFile} of ${name} are ignored: ${record.record.past.fault}`,
          ]
        : []),
      ...(obstacle === undefined ? findRisks(facts, store) : []),
      ...findOpenSession(facts, record, name),
      ...describeKept(facts),
      ...findForeignWrites(found, record, name),
      ...(obstacle === undefined ? [] : findHidden(store, name)),
      // If it is the reason not to write, it is reported as that.
      ...(otherBase === undefined || obstacle?.kind === "base"
        ? []
        : [describeMismatch(otherBase)]),
      ...(isNew ? findOlder(facts, found) : []),
    ],
  };
}

/** Describes what another store than this one keeps. */
function describeKept({ live }: SessionFacts): string[] {
  return (live?.kept ?? []).map(
    ({ path, device }) =>
      `Changes in ${formatPath(path)} are kept by the distribution, on ${formatPath(device)}`,
  );
}

/**
 * Formats the overlay options that the store is used with, omitting those unknown to the kernel.
 */
export function overlayOptions({ settings, facts }: StoreUse): string {
  // What another initramfs has written may have redirects; "follow" does not make new ones.
  const follows = facts.live?.traces.redirect && settings.redirect_dir === "nofollow";
  const needed = follows ? ({ ...settings, redirect_dir: "follow" } as const) : settings;
  return formatSettings(needed, facts.overlayParameters);
}

/** Returns the path of the store's directory where it is mounted. */
export function storePath({ directory }: Pick<StoreUse, "directory">): string {
  return directory === "" ? places.store : `${places.store}/${directory}`;
}

function nameStore(
  { device, file, directory: { directory: path } }: FoundStore,
  { apart }: SessionFacts,
): string {
  const given = apart?.file ?? apart?.directory;
  if (given !== undefined) return `the store ${formatQuoted(given)}`;
  const label = device.superblock?.label;
  const labelled = label === undefined ? "" : ` (labelled ${formatQuoted(label)})`;
  const directory = path === "" ? "/" : path;
  return `the store ${formatQuoted(file?.path ?? directory)} of ${device.path}${labelled}`;
}

/** Summarises a store for reports. */
export function summariseStore(use: StoreUse): StoreSummary {
  const { device, file, directory } = use;
  const { type, label, uuid } = superblockOf(use) ?? {};
  const inner = { device: device.path, type, label, uuid, directory };
  const { base, session } = use.record?.kind === "record" ? use.record.record : {};
  const common = {
    ...inner,
    overlay: overlayOptions(use),
    new: use.isNew,
    lastBase: base,
    lastSession: session,
    foreignMount: findForeignMount(use.seen, use.record)?.time,
  };
  if (file === undefined) return { kind: "directory", ...common };
  const { path, bytes, allocatedBytes } = file;
  return {
    kind: "file",
    ...common,
    file: path,
    hostType: device.superblock?.type,
    bytes,
    allocatedBytes,
    sparse: isSparse(file),
  };
}
