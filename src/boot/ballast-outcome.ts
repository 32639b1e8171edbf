// What happened to a store's ballast in this boot, comparing the earlier inspection with what is
// there now.

import type { Problem } from "../core/options/option-source.ts";
import { places } from "../core/session/places.ts";
import { describeRelease, describeSpentInodes } from "../core/session/remedies.ts";
import type { SessionResult } from "../core/session/session.ts";
import { storePath } from "../core/session/store-use.ts";
import type { BallastOutcome } from "../core/stores/ballast.ts";
import type { StoreFinding } from "../core/stores/found-store.ts";
import { usableBytes } from "../core/stores/room.ts";
import { ballastFile, inodeReserve } from "../core/stores/store-names.ts";
import { ifPossible } from "../system/port/errors.ts";
import type { System } from "../system/port/system.ts";
import { readBallast } from "../system/stores/measure-room.ts";

/** The fate of the ballast; undefined if there is none and was none. */
interface BallastEnd {
  readonly outcome: BallastOutcome | undefined;
  readonly problems: readonly Problem[];
}

/** Checks what happened to the ballast of the session's store. */
export function checkBallast(
  system: System,
  finding: StoreFinding,
  { store }: SessionResult,
): BallastEnd {
  if (store === undefined || finding.kind === "none") return { outcome: undefined, problems: [] };
  const { names, room } = finding.directory;
  const isThereStill = (path: string) => ifPossible(() => system.linkStatus(path)) !== undefined;
  const directory = storePath(store);
  const isSpent = names.includes(inodeReserve) && !isThereStill(`${directory}/${inodeReserve}`);
  const problems = isSpent ? [{ message: describeSpentInodes }] : [];
  const path = `${directory}/${ballastFile}`;
  // A link, or a file without blocks, reserves nothing.
  const wasThere = names.includes(ballastFile) && room?.ballastBytes !== 0;
  const isThere = ifPossible(() => readBallast(system, path)) ?? 0;
  if (isThere > 0) return { outcome: wasThere ? "kept" : "made", problems };
  if (!wasThere || isThereStill(path)) return { outcome: undefined, problems };
  const free = ifPossible(() => usableBytes(store.type ?? "", system.room(places.store)));
  return {
    outcome: "released",
    problems: [...problems, { message: describeRelease(room?.ballastBytes, free) }],
  };
}
