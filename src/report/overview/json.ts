// A report as an object for programs (docs/report-json.md).

import type { Overview } from "../../core/overview/overview.ts";
import { layOutTree } from "../../core/overview/tree-map.ts";

/** Changes smaller than this share of all are told in sums. */
const leastShare = 1 / 1000;

/** Summarises a report for programs; unknown values are undefined. */
export function summariseOverview(overview: Overview): object {
  const { made, banner, changes, boots, bootsFault, disks } = overview;
  const { level, word, reason, wrong, mend, room } = banner;
  return {
    made,
    level,
    session: word,
    reason,
    wrong,
    mend,
    room: room && {
      totalBytes: room.totalBytes,
      usedBytes: room.usedBytes,
      isInMemory: room.isInMemory,
      bytesPerDay: room.pace?.bytesPerDay,
      since: room.pace && formatTime(room.pace.sinceMs),
      full: room.pace?.fullAtMs === undefined ? undefined : formatTime(room.pace.fullAtMs),
    },
    changes: summariseChanges(changes),
    boots: boots.map(({ phases, ...boot }) => ({
      ...boot,
      phases: {
        before: phases.before,
        medium: phases.medium,
        store: phases.store,
        mounting: phases.mounting,
      },
    })),
    bootsFault,
    disks: disks.map(({ parts, ...disk }) => ({
      ...disk,
      parts: parts.map(({ drawnBytes: _, ...part }) => part),
    })),
  };
}

function summariseChanges(changes: Overview["changes"]): object {
  if ("unseen" in changes) return { unseen: changes.unseen };
  const { tree, sums, problems, isInMemory } = changes;
  const { leaves } = layOutTree(tree, { width: 1, height: 1, leastArea: leastShare });
  return {
    bytes: tree.bytes,
    paths: tree.paths,
    sums,
    problems,
    isInMemory,
    largest: leaves
      .map(({ path, group, bytes, paths, isSum }) => ({ path, group, bytes, paths, isSum }))
      .sort((one, other) => other.bytes - one.bytes),
  };
}

function formatTime(atMs: number): string {
  return new Date(atMs).toISOString();
}
