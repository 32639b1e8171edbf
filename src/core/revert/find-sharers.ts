// What in an upper directory belongs to a file or directory of the base that was moved. Overlayfs
// knows it by that: if the base's own name is seen as well, it shows one in the place of the other,
// or neither (fs/overlayfs/inode.c, ovl_get_inode and ovl_verify_inode). No session ever makes such
// a state, but what takes a deletion back would.
// A file was copied whole, and needs only forget where it comes from. A directory that was moved,
// and a file of which only the attributes were copied, have the rest in the base.

import { type ChangesWalk, compareLayers, type OverlayLayers } from "../changes/compare-layers.ts";
import type { Place } from "../changes/find-below.ts";
import type { MarkSpace } from "../changes/layer.ts";

/** What in an upper directory belongs to something that was moved in it. */
export interface Sharers {
  /** Files that were copied whole. */
  readonly copies: readonly {
    readonly path: string;
    /** That of the file that it was copied from. */
    readonly handle: Uint8Array;
  }[];
  /** What needs the base at another path. */
  readonly moved: readonly { readonly path: string; readonly from: string }[];
}

/** How files are identified, and who hears of what cannot be read. */
export interface SharerSearch extends Pick<ChangesWalk, "attempt" | "tellFault"> {
  /** Returns whether a file has a handle, as fileHandle() returns it. */
  readonly hasHandle: (place: Place, handle: Uint8Array) => boolean;
}

/** Finds what in an upper directory was moved there from elsewhere in the base. */
export function findSharers(layers: OverlayLayers, search: SharerSearch): Sharers {
  const copies: { path: string; handle: Uint8Array }[] = [];
  const moved: { path: string; from: string }[] = [];
  const { hasHandle, attempt } = search;
  compareLayers(
    // Contents do not matter here.
    { ...layers, isSameContent: () => true },
    {
      attempt,
      // Whoever looks for changes is told.
      tellFault: () => {},
      under: [],
      tell: () => {},
      see({ path, entry, marks, base, from }) {
        if (from !== undefined) moved.push({ path, from });
        if (entry.kind === "directory" || marks.isMetacopy) return;
        const handle = readOrigin(entry.xattrs.get(originAttribute(layers.lower.space)));
        if (handle === undefined) return;
        const own = base?.content;
        if (
          own === undefined ||
          attempt(
            () => path,
            () => hasHandle(own, handle),
          ) !== true
        )
          copies.push({ path, handle });
      },
    },
  );
  return { copies, moved };
}

/** Returns the name of the attribute that says what a file was copied from. */
export function originAttribute(space: MarkSpace): string {
  return `${space}.overlay.origin`;
}

/** Returns the handle in an origin (struct ovl_fb); undefined if it names no file. */
function readOrigin(value: Uint8Array | undefined): Uint8Array | undefined {
  if (value === undefined || value.length <= headBytes) return undefined;
  return Uint8Array.of(value[typeAt] ?? 0, ...value.subarray(headBytes));
}

/** A version, a magic number, the length, flags, the type of the handle, and a UUID. */
const headBytes = 21;
const typeAt = 4;
