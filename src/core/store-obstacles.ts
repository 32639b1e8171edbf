// Why a store that was found is read and not written to: because somebody asked for it, because of what is written on
// the devices, or because something was begun on it and not finished.
import type { Device } from "./device.ts";
import { findWriteObstacle, isDirty } from "./file-systems.ts";
import { findFull } from "./full-store.ts";
import { describeAllocation, isSparse, type StoreFile } from "./host-facts.ts";
import { parseMountOptions } from "./mount-flags.ts";
import { formatQuoted } from "./quoted.ts";
import type { FoundStore, SessionFacts } from "./session.ts";
import { formatSize } from "./size.ts";
import { findOtherBase } from "./store-history.ts";
import { type RecordFinding, recordFile, recordFormat } from "./store-record.ts";
import { findBegunGrowth, findUnfinished } from "./unfinished-resize.ts";

/** Finds out why a store may be read and not written to; undefined when it may be written to. */
export function findObstacle(
  facts: SessionFacts,
  store: FoundStore,
  record: RecordFinding | undefined,
): string | undefined {
  if (isReadonlyAsked(facts, store)) {
    return facts.options.backstore.value.readonly
      ? "backstore=readonly asks for it"
      : "cow_flags has ro in it";
  }
  if (record?.kind === "newer")
    return `its ${recordFile} has format ${record.format}, and this version writes format ${recordFormat} only`;
  const { device, file } = store;
  const otherBase =
    facts.options.backstore.value.base === "readonly" ? findOtherBase(facts, record) : undefined;
  if (otherBase !== undefined && store.facts.names.includes("upperdir"))
    return `${otherBase}, and backstore=base=readonly asks for it`;
  return (
    (file && findFileObstacle(device, file)) ??
    findDeviceObstacle(device) ??
    findSleeper(facts, device) ??
    findFull(store)
  );
}

/** Tells whether the options ask for a session that changes nothing of the store. */
export function isReadonlyAsked({ options }: SessionFacts, { file }: FoundStore): boolean {
  if (options.backstore.value.readonly) return true;
  // Mount options of the file system with the directory; a file's own has none.
  return file === undefined && parseMountOptions(options.cow_flags.value ?? "").readonly;
}

/** Finds what may cost changes although the store can be written to, as sentences. */
export function findRisks({ device, file }: FoundStore): readonly string[] {
  if (file === undefined) return [];
  const place = `${formatQuoted(file.path)} on ${device.path}`;
  const begun = findBegunGrowth(file);
  return [
    ...(begun
      ? [
          `Growing the store ${place} to ${formatSize(begun.to)} was cut off before anything in it had changed: it is as large as before`,
        ]
      : []),
    ...(isSparse(file)
      ? [
          `The store ${place} is sparse (${describeAllocation(file)}): when its host fills up, changes are lost; "backstore grow" allocates the rest`,
        ]
      : []),
    ...(device.superblock && isDirty(device.superblock)
      ? [
          `The host of the store, ${device.path}, was not unmounted (${device.superblock.type}, its dirty bit is set): it is used all the same, and should be checked`,
        ]
      : []),
  ];
}

function findFileObstacle(device: Device, file: StoreFile): string | undefined {
  const unfinished = findUnfinished(file);
  if (unfinished !== undefined) return unfinished;
  if (file.superblock?.unclean.includes("errors"))
    return `the file system in ${formatQuoted(file.path)} has errors, and must be checked before it is written to`;
  const obstacle = device.superblock && findWriteObstacle(device.superblock);
  return obstacle === undefined
    ? undefined
    : `its host ${device.path} cannot be changed: ${obstacle}`;
}

function findDeviceObstacle({ path, superblock }: Device): string | undefined {
  return superblock?.unclean.includes("errors")
    ? `the file system on ${path} has errors, and must be checked before it is written to`
    : undefined;
}

/** What sleeps has the disk's file systems in its memory, and writes over what was changed when it wakes up. */
function findSleeper({ devices }: SessionFacts, device: Device): string | undefined {
  const disk = device.disk ?? device.path;
  const sleeper = devices.find(
    (one) =>
      (one.disk ?? one.path) === disk &&
      one.superblock?.unclean.some((reason) => reason === "suspended" || reason === "hibernated"),
  );
  return sleeper
    ? `a hibernated system lies on the same disk (${sleeper.path}), and would be damaged by changes`
    : undefined;
}
