// The steps that every change of a store's size begins and ends with: the record of how far it has come, the cut of the
// file, and the removal of what was needed meanwhile.

import type { Step } from "../steps/step.ts";
import {
  findBegunGrowth,
  formatResizeRecord,
  type RecordedFile,
  type ResizeRecord,
} from "../stores/resize-record.ts";
import { namesBeside } from "../stores/store-names.ts";
import { directoryOf } from "../text/path.ts";

/** Cuts the file to what its file system has become. */
export function cutSteps(store: string, to: number): Step[] {
  return [
    { do: "sync-file", path: store },
    { do: "truncate", path: store, bytes: to },
    { do: "sync-file", path: store },
  ];
}

/** Writes the record of how far it has come. */
export function recordStage(store: string, intent: ResizeRecord): Step {
  return { do: "write-file", path: namesBeside(store).intent, text: formatResizeRecord(intent) };
}

/** Ends a change of size: what was needed meanwhile goes, and then the record of it. */
export function endSteps(store: string, scratch?: string): Step[] {
  return [
    ...(scratch === undefined ? [] : [{ do: "remove-scratch", path: scratch } as const]),
    { do: "remove-file", path: namesBeside(store).intent },
    { do: "sync-file", path: directoryOf(store) },
  ];
}

/**
 * Takes such a growth back, with the store at `store`; none: no steps. Where vfat has lost the room behind a file's end,
 * reading there makes the kernel give up writing to the whole host.
 */
export function takeBackGrowth(file: RecordedFile & { bytes: number }, store: string): Step[] {
  const begun = findBegunGrowth(file);
  if (begun === undefined || file.bytes !== begun.from) return [];
  return [...cutSteps(store, begun.from), ...endSteps(store, namesBeside(store).scratch)];
}
