// The steps by which a persistent session sees to the room of its store: first that there is enough, last that some of it
// is kept back for the day when there is none.

import type { Step } from "../steps/step.ts";
import { ballastFile, leastUsableBytes } from "../stores/ballast.ts";
import { adviseRoom } from "./full-store.ts";
import { places } from "./session-steps.ts";
import { type StoreUse, storePath } from "./store-use.ts";

/** Makes sure that there is room, with what the ballast gives. */
export function ensureRoom(use: StoreUse): Step {
  const type = typeOf(use);
  return {
    do: "ensure-room",
    path: places.store,
    type,
    ballast: `${storePath(use)}/${ballastFile}`,
    bytes: leastUsableBytes(type),
    advice: adviseRoom(use),
  };
}

/** Makes the ballast of a store where none is seen, if the room is the store's own: in a file, or with stores alone. */
export function makeBallast(use: StoreUse): Step[] {
  const { file, seen } = use;
  if (file === undefined && !seen.isDedicated) return [];
  // A copied one may hold no room.
  if (seen.names.includes(ballastFile) && seen.room?.ballastBytes !== 0) return [];
  const path = `${storePath(use)}/${ballastFile}`;
  return [{ do: "make-ballast", path, type: typeOf(use), optional: true }];
}

function typeOf({ device, file }: StoreUse): string {
  return (file ?? device).superblock?.type ?? "";
}
