// What is known of a store that is being checked: how it was seen, what its file system's own checker says, what lies
// among its changes. All of it is learned without changing a byte (system/check/inspect-check.ts).
import type { ChangesFacts } from "../changes/changes-facts.ts";
import type { BaseIdentity } from "../medium/base-identity.ts";
import type { ResizeRecord } from "../stores/resize-record.ts";
import type { ExaminedStore } from "../stores/seen-store.ts";

/** Is what a checker said of a file system, or why it was not asked. */
export type CheckerVerdict =
  /** `afterReplay`: a copy was checked in which what waits in the journal had taken its place. */
  | { readonly kind: "clean"; readonly afterReplay: boolean }
  /** `says` is the first thing that it complained of, `more` how many there are besides. */
  | {
      readonly kind: "damaged";
      readonly tool: string;
      readonly says: string;
      readonly more: number;
    }
  /** A block is broken of which there is a second, good copy (btrfs). */
  | { readonly kind: "copy-broken"; readonly tool: string; readonly says: string }
  | { readonly kind: "failed"; readonly says: string }
  | { readonly kind: "not-asked"; readonly reason: NotAsked };

/** Says why no checker was asked: in use, a log or journal that has to be replayed first, no checker for the type, or a reason in words. */
export type NotAsked =
  | "in-use"
  | "pending-log"
  | "no-file-system"
  | { readonly missing: string; readonly hint: string | undefined }
  | { readonly because: string };

/** Is all that is known of one store. */
export interface CheckFacts {
  /** What sentences call it, quoted. */
  readonly store: string;
  /** Its file or device by the path that commands take; undefined where its host is not mounted for writing. */
  readonly path: string | undefined;
  readonly seen: ExaminedStore;
  readonly checker: CheckerVerdict;
  readonly changes: ChangesFacts | undefined;
  /** Of the file system that keeps the changes. */
  readonly room: { readonly totalBytes: number; readonly usedBytes: number } | undefined;
  /** Whether another program holds the lock of the store or of its directory, as create, grow and shrink do. */
  readonly isLocked: boolean;
  /** Names that program ("the program …"); missing where nobody can tell. */
  readonly locker?: string | undefined;
  /** The record of a change of its size that was not finished; undefined where none can be read. */
  readonly intent: ResizeRecord | undefined;
  /** Paths beside it that a command which was killed has left, and that no record speaks of. */
  readonly remains: readonly string[];
  /** A device on the same disk that holds a hibernated system. */
  readonly sleeper: string | undefined;
  readonly now: RunningSystem;
}

/** Is where and when a check is made: what the record of a store's last session and base is compared with. */
export interface RunningSystem {
  /** The kernel's boot id. */
  readonly boot: string | undefined;
  /** The machine's name (machine-name.ts). */
  readonly machine: string | undefined;
  /** The base that the running session was booted from; undefined where it is none of ours. */
  readonly base: BaseIdentity | undefined;
}
