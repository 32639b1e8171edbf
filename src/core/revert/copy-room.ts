// Whether what a revert copies in the running session finds room there.

import { inodesOf, type KernelRoom, usableBytes } from "../stores/room.ts";
import { Failure } from "../text/failure.ts";
import { formatSize } from "../text/size.ts";

/** What is copied comes to. */
export interface CopyTotals {
  readonly files: number;
  readonly bytes: number;
}

/** Throws Failure "no-room" where there is too little in a file system of a type. */
export function checkCopyRoom(
  { files, bytes }: CopyTotals,
  { type, room }: { readonly type: string; readonly room: KernelRoom },
): void {
  if (files === 0) return;
  const cannot = "Cannot revert changes of this session";
  const usable = usableBytes(type, room);
  if (usable < bytes)
    throw new Failure(
      "no-room",
      `${cannot}: what is copied from the base takes ${formatSize(bytes)}, and only ${formatSize(usable)} is free`,
      "revert fewer paths at a time, or give --store in another system, which copies nothing",
    );
  const inodes = inodesOf(type, room);
  if (inodes !== undefined && inodes.free < files)
    throw new Failure(
      "no-room",
      `${cannot}: ${files} files and directories are copied from the base, and there is room for only ${inodes.free} more`,
      "revert fewer paths at a time, or give --store in another system, which copies nothing",
    );
}
