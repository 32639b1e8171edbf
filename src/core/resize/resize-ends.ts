// The steps that begin and end every resize: the record of its stage, cutting the file, and
// removing temporary files.

import type { Step } from "../steps/step.ts";
import {
  findBegunGrowth,
  formatResizeRecord,
  type RecordedFile,
  type ResizeRecord,
} from "../stores/resize-record.ts";
import { namesBeside } from "../stores/store-names.ts";
import { directoryOf } from "../text/path.ts";

/** Cuts the file to the size of its file system. */
export function cutSteps(store: string, to: number): Step[] {
  return [
    { do: "sync-file", path: store },
    { do: "truncate", path: store, bytes: to },
    { do: "sync-file", path: store },
  ];
}

/** Writes the record of its first stage. */
export function recordStart(store: string, intent: ResizeRecord): Step {
  return { do: "write-file", path: namesBeside(store).intent, text: formatResizeRecord(intent) };
}

/** Writes the record of a later stage over that of the one before. */
export function recordStage(store: string, intent: ResizeRecord): Step {
  const { intent: path } = namesBeside(store);
  return { do: "overwrite-file", path, text: formatResizeRecord(intent) };
}

/** Ends a resize: removes the temporary files, and then the record. */
export function endSteps(store: string, scratch?: string): Step[] {
  return [
    ...(scratch === undefined ? [] : [{ do: "remove-scratch", path: scratch } as const]),
    { do: "remove-file", path: namesBeside(store).intent },
    { do: "sync-file", path: directoryOf(store) },
  ];
}

/**
 * Undoes a growth that was begun, with the store at `store`; returns no steps if there is none. If
 * vfat has lost the clusters beyond a file's end, reading there makes the kernel turn the whole
 * host read-only.
 */
export function takeBackGrowth(file: RecordedFile & { bytes: number }, store: string): Step[] {
  const begun = findBegunGrowth(file);
  if (begun === undefined || file.bytes !== begun.from) return [];
  return [...cutSteps(store, begun.from), ...endSteps(store, namesBeside(store).scratch)];
}
