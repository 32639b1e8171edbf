// The facts about a store to check: its inspection, the result of its file system's own checker,
// its changes. All are collected without changing a byte (system/check/inspect-check.ts).
import type { ChangesFacts } from "../changes/changes-facts.ts";
import type { BaseIdentity } from "../medium/base-identity.ts";
import type { ResizeRecord } from "../stores/resize-record.ts";
import type { RoomMeasure } from "../stores/room.ts";
import type { ExaminedStore } from "../stores/seen-store.ts";

/** The reason why a checker that was run has no verdict, with the line that tells it. */
export interface CheckerInability {
  readonly tool: string;
  readonly why: "too-old" | "unreadable" | "protected";
  readonly says: string;
}

/** The verdict of a checker on a file system, or why it was not run. */
export type CheckerVerdict =
  /** `afterReplay`: a copy was checked, in which the journal had been replayed. */
  | { readonly kind: "clean"; readonly afterReplay: boolean }
  /** `says` is its first complaint, `more` the number of others. */
  | {
      readonly kind: "damaged";
      readonly tool: string;
      readonly says: string;
      readonly more: number;
    }
  /** A block is damaged that has a second, good copy (btrfs). */
  | { readonly kind: "copy-broken"; readonly tool: string; readonly says: string }
  /** It does not know the file system's features yet, or could not read or start: no verdict. */
  | ({ readonly kind: "unable" } & CheckerInability)
  | { readonly kind: "failed"; readonly says: string }
  | { readonly kind: "not-asked"; readonly reason: NotAsked };

/**
 * The reason why no checker was run: in use, a log or journal that has to be replayed first, no
 * checker for the type, larger than its device, without some of its devices, or a reason in words.
 */
export type NotAsked =
  | "in-use"
  | "pending-log"
  | "no-file-system"
  | "cut-off"
  /** Members of its btrfs are not here, as a clause. */
  | { readonly absent: string }
  | { readonly missing: string; readonly hint: string | undefined }
  | { readonly because: string };

/** The facts about one store. */
export interface CheckFacts {
  /** Its name in sentences, quoted. */
  readonly store: string;
  /** The same as it is, for programs: a path, or a path and the device that it is on. */
  readonly name: string;
  /**
   * Its file or device by the path that commands accept; undefined if its host is not mounted for
   * writing.
   */
  readonly path: string | undefined;
  readonly seen: ExaminedStore;
  readonly checker: CheckerVerdict;
  readonly changes: ChangesFacts | undefined;
  /** Of the file system that contains the changes. */
  readonly room: Omit<RoomMeasure, "measured"> | undefined;
  /**
   * Whether another program holds the lock of the store or of its directory, as create, grow and
   * shrink do.
   */
  readonly isLocked: boolean;
  /** Names that program ("the program …"); undefined if it is unknown. */
  readonly locker?: string | undefined;
  /** The record of an interrupted resize; undefined if none can be read. */
  readonly intent: ResizeRecord | undefined;
  /** Paths beside it left by a killed command, and not in any record. */
  readonly remains: readonly string[];
  /** A device on the same disk that contains a hibernated system. */
  readonly sleeper: string | undefined;
  readonly now: RunningSystem;
}

/**
 * The machine and session that run the check: the record of a store's last session and base is
 * compared with them.
 */
export interface RunningSystem {
  /** The kernel's boot id. */
  readonly boot: string | undefined;
  /** The machine's name (machine-name.ts). */
  readonly machine: string | undefined;
  /**
   * The base that the running session was booted from; undefined if it was not booted by backstore.
   */
  readonly base: BaseIdentity | undefined;
}
