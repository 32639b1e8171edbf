// What goes into the decision how a session runs, and what comes out of it.

import type { Device } from "../devices/device.ts";
import type { BaseIdentity } from "../medium/base-identity.ts";
import type { Medium } from "../medium/medium.ts";
import type { Options } from "../options/options.ts";
import type { StoreFinding } from "../stores/found-store.ts";
import type { LastSession } from "../stores/last-session.ts";

/** Is the word for what a session keeps. */
export type SessionKind = "persistent" | "readonly" | "volatile" | "stopped";

/** Says where the changes go once a plan is done. */
export interface SessionResult {
  readonly session: SessionKind;
  /** Why it is not persistent; undefined when it is. */
  readonly reason: string | undefined;
  readonly store: StoreSummary | undefined;
  /** What is wrong with the store although it is used, as sentences; empty without one. */
  readonly findings: readonly string[];
  /** Whether changes are lost although a store was asked for, or is there. */
  readonly isMissed: boolean;
  /** A problem of the options is the reason, and says so already. */
  readonly isRefused?: true;
}

/** Names a store. */
export type StoreSummary = DirectoryStoreSummary | FileStoreSummary;

/** Names a directory store. */
interface DirectoryStoreSummary extends CommonSummary {
  readonly kind: "directory";
}

/** Names a file store; `type`, `label` and `uuid` are of the file system in the file. */
interface FileStoreSummary extends CommonSummary {
  readonly kind: "file";
  /** The path of the file from the top of its host. */
  readonly file: string;
  /** The type of its host. */
  readonly hostType: string | undefined;
  readonly bytes: number;
  /** What the host has set aside for the file. */
  readonly allocatedBytes: number;
  readonly sparse: boolean;
}

interface CommonSummary {
  /** The device of the file system that holds the directory, or of the host. */
  readonly device: string;
  readonly type: string | undefined;
  readonly label: string | undefined;
  readonly uuid: string | undefined;
  readonly directory: string;
  /** The overlay options that it is used with. */
  readonly overlay: string;
  /** Whether it was made by this boot. */
  readonly new: boolean;
  /** The base that it was used with before. */
  readonly lastBase: BaseIdentity | undefined;
  /** The session before this one. */
  readonly lastSession: LastSession | undefined;
}

/** Is all that the decision needs. */
export interface SessionFacts {
  readonly options: Options;
  readonly medium: Medium;
  readonly devices: readonly Device[];
  readonly store: StoreFinding;
  /** What plans before this one have set right of the store, as sentences. */
  readonly mended?: readonly string[];
  /** Whether the base, and what is looked for on the medium, was copied into memory before. */
  readonly isCopied: boolean;
  /** Names of the parameters that the kernel's overlay has. */
  readonly overlayParameters: readonly string[];
  /** Types of file systems, in blkid's words, that can be checked before they are used. */
  readonly checkers: readonly string[];
  /** Whether the store was checked already, when what is known of it had turned out to be too old. */
  readonly isChecked?: true;
  /** Whether a person who read why the boot has stopped took the store all the same, also only to read it. */
  readonly acceptsReadonly?: true;
  /** What the store's record is written with. */
  readonly record: RecordFacts;
}

/** Is what a store's record is written with: a new id for a store without one, and this session. */
export interface RecordFacts {
  readonly id: string;
  readonly version: string;
  /** The kernel's boot id. */
  readonly boot: string | undefined;
  /** The machine's name (machine-name.ts). */
  readonly machine: string | undefined;
  /** When the session begins, as ISO 8601. */
  readonly started: string;
}
