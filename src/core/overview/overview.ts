// Everything that is told of a live system and its store, as one value: a page, a console and JSON
// show the same.

import type { Device } from "../devices/device.ts";
import type { PastBoots } from "../stores/past-boots.ts";
import { type Banner, composeBanner, type SessionState } from "./banner.ts";
import { type BootBar, listBoots } from "./boot-bars.ts";
import type { ChangeNode, GroupSums } from "./change-tree.ts";
import { type DiskBar, listDisks } from "./disk-bars.ts";
import { listUsed } from "./forecast.ts";

/** The changes of the session. */
export interface SeenChanges {
  readonly tree: ChangeNode;
  readonly sums: GroupSums;
  /** How many paths could not be compared. */
  readonly problems: number;
  readonly isInMemory: boolean;
}

/** A report on a live system. */
export interface Overview {
  /** When it was made, as ISO 8601. */
  readonly made: string;
  readonly version: string;
  readonly banner: Banner;
  /** Or why there are none to see. */
  readonly changes: SeenChanges | { readonly unseen: string };
  /** The newest last. */
  readonly boots: readonly BootBar[];
  /** Why earlier boots cannot be read; undefined if they can. */
  readonly bootsFault: string | undefined;
  readonly disks: readonly DiskBar[];
}

/** The facts that a report is made of. */
export interface OverviewFacts {
  readonly nowMs: number;
  readonly uptimeMs: number;
  readonly version: string;
  readonly state: SessionState;
  readonly changes: Overview["changes"];
  readonly past: PastBoots;
  /** Whether the newest of them is that of the running session. */
  readonly hasThis: boolean;
  readonly devices: readonly Device[];
}

/** Composes a report. */
export function composeOverview(facts: OverviewFacts): Overview {
  const { nowMs, uptimeMs, version, state, changes, past, hasThis, devices } = facts;
  const usedBytes = state.room?.usedBytes;
  const used = usedBytes === undefined ? [] : listUsed(past.boots, { atMs: nowMs, usedBytes });
  const banner = composeBanner(state, used);
  const started = new Date(nowMs - uptimeMs).toISOString();
  return {
    made: new Date(nowMs).toISOString(),
    version,
    banner,
    changes,
    boots: listBoots(past.boots, {
      boot: state.boot,
      level: banner.level,
      started,
      isRecorded: hasThis,
    }),
    bootsFault: "fault" in past ? past.fault : undefined,
    disks: listDisks(devices, state.boot),
  };
}
