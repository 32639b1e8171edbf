// The store that somebody names to run a system with: one that nobody uses, and that can be mounted
// where it is.

import type { FoundStore } from "../../core/stores/found-store.ts";
import type { ExaminedStore, Obstacle, StoreUser } from "../../core/stores/seen-store.ts";
import { Failure } from "../../core/text/failure.ts";
import { joinPath } from "../../core/text/path.ts";
import { formatPath } from "../../core/text/quoted.ts";
import { findNamed } from "../check/check-subjects.ts";
import { type CheckLook, findTraces } from "../check/inspect-check.ts";
import { adviseCheck } from "../looking/require-sound.ts";
import { bytesOf } from "../looking/view.ts";
import type { System } from "../port/system.ts";
import { findOverlayOn } from "../revert/open-store.ts";
import { inspectDirectory } from "../stores/inspect-directory.ts";
import { nameHolder } from "../usage/name-holder.ts";
import { findMounts, learnUsage, showsTop } from "../usage/usage.ts";

/** A store to run a system with. */
export interface RunStore {
  readonly store: FoundStore;
  /** The path of its file, on a host that is mounted; undefined for any other store. */
  readonly file: string | undefined;
  /**
   * The path of its directory, on a file system that is mounted and thus cannot be checked;
   * undefined for any other store.
   */
  readonly mounted: string | undefined;
  /** What is locked while it is used. */
  readonly lock: string;
}

/** Inspects a store; throws a Failure if there is none that can be used. */
export function inspectRunStore(system: System, given: string, look: CheckLook): RunStore {
  const cannot = `Cannot use ${formatPath(given)}`;
  const { subjects, unseen } = findNamed(system, given, { ...look, action: "use" });
  const [subject, another] = subjects;
  if (subject === undefined)
    throw new Failure("not-found", `${cannot}: ${unseen[0]?.reason ?? "it contains no store"}`);
  if (another !== undefined)
    throw new Failure(
      "unsafe",
      `${cannot}: there are several stores on it (${subjects.map(({ seen }) => formatPath(seen.path)).join(", ")})`,
      "mount it, and name one of them",
    );
  const { seen, file } = subject;
  const { directory, kind, device, path, use } = seen;
  refuseUsed(system, { cannot, use, file, isDirectory: kind === "directory" });
  if (directory === undefined || seen.obstacle !== undefined)
    throw describeObstacle(cannot, { given, obstacle: seen.obstacle });
  if (file === undefined && system.status(device.path)?.kind !== "block")
    throw new Failure(
      "unsafe",
      `${cannot}: it is in the image of a disk`,
      `attach that: losetup --find --show --partscan ${formatPath(given)}`,
    );
  const mounted = use === undefined ? undefined : findMounted(system, { given, seen, cannot });
  const overlay =
    mounted === undefined ? undefined : findOverlayOn(system, joinPath(mounted, "upperdir"));
  if (overlay !== undefined)
    throw new Failure(
      "in-use",
      `${cannot}: it is in use by the overlay on ${formatPath(overlay)}`,
      `unmount it first: umount ${formatPath(overlay)}`,
    );
  const traces =
    mounted === undefined
      ? findTraces(system, subject, look.at)
      : inspectDirectory(system, { root: mounted, directory: "" }).traces;
  // What is bound is the directory itself.
  const seenThere = mounted === undefined ? directory : { ...directory, directory: "" };
  return {
    store: {
      kind,
      device,
      path,
      file: seen.file,
      directory: { ...seenThere, traces },
      obstacle: undefined,
    },
    file,
    mounted,
    lock: file ?? device.path,
  };
}

function describeObstacle(
  cannot: string,
  { given, obstacle }: { given: string; obstacle: Obstacle | undefined },
): Failure {
  const { kind, reason, fault } = obstacle ?? { kind: "unknown", reason: "it was not inspected" };
  const sentence = `${cannot}: ${reason}`;
  if (fault === "truncated") return new Failure("damaged", sentence, adviseCheck(given));
  if (kind === "unknown") return new Failure("tool", sentence, adviseCheck(given));
  return new Failure("not-found", sentence, "list the stores: backstore list");
}

/** Finds a directory store through the mount of its file system. */
function findMounted(
  system: System,
  { given, seen, cannot }: { given: string; seen: ExaminedStore; cannot: string },
): string {
  if (system.status(given)?.kind === "directory") return system.resolve(given);
  const mount = findMounts(system, learnUsage(system), bytesOf(seen.device)).find(showsTop);
  if (mount === undefined)
    throw new Failure(
      "in-use",
      `${cannot}: a part of its file system is mounted`,
      "name the directory of the store",
    );
  return mount.target === "/" ? seen.path : `${mount.target}${seen.path}`.replace(/\/$/, "");
}

interface Used {
  readonly cannot: string;
  readonly use: StoreUser | undefined;
  readonly file: string | undefined;
  readonly isDirectory: boolean;
}

/** The file system of a directory may be mounted; that of a file may not. */
function refuseUsed(system: System, { cannot, use, file, isDirectory }: Used): void {
  const holder = file === undefined ? undefined : nameHolder(system, file);
  if (holder !== undefined) throw new Failure("in-use", `${cannot}: ${holder.reason}`, holder.hint);
  if (use === undefined || (isDirectory && use.by === "mount")) return;
  const where = use.where === undefined ? "" : ` (${use.where})`;
  throw new Failure(
    "in-use",
    use.by === "session"
      ? `${cannot}: the running session uses it`
      : `${cannot}: it is in use${where}`,
    "try again once it is no longer in use",
  );
}
