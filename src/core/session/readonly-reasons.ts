// Why a store that was found is read but not written to: because the user asked for it, because of
// the state of the devices, or because an operation on it was not completed.

import type { Device } from "../devices/device.ts";
import { findSleeper } from "../devices/volumes.ts";
import { findWriteObstacle } from "../file-systems/mounting.ts";
import { parseMountOptions } from "../kernel/mount-flags.ts";
import type { FoundStore } from "../stores/found-store.ts";
import { findLackingSettings } from "../stores/overlay-settings.ts";
import { findUnfinished } from "../stores/resize-record.ts";
import { type RecordFinding, recordFile, recordFormat } from "../stores/store-record.ts";
import { adviseProtected, describeProtected } from "../superblocks/mount-protection.ts";
import { formatList, formatQuoted, formatShellWord } from "../text/quoted.ts";
import { mendsErrors } from "./check-need.ts";
import { findFull, formatRemedy } from "./remedies.ts";
import type { SessionFacts } from "./session.ts";

/** A reason not to write to a store. */
export interface ReadonlyReason {
  readonly kind:
    | "asked"
    | "base"
    | "newer-record"
    | "overlay"
    | "unfinished"
    | "errors"
    | "protected"
    | "host"
    | "hibernated"
    | "full";
  readonly sentence: string;
}

/** Returns why a store may be read but not written to; undefined if it may be written to. */
export function findReadonlyReason(
  facts: SessionFacts,
  store: FoundStore,
  {
    record,
    otherBase,
  }: { readonly record: RecordFinding | undefined; readonly otherBase: string | undefined },
): ReadonlyReason | undefined {
  const { device, file } = store;
  const { base } = facts.options.backstore.value;
  const isOtherBase = otherBase !== undefined && base === "readonly";
  return (
    reasonOf("asked", findWish(facts, store)) ??
    reasonOf("newer-record", findNewerRecord(record)) ??
    reasonOf("base", isOtherBase ? `${otherBase} (backstore=base=readonly)` : undefined) ??
    reasonOf("overlay", findForeignOverlay(facts, store, record)) ??
    reasonOf("unfinished", file && findUnfinished(file)) ??
    reasonOf("errors", findErrors(facts, store)) ??
    reasonOf("protected", findProtection(store)) ??
    reasonOf("host", file && findHostObstacle(device)) ??
    reasonOf("hibernated", describeSleeper(findSleeper(device, facts.devices))) ??
    reasonOf("full", findFull(store))
  );
}

/** Returns whether a session that only reads was requested, rather than forced. */
export function isWanted(reason: ReadonlyReason | undefined): boolean {
  return reason?.kind === "asked" || reason?.kind === "base";
}

function reasonOf(
  kind: ReadonlyReason["kind"],
  sentence: string | undefined,
): ReadonlyReason | undefined {
  return sentence === undefined ? undefined : { kind, sentence };
}

/** The options may request a session that does not change the store. */
function findWish({ options }: SessionFacts, { file }: FoundStore): string | undefined {
  if (options.backstore.value.readonly) return "backstore=readonly is set";
  // Mount options of the file system with the directory; a file's own has none.
  const { readonly } = parseMountOptions(options.cow_flags.value ?? "");
  return file === undefined && readonly ? "cow_flags contains ro" : undefined;
}

function findNewerRecord(record: RecordFinding | undefined): string | undefined {
  return record?.kind === "newer"
    ? `its ${recordFile} has format ${record.format}, but this version writes only format ${recordFormat} (use a newer version of backstore)`
    : undefined;
}

/**
 * Changes written with settings that the kernel or this version does not know would be mixed with
 * others.
 */
function findForeignOverlay(
  { overlayParameters }: SessionFacts,
  { directory: { traces } }: FoundStore,
  record: RecordFinding | undefined,
): string | undefined {
  if (record?.kind === "unreadable" && record.overlay !== undefined)
    return `its ${recordFile} names overlay options that this version does not know, ${formatQuoted(record.overlay)} (use a newer version of backstore)`;
  const recorded = record?.kind === "record" ? record.record.settings : undefined;
  // A walk that saw everything knows better than the record.
  const written = traces?.incomplete === false ? traces : (recorded ?? traces);
  const lacking = findLackingSettings(written, overlayParameters);
  return lacking.length === 0
    ? undefined
    : `its changes were written with overlayfs ${formatList(lacking, "and")}, which this kernel does not support (boot another kernel)`;
}

/**
 * Errors recorded on the host are a matter for the host's own tools; those in the store are
 * checked, if possible.
 */
function findErrors(facts: SessionFacts, store: FoundStore): string | undefined {
  const { device, file } = store;
  const inner = file?.superblock;
  if (inner?.unclean.includes("errors") && !mendsErrors(inner.type))
    return `the file system in ${formatQuoted(file?.path ?? "")} has errors and must be checked before it is written to (${formatRemedy(facts, store)})`;
  if (!device.superblock?.unclean.includes("errors")) return undefined;
  if (file === undefined && mendsErrors(device.superblock.type)) return undefined;
  const remedy =
    file === undefined
      ? formatRemedy(facts, store)
      : `boot with backstore=off and run: fsck ${device.path}`;
  return `the file system on ${device.path} has errors and must be checked before it is written to (${remedy})`;
}

/** e2fsck that was interrupted leaves a protected file system shut, for every mount that writes. */
function findProtection({ device, file }: FoundStore): string | undefined {
  const inner = file?.superblock;
  if (inner?.protection?.state === "checked")
    return `${describeProtected(inner.type)} (${adviseProtected("FILE")})`;
  const { superblock } = device;
  if (superblock?.protection?.state !== "checked") return undefined;
  const advice = adviseProtected(formatShellWord(device.path));
  return file === undefined
    ? `${describeProtected(superblock.type)} (${advice})`
    : `its host ${device.path} cannot be written to: ${describeProtected(superblock.type)} (${advice})`;
}

function findHostObstacle({ path, superblock }: Device): string | undefined {
  const obstacle = superblock && findWriteObstacle(superblock);
  return obstacle === undefined ? undefined : `its host ${path} cannot be written to: ${obstacle}`;
}

function describeSleeper(sleeper: Device | undefined): string | undefined {
  return sleeper
    ? `the same disk holds a hibernated system (${sleeper.path}), which changes would damage (resume it and shut it down: "systemctl poweroff", in Windows "shutdown /s /f /t 0")`
    : undefined;
}
