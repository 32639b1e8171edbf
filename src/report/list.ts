// The stores that were found, as a table for a terminal and as one object for programs
// (docs/list-json.md).

import type { Device } from "../core/devices/device.ts";
import { isOlder } from "../core/initramfs/tool-version.ts";
import type { InstallRecord } from "../core/install/install-record.ts";
import { describeBase } from "../core/medium/base-identity.ts";
import type { Explanation } from "../core/session/explanation.ts";
import type { ListedStore } from "../core/session/listed-stores.ts";
import { findRoomLack, isSparse, type StoreFile } from "../core/stores/file-store.ts";
import { formatTime, type LastSession } from "../core/stores/last-session.ts";
import {
  type ExaminedStore,
  identifyLastSession,
  identifySeen,
  summariseRecord,
  superblockOf,
  uncleanOf,
} from "../core/stores/seen-store.ts";
import { formatEscaped, formatQuoted } from "../core/text/quoted.ts";
import { formatSize } from "../core/text/size.ts";
import { describeProblem, summariseProblem } from "./problem.ts";
import { renderTable } from "./table.ts";

/** The facts that the command reports. */
interface StoreReport {
  /** The media that something is installed on. */
  readonly media: readonly { readonly device: Device; readonly record: InstallRecord }[];
  /** The version of the program. */
  readonly version: string;
  readonly stores: readonly ListedStore[];
  readonly unseen: readonly { readonly device: Device; readonly reason: string }[];
  readonly boot: Explanation;
  /** Whether file systems could be inspected. */
  readonly isLooking: boolean;
}

/** Renders the list for a terminal. */
export function renderList(
  { stores, media, unseen, boot, isLooking, version }: StoreReport,
  columns?: number,
): string {
  const { session, reason } = boot;
  const word = session === "readonly" ? "read-only" : session;
  const lines = [
    ...(stores.length === 0
      ? [isLooking ? "No store was found." : notLooked]
      : [
          "Stores (+ a boot would use it, - not)",
          ...renderTable(stores.map(describeRow), { headings, alignments, columns }),
          "",
          ...stores.flatMap(describeDetails),
        ]),
    ...describeProblems(boot),
    "",
    `A boot would be ${word}${reason === undefined ? "" : ` (${reason})`}${isLooking ? "" : ", as far as is known without inspecting anything"}.`,
    ...(media.length === 0
      ? []
      : [
          "",
          "Media with the add-on",
          ...renderTable(
            media.map(({ device, record }) => [
              formatEscaped(device.path),
              quotedLabel(device),
              formatEscaped(record.family),
              `${formatEscaped(record.version)}${isOlder(record.version, version) ? ', older than this program: "backstore install" upgrades it' : ""}`,
            ]),
            { columns },
          ),
        ]),
    ...(unseen.length === 0
      ? []
      : [
          "",
          "Not inspected",
          ...renderTable(
            unseen.map(({ device, reason: why }) => [
              device.path,
              device.superblock?.type ?? "?",
              quotedLabel(device),
              why,
            ]),
            { columns },
          ),
        ]),
  ];
  return `${lines.join("\n")}\n`;
}

/** Describes what is wrong with the options, without what is told as the reason for the session. */
function describeProblems({ problems }: Explanation): string[] {
  const told = problems.filter(({ isReason }) => !isReason);
  if (told.length === 0) return [];
  return ["", "Problems", ...told.map((problem) => `  ${describeProblem(problem)}`)];
}

/** Returns the list as an object for programs; unknown values are undefined. */
export function summariseList({ stores, media, unseen, boot, version }: StoreReport): object {
  return {
    stores: stores.map(summariseStore),
    media: media.map(({ device, record }) => ({
      device: device.path,
      type: device.superblock?.type,
      label: device.superblock?.label,
      uuid: device.superblock?.uuid,
      family: record.family,
      version: record.version,
      older: isOlder(record.version, version),
    })),
    unseen: unseen.map(({ device, reason }) => ({
      device: device.path,
      type: device.superblock?.type,
      label: device.superblock?.label,
      uuid: device.superblock?.uuid,
      reason,
    })),
    boot: {
      session: boot.session,
      reason: boot.reason,
      problems: boot.problems.map(summariseProblem),
    },
  };
}

const notLooked =
  "Nothing could be inspected without root, so it is not known whether there is a store.";

const headings = ["  store", "device", "label", "kind", "size", "used", "state"];
const alignments = ["left", "left", "left", "left", "right", "right"] as const;

function describeRow({ seen, chosen }: ListedStore): string[] {
  const { device, bytes, usedBytes } = seen;
  return [
    `${chosen ? "+" : "-"} ${formatEscaped(seen.path)}`,
    formatEscaped(device.path),
    quotedLabel(device),
    describeKind(seen),
    formatSize(bytes),
    usedBytes === undefined ? "?" : formatSize(usedBytes),
    describeState(seen),
  ];
}

function describeDetails({ seen, chosen, reason }: ListedStore): string[] {
  const name = `${formatEscaped(seen.path)} on ${formatEscaped(seen.device.path)}${describeSubvolume(seen)}`;
  const isStore = ["used", "new"].includes(identifySeen(seen).kind);
  const record = summariseRecord(seen);
  const base = record?.base === undefined ? "unknown" : describeBase(record.base);
  const isRunning = seen.use?.by === "session";
  const session = isRunning ? "the running session" : describeSession(record?.session);
  return [
    `${chosen ? "+" : "-"} ${name}: ${reason}`,
    ...(isStore ? [`    last base: ${base}`, `    last session: ${session}`] : []),
  ];
}

function describeSubvolume({ subvolume }: ExaminedStore): string {
  return subvolume === undefined ? "" : `, subvolume ${formatQuoted(subvolume)}`;
}

function describeSession(session: LastSession | undefined): string {
  if (session === undefined) return "unknown";
  const { state, started, ended, machine } = session;
  const end =
    state === "open"
      ? "not ended cleanly, or still running elsewhere"
      : `ended cleanly${ended === undefined ? "" : ` ${formatTime(ended)}`}`;
  const begin = [
    ...(started === undefined ? [] : [`started ${formatTime(started)}`]),
    ...(machine === undefined ? [] : [`on ${formatQuoted(machine)}`]),
  ].join(" ");
  return begin === "" ? end : `${end}, ${begin}`;
}

function describeKind(seen: ExaminedStore): string {
  return `${seen.kind} (${superblockOf(seen)?.type ?? "?"})`;
}

function describeState(seen: ExaminedStore): string {
  const { kind } = identifySeen(seen);
  const isStore = kind !== "none" && kind !== "unknown";
  const words = [
    stateWords[kind],
    seen.subvolume === undefined ? "" : `in subvolume ${formatEscaped(seen.subvolume)}`,
    isStore ? describeOrder(seen) : "",
    describeUser(seen.use),
    isStore && seen.file ? describeRoomLack(seen.file) : "",
    seen.unfinished === undefined ? "" : `${seen.unfinished} interrupted`,
  ];
  return words.filter((word) => word !== "").join(", ");
}

function describeRoomLack(file: StoreFile): string {
  const lack = findRoomLack(file);
  if (lack === undefined) return "";
  if (lack.kind === "copied") return "copied on write by its host";
  const own = formatSize(file.allocatedBytes);
  return lack.kind === "shared"
    ? `shares blocks with a snapshot or a copy: only ${own} is its own`
    : `sparse: only ${own} allocated`;
}

function describeOrder(seen: ExaminedStore): string {
  const unclean = uncleanOf(seen);
  if (unclean === undefined) return "";
  return unclean.length === 0 ? "clean" : `unclean (${unclean.join(", ")})`;
}

const stateWords = {
  used: "",
  new: "new",
  aufs: "first generation (aufs)",
  none: "not a store",
  unknown: "not inspected",
} as const;

function describeUser(use: ExaminedStore["use"]): string {
  if (use === undefined) return "";
  const where = formatEscaped(use.where ?? "");
  if (use.by === "session") return "in use by the running session";
  if (use.by === "overlay") return `in use by the overlay on ${where}`;
  if (use.by === "mount") return `mounted on ${where}`;
  return use.by === "loop" ? `attached to ${where}` : (use.where ?? "in use");
}

function summariseStore({ seen, chosen, reason }: ListedStore): object {
  const { kind, device, path, bytes, file, usedBytes, unfinished } = seen;
  const inner = file?.superblock;
  const record = summariseRecord(seen);
  const unclean = uncleanOf(seen);
  return {
    kind,
    state: identifySeen(seen).kind,
    device: device.path,
    type: device.superblock?.type,
    label: device.superblock?.label,
    uuid: device.superblock?.uuid,
    removable: device.removable,
    path,
    subvolume: seen.subvolume,
    bytes,
    usedBytes,
    allocatedBytes: file?.allocatedBytes,
    sharedBytes: file?.sharedBytes,
    sparse: file !== undefined && isSparse(file),
    inner: inner && { type: inner.type, label: inner.label, uuid: inner.uuid },
    record,
    lastSession: identifyLastSession(seen),
    clean: unclean && unclean.length === 0,
    unclean,
    inUse: seen.use,
    unfinished,
    chosen,
    reason,
  };
}

function quotedLabel({ superblock }: Device): string {
  return superblock?.label === undefined ? "" : formatQuoted(superblock.label);
}
