// What the commands that carry changes from one place to another have in common.

import { Failure } from "../../core/text/failure.ts";
import { formatPath } from "../../core/text/quoted.ts";
import { formatSize } from "../../core/text/size.ts";
import { addLoss, type Losses, type LossReason } from "../../report/exchange/carried.ts";
import type { ChangesView } from "../../system/changes/open-changes.ts";
import type { NewStore } from "../../system/create/new-store.ts";
import { withLookingPlace } from "../../system/looking/looking-place.ts";
import { type RequireSound, watchDamage } from "../../system/looking/require-sound.ts";
import type { Invocation } from "./command.ts";
import { readingView } from "./store-view.ts";

/** Where is mounted what is carried. */
export interface CarryingView extends ChangesView {
  readonly at: string;
  /** To be called once everything was read, and before anything is made of it. */
  readonly requireSound: RequireSound;
}

/** Passes `use` a place to mount in; throws a Failure without the right to do that. */
export function withCarryingView<T>(
  invocation: Invocation,
  cannot: string,
  use: (view: CarryingView) => T,
): T {
  const { system, context } = invocation;
  const refused = (found: string) => new Failure("tool", `${cannot}: ${found}`, "run this as root");
  if (!context.isRoot) throw refused("only root can keep owners and what overlayfs marks");
  const requireSound = watchDamage(system);
  return withLookingPlace(system, (at) => {
    if (at === undefined) throw refused("nothing can be mounted");
    return use({ ...readingView(invocation, at), at, requireSound });
  });
}

/** What is about to be written, and where. */
interface RoomRequest {
  readonly directory: string;
  /** A directory store has the room of the disk that it is on. */
  readonly kind: NewStore["kind"] | "device";
  readonly bytes: number;
  readonly cannot: string;
}

/** Throws a Failure where there is too little room; what the file system needs comes on top. */
export function requireRoom(
  { system }: Invocation,
  { directory, kind, bytes, cannot }: RoomRequest,
): void {
  requireMost({ kind, bytes, freeBytes: system.room(directory).freeBytes, cannot });
}

/** Throws a Failure where what can be free at most is too little; undefined is enough. */
export function requireMost({
  kind,
  bytes,
  freeBytes = bytes,
  cannot,
}: Omit<RoomRequest, "directory"> & {
  freeBytes: number | undefined;
}): void {
  if (freeBytes >= bytes) return;
  throw new Failure(
    "no-room",
    `${cannot}: the changes take ${formatSize(bytes)}, and only ${formatSize(freeBytes)} is free`,
    kind === "directory"
      ? "free some room there, or name a directory on another disk"
      : "choose a larger store",
  );
}

/** Throws a Failure for a target in what is carried, which would never end. */
export function requireOutside(
  { system }: Invocation,
  { target, root, cannot }: { target: string; root: string; cannot: string },
): void {
  if (!target.startsWith(`${system.resolve(root)}/`)) return;
  throw new Failure(
    "unsafe",
    `${cannot}: ${formatPath(target)} is in it`,
    "choose a place outside of it",
  );
}

/** Returns a listener that collects what is not as it was. */
export function collectLosses(losses: Losses) {
  return {
    tellLeftOut: (path: string, reason: LossReason) => addLoss(losses, { path, reason }),
    tellLost: (path: string, attribute: string) =>
      addLoss(losses, { path, reason: "attribute", attribute }),
    tellChanged: (path: string) => addLoss(losses, { path, reason: "changed" }),
  };
}
