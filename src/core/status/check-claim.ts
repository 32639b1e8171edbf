// Checks the verdict of a boot against what the kernel shows now. The result is never better than
// that of the boot, and "persistent" needs every proof: the changes are on the store's own disk,
// which is present and writable.

import type { Mount } from "../kernel/mount-table.ts";
import { nameInSession } from "../session/places.ts";
import { describeLoss, type RoomLack } from "../stores/file-store.ts";
import { type Finding, sortFindings } from "../text/finding.ts";
import { formatPath, formatQuoted } from "../text/quoted.ts";
import type { BootRecord } from "./boot-record.ts";
import { type ChangesPlace, findChangesPlace, findRoot } from "./changes-place.ts";

/** The kind of session now; "unknown" if that cannot be determined from here. */
export type StatusKind = "persistent" | "readonly" | "foreign" | "unknown" | "volatile";

/** The facts according to the kernel. */
export interface ClaimFacts {
  readonly mounts: readonly Mount[];
  /** The file behind each loop device. */
  readonly loops: ReadonlyMap<string, string>;
  /** Devices that are mounted, or behind a loop device, but do not exist any more. */
  readonly gone: readonly string[];
  /** Whether the upper directory is visible at its path; undefined if access is denied. */
  readonly hasUpper: boolean | undefined;
  /** Why the upper directory cannot be read although access is permitted. */
  readonly readProblem: string | undefined;
  /** A change that cannot be reached in the running system; undefined if none is known. */
  readonly unreadable: UnreadableChange | undefined;
  /** The writes that the kernel has given up, for each device under the changes. */
  readonly lostWrites: readonly LostWrites[];
  /** What may be lost writes, where the kernel log that tells them cannot be read. */
  readonly suspected: readonly SuspectedLoss[];
  /** Why writes to the store's file may find no room on its host; undefined if they will. */
  readonly roomLack: RoomLack | undefined;
  /** The errors recorded by ext4, for each file system under the changes that has had any. */
  readonly errors: readonly FileSystemErrors[];
}

/** A change that is in the store, but cannot be reached in the running system. */
export interface UnreadableChange {
  readonly path: string;
  readonly reason: string;
}

/** The writes to a device that were lost. */
export interface LostWrites {
  /** Its path. */
  readonly device: string;
  readonly count: number;
}

/** What a file system counts for everybody to see: lost writes, and little else. */
export interface SuspectedLoss {
  /** The source of its mount. */
  readonly source: string;
  /** Warnings of ext4 since it was mounted, or writes to a device of btrfs that ever failed. */
  readonly counted: "warnings" | "failed writes";
  readonly count: number;
}

/** The errors that a file system has had since it was last checked. */
export interface FileSystemErrors {
  /** The source of its mount. */
  readonly source: string;
  readonly count: number;
  /** When the last one occurred, as ISO 8601. */
  readonly last: string | undefined;
  /** Whether it stops writing after an error; otherwise it continues. */
  readonly stops: boolean;
}

/** The result of checking a claim; findings are the worst first. */
interface CheckedClaim {
  readonly word: StatusKind;
  readonly findings: readonly Finding[];
  /** Whether changes are kept, but some that were made before cannot be reached. */
  readonly hidesChanges: boolean;
  /** Whether changes are kept, but some of this session were lost on the way to the disk. */
  readonly lostChanges: boolean;
}

/** Checks the session that a boot claims. */
export function checkClaim(
  { session, store }: Pick<BootRecord, "session" | "store">,
  facts: ClaimFacts,
): CheckedClaim {
  if (session !== "persistent")
    return {
      word: session === "stopped" ? "volatile" : session,
      findings: [],
      hidesChanges: false,
      lostChanges: false,
    };
  const others = findDoubts(store, facts);
  const unreadable = findUnreadable(facts);
  const lost = findLost(facts);
  const doubts = [...others, ...lost, ...unreadable];
  return {
    word: findWorst(doubts),
    hidesChanges: unreadable.length > 0 && findWorst([...others, ...lost]) === "persistent",
    lostChanges: lost.length > 0 && findWorst(others) === "persistent",
    findings: sortFindings(
      doubts.map(({ word, message }) => ({
        level: word === "persistent" ? "warning" : "error",
        message,
      })),
    ),
  };
}

function findWorst(doubts: readonly Doubt[]): StatusKind {
  return doubts.reduce<StatusKind>(
    (worst, { word }) => (order.indexOf(word) > order.indexOf(worst) ? word : worst),
    "persistent",
  );
}

/** From the best to the worst. */
const order: readonly StatusKind[] = ["persistent", "readonly", "unknown", "volatile"];

/** A reason why the session may be no better than a given kind. */
interface Doubt {
  readonly word: StatusKind;
  readonly message: string;
}

function findDoubts(store: BootRecord["store"], facts: ClaimFacts): Doubt[] {
  const root = findRoot(facts.mounts);
  if (root === undefined)
    return [unknown("Cannot see where changes go: the root directory here is not an overlay")];
  const place = findChangesPlace(root, facts);
  if (place === undefined)
    return [{ word: "readonly", message: "The root is an overlay without an upper directory" }];
  return [
    ...(hasOption(root, "ro")
      ? [{ word: "readonly", message: "The root is read-only" } as const]
      : []),
    ...findMemory(place, facts),
    ...findOtherPlace(place, store),
    ...findLoss(place, facts),
    ...findRoomDoubt(facts),
  ];
}

function findMemory({ upper, mounts }: ChangesPlace, { hasUpper }: ClaimFacts): Doubt[] {
  const [first] = mounts;
  const memory = mounts.find(({ type }) => inMemory.includes(type));
  if (memory === undefined) return [];
  if (memory === first && hasUpper === false)
    return [unknown(`Cannot see where changes go: ${namePlace(upper)} is no longer mounted here`)];
  return [
    {
      word: "volatile",
      message: `Changes are in memory: ${namePlace(upper)} is on ${memory.type}`,
    },
  ];
}

const inMemory = ["tmpfs", "ramfs", "rootfs", "devtmpfs"];

/** The store of the boot must be where the changes go. A file may have been renamed meanwhile. */
function findOtherPlace(
  { mounts, files, device }: ChangesPlace,
  store: BootRecord["store"],
): Doubt[] {
  if (mounts.some(({ type }) => inMemory.includes(type))) return [];
  if (store === undefined) return [unknown("The boot record does not name the store")];
  if (device === undefined) return [unknown("Cannot see which disk the changes are on")];
  // One btrfs has several devices, and the kernel names any of them.
  const isOther = device !== store.device && !mounts.some(({ type }) => type === "btrfs");
  if (isOther)
    return [
      unknown(
        `Changes go to ${formatQuoted(device)}, but the boot used the store on ${formatQuoted(store.device)}`,
      ),
    ];
  if (store.file === undefined)
    return files.length === 0
      ? []
      : [unknown("Changes go to a file, but the boot used a directory")];
  const [file] = files;
  if (file === undefined) return [unknown("Changes do not go to the file that the boot used")];
  if (file.isDeleted)
    return [
      {
        word: "volatile",
        message: `The store's file ${namePlace(file.path)} was deleted and will be gone when the session ends`,
      },
    ];
  return file.path === store.file
    ? []
    : [
        {
          word: "persistent",
          message: `The store's file is now ${namePlace(file.path)}, but a boot looks for ${formatPath(store.file)}`,
        },
      ];
}

function findLoss({ mounts, device }: ChangesPlace, facts: ClaimFacts): Doubt[] {
  const doubts: Doubt[] = [];
  const sources = [
    ...mounts.map(({ source }) => source),
    ...(device === undefined ? [] : [device]),
  ];
  const gone = sources.find((source) => facts.gone.includes(source));
  if (gone !== undefined)
    doubts.push({
      word: "volatile",
      message: `The device ${formatQuoted(gone)} has disappeared`,
    });
  if (facts.readProblem !== undefined)
    doubts.push({ word: "volatile", message: `The store cannot be read: ${facts.readProblem}` });
  return [...doubts, ...mounts.flatMap((mount) => findRefusal(mount, facts))];
}

/** Whether what cannot be reached was changed, deleted or is as it was, nobody can see here. */
function findUnreadable({ unreadable }: ClaimFacts): Doubt[] {
  if (unreadable === undefined) return [];
  const { path, reason } = unreadable;
  return [
    unknown(
      `Some changes in the store cannot be read here: ${formatPath(path)}: ${reason} (another system may have written them with other overlay options; backstore check tells more)`,
    ),
  ];
}

/** Nobody but the kernel knows which files they belong to. */
function findLost({ lostWrites, suspected }: ClaimFacts): Doubt[] {
  const lost = lostWrites.map(
    ({ device, count }) =>
      `Changes of this session were lost: ${count} ${count === 1 ? "write" : "writes"} to ${formatQuoted(device)} failed (see the kernel log: dmesg)`,
  );
  const perhaps = suspected.map(
    ({ source, counted, count }) =>
      `Changes may have been lost: the kernel counts ${count} ${count === 1 ? counted.slice(0, -1) : counted} for ${formatQuoted(source)}, and only root can read why in its log (dmesg)`,
  );
  return [...lost, ...perhaps].map(unknown);
}

function findRoomDoubt({ roomLack }: ClaimFacts): Doubt[] {
  if (roomLack === undefined) return [];
  const message = `The store's file ${roomLack.sentence}: ${describeLoss(roomLack)}`;
  return [{ word: "persistent", message }];
}

/**
 * Newer ext4 (measured: Debian's 6.1.192) is not listed as read-only after it has stopped writing
 * because of an error. A store with earlier errors is not used for writing, so the recorded ones
 * are of this session.
 */
function findRefusal(mount: Mount, { errors }: ClaimFacts): Doubt[] {
  const { target, type, source } = mount;
  const name = `${namePlace(target)} (${type})`;
  const met = errors.find((one) => one.source === source);
  const last = met?.last === undefined ? "" : `, the last at ${met.last}`;
  const counted = met && `${met.count} ${met.count === 1 ? "error" : "errors"}${last}`;
  if (met?.stops || refusals.some((word) => hasOption(mount, word))) {
    const after = counted === undefined ? "" : ` after ${counted}`;
    return [
      {
        word: "readonly",
        message: `Nothing can be written to the store any more: ${name} has become read-only${after}`,
      },
    ];
  }
  if (counted === undefined) return [];
  return [
    {
      word: "persistent",
      message: `The file system ${name} has had ${counted} and should be checked`,
    },
  ];
}

/**
 * Besides "ro", what ext4 of Linux 6.15 and newer lists after it stopped writing because of an
 * error.
 */
const refusals = ["ro", "emergency_ro", "shutdown"];

function hasOption({ options, superOptions }: Mount, word: string): boolean {
  return [options, superOptions].some((words) => words.split(",").includes(word));
}

function unknown(message: string): Doubt {
  return { word: "unknown", message };
}

/** Names what is below a mount of the session as people find it. */
function namePlace(path: string): string {
  return formatPath(nameInSession(path));
}
