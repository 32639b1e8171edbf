// The facts and the result of the decision how a session runs.

import type { Device } from "../devices/device.ts";
import type { BaseIdentity } from "../medium/base-identity.ts";
import type { Medium } from "../medium/medium.ts";
import type { Options } from "../options/options.ts";
import type { StoreFinding } from "../stores/found-store.ts";
import type { LastSession } from "../stores/last-session.ts";
import type { BootPhases } from "../stores/past-boots.ts";
import type { LiveRoot } from "../takeover/live-root.ts";

/** A module of SystemRescue that could not be mounted. */
export interface RefusedSrm {
  /** Its path on the medium. */
  readonly path: string;
  /** What failed, as a sentence. */
  readonly message: string;
}

/**
 * The kind of a session: what it keeps. A foreign one is on a root that another initramfs has
 * assembled and that is left as it is: what becomes of changes is decided there.
 */
export type SessionKind = "persistent" | "readonly" | "volatile" | "foreign" | "stopped";

/** A session as it is once its plan is executed. */
export interface SessionResult {
  readonly session: SessionKind;
  /** Why it is not persistent; undefined if it is. */
  readonly reason: string | undefined;
  readonly store: StoreSummary | undefined;
  /** What is wrong with the store although it is used, as sentences; empty without one. */
  readonly findings: readonly string[];
  /** Whether changes are lost although a store was requested, or exists. */
  readonly isMissed: boolean;
  /** Set if a problem of the options is the reason, which is already reported. */
  readonly isRefused?: true;
}

/** A summary of a store. */
export type StoreSummary = DirectoryStoreSummary | FileStoreSummary;

/** A summary of a directory store. */
interface DirectoryStoreSummary extends CommonSummary {
  readonly kind: "directory";
}

/** A summary of a file store; `type`, `label` and `uuid` are of the file system in the file. */
interface FileStoreSummary extends CommonSummary {
  readonly kind: "file";
  /** The path of the file from the top of its host. */
  readonly file: string;
  /** The type of its host. */
  readonly hostType: string | undefined;
  readonly bytes: number;
  /** The bytes that the host has allocated for the file. */
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
  /** Whether it was created by this boot. */
  readonly new: boolean;
  /** The base that it was used with before. */
  readonly lastBase: BaseIdentity | undefined;
  /** The session before this one. */
  readonly lastSession: LastSession | undefined;
  /** When another system has mounted its overlay since; undefined if none has. */
  readonly foreignMount: string | undefined;
}

/** One layer of the base of a root that is put together beside the running system. */
export type ApartLayer =
  | { readonly kind: "directory"; readonly path: string }
  | {
      readonly kind: "image";
      readonly path: string;
      readonly type: string;
      /** Mount options that leave it unchanged. */
      readonly data: string;
    };

/** A root that is put together beside the running system, by "backstore run". */
export interface ApartRoot {
  /** The layers of its base, from the top down. */
  readonly layers: readonly ApartLayer[];
  /**
   * The path of a store's file on a host that is mounted already; undefined for any other store.
   */
  readonly file?: string | undefined;
  /**
   * The path of a store's directory on a file system that is mounted already; undefined for any
   * other store.
   */
  readonly directory?: string | undefined;
}

/** The facts that the decision needs. */
export interface SessionFacts {
  readonly options: Options;
  readonly medium: Medium;
  /** The root to take over; undefined where this is the only initramfs. */
  readonly live?: LiveRoot | undefined;
  /** The root to put together beside the running system; undefined for that of a boot. */
  readonly apart?: ApartRoot | undefined;
  readonly devices: readonly Device[];
  readonly store: StoreFinding;
  /** SystemRescue's modules that earlier plans could not mount. */
  readonly refusedSrms?: readonly RefusedSrm[];
  /** What earlier plans have repaired in the store, as sentences. */
  readonly mended?: readonly string[];
  /** What is wrong with the base, if that keeps the session from running, as a sentence's part. */
  readonly baseFault?: string | undefined;
  /** Whether the base and the other files on the medium were already copied into memory. */
  readonly isCopied: boolean;
  /** The names of overlayfs's parameters in this kernel. */
  readonly overlayParameters: readonly string[];
  /** Whether the store was checked already, before the facts about it turned out to be outdated. */
  readonly isChecked?: true;
  /**
   * Whether a person who read why the boot has stopped chose the store anyway, even if only to read
   * it.
   */
  readonly acceptsReadonly?: true;
  /** What is written into the store's record. */
  readonly record: RecordFacts;
}

/** The entries for a store's record: a new id for a store without one, and this session. */
export interface RecordFacts {
  readonly id: string;
  readonly version: string;
  /** The kernel's boot id. */
  readonly boot: string | undefined;
  /** The machine's name (machine-name.ts). */
  readonly machine: string | undefined;
  /** When the session begins, as ISO 8601. */
  readonly started: string;
  /** How long the boot has taken until now; undefined before one. */
  readonly phases?: BootPhases;
}
