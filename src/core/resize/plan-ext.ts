// Resizes an ext2, ext3 or ext4 file system that is not in use. The tools work on a copy that has
// what they read and no file data; their changes are kept beside the store, complete and synced,
// before the store is first overwritten. From then on any later run can complete the resize
// (docs/decisions/0016).

import { scratchNames } from "../steps/resize-steps.ts";
import type { Step } from "../steps/step.ts";
import type { ResizeRecord } from "../stores/resize-record.ts";
import { namesBeside } from "../stores/store-names.ts";
import { findMovingData } from "./ext-layout.ts";
import { endSteps, recordStage, recordStart } from "./resize-ends.ts";
import type { ResizeFacts } from "./resize-facts.ts";

/** Plans the resize; `prepared` are the steps that come first. */
export function planExtPhases(
  { writable, scratch, inner, bytes }: ResizeFacts,
  { intent, prepared }: { intent: ResizeRecord; prepared: readonly Step[] },
): Step[][] {
  const { store } = writable;
  const { to } = intent;
  const copy = `${scratch}/${scratchNames.copy}`;
  const checked = `${scratch}/${scratchNames.checked}`;
  const resized = `${scratch}/${scratchNames.resized}`;
  const { changes } = namesBeside(store);
  const moving = inner.layout && findMovingData(inner.layout, to);
  return [
    [
      recordStart(store, { ...intent, stage: "preparing" }),
      ...prepared,
      { do: "make-scratch", path: scratch },
      {
        do: "run-tool",
        action: "copy its metadata",
        argv: ["e2image", "-r", store, copy],
      },
      { do: "check-copy", store, copy, undo: checked },
      ...(moving === undefined
        ? []
        : [{ do: "copy-used", store, copy, undo: checked, from: moving } as const]),
      ...(to > bytes ? [{ do: "truncate", path: copy, bytes: to } as const] : []),
      { do: "resize-copy", store, copy, undo: resized, bytes: to },
      { do: "keep-changes", store, copy, undos: [checked, resized], changes, from: bytes, to },
      { do: "sync-file", path: store },
    ],
    [
      recordStage(store, { ...intent, stage: "applying" }),
      ...applySteps(store, { from: bytes, to }),
    ],
    [...endSteps(store, scratch), ...dropChanges(store)],
  ];
}

/** Writes the kept changes into a store, and sets the final size of its file. */
export function applySteps(store: string, { from, to }: { from: number; to: number }): Step[] {
  return [
    { do: "apply-changes", changes: namesBeside(store).changes, store },
    // If the file were cut before the smaller file system is on disk, it would lose the data at its
    // end.
    { do: "sync-file", path: store },
    ...(to < from
      ? ([
          { do: "truncate", path: store, bytes: to },
          { do: "sync-file", path: store },
        ] as const)
      : []),
  ];
}

/** Removes kept changes, after the record that says that they are needed. */
export function dropChanges(store: string): Step[] {
  return [{ do: "remove-file", path: namesBeside(store).changes }];
}
