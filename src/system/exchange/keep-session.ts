// What the overlay of the running session holds is written into a new upper directory, and compared
// once more when all of it is there: the session goes on meanwhile. Its files can be in memory,
// where a program that has one mapped changes it without changing its times, so the contents are
// compared.

import { compareEntries } from "../../core/changes/compare-entry.ts";
import { identifyMarks, type LayerEntry, withoutMarks } from "../../core/changes/layer.ts";
import type { Carried } from "../../core/exchange/carried.ts";
import type { KeptTotals } from "../../core/exchange/plan-keep.ts";
import { type Merged, type MergedLayers, readMerged } from "../../core/exchange/read-merged.ts";
import { withLayers } from "../changes/inspect-changes.ts";
import { type OpenLayer, withLayer } from "../changes/read-layer.ts";
import { type DiskPlace, errnoOf, type System } from "../port/system.ts";
import { openWriter } from "./write-changes.ts";

/** The layers of a session, and what of them is kept. */
export interface KeptSession extends Pick<MergedLayers, "kept" | "space" | "only"> {
  /** The directories of its layers, from the top down. */
  readonly directories: readonly string[];
}

/** Who hears of what is not as it was. */
export interface KeptListener {
  readonly tellLost: (path: string, attribute: string) => void;
  readonly tellChanged: (path: string) => void;
  readonly progress: (doneBytes: number) => void;
}

/** What is kept comes to, and which of the wanted paths it has. */
export interface MeasuredSession extends KeptTotals {
  /** In the order of the paths; empty if all are wanted. */
  readonly found: readonly boolean[];
}

/** Measures what is kept of a session. */
export function measureKept(system: System, session: KeptSession): MeasuredSession {
  const { only = [] } = session;
  const found = only.map(() => false);
  let entries = 0;
  let bytes = 0;
  withMerged(system, session, ({ merged }) => {
    for (const { carried } of readMerged(merged)) {
      const at = only.indexOf(carried.path);
      if (at >= 0) found[at] = true;
      entries++;
      bytes += countBytes(carried);
    }
  });
  return { entries, bytes, found };
}

/** Every directory, long link and set of attributes takes a block of its own. */
function countBytes(carried: Carried): number {
  if (carried.kind === "directory") return blockBytes;
  if (carried.kind !== "file") return 0;
  const { kind, bytes, allocatedBytes, target, xattrs } = carried.entry;
  const isLong = xattrs.size > 0 || (target?.length ?? 0) >= inlineBytes;
  // A file of which the content is in the base has none of its own.
  const content = kind === "file" ? Math.max(allocatedBytes, Math.min(bytes, blockBytes)) : 0;
  return Math.ceil(content / blockBytes) * blockBytes + (isLong ? blockBytes : 0);
}

const blockBytes = 4096;

/** As many bytes of a link's target fit into an inode of ext4. */
const inlineBytes = 60;

/** Writes what is kept into an empty directory of mode 0700. */
export function writeKept(
  system: System,
  { session, to }: { readonly session: KeptSession; readonly to: string },
  { tellLost, progress }: Pick<KeptListener, "tellLost" | "progress">,
): void {
  withMerged(system, session, ({ merged, placeOf }) => {
    let data: DiskPlace = { root: "", path: "" };
    let done = 0;
    const writer = openWriter(system, { placeOf: () => data, to, tellLost });
    for (const one of readMerged(merged)) {
      const { carried } = one;
      data = placeOf(one) ?? data;
      if (carried.kind === "left-out") continue;
      const isThere = unlessGone(() => {
        writer.write(carried);
        return true;
      });
      // The comparison tells that it is gone.
      if (isThere !== true) removeIfPresent(system, `${to}${carried.path}`);
      done += countBytes(carried);
      progress(done);
    }
    writer.finish();
  });
}

function removeIfPresent(system: System, path: string): void {
  if (system.linkStatus(path) !== undefined) system.removeFile(path);
}

/**
 * Compares what is kept of a session with what was written, and tells each path that is not the
 * same any more.
 */
export function checkKept(
  system: System,
  { session, to }: { readonly session: KeptSession; readonly to: string },
  { tellChanged, progress }: Pick<KeptListener, "tellChanged" | "progress">,
): void {
  withLayer(system, to, (written) =>
    withMerged(system, session, ({ merged, placeOf }) => {
      const names = watchNames(written, tellChanged);
      let done = 0;
      for (const one of readMerged(merged)) {
        const { carried } = one;
        names.see(carried);
        const isSame = unlessGone(() =>
          isWritten(carried, {
            written,
            space: merged.space,
            isSameContent: () => {
              const place = placeOf(one);
              return (
                place === undefined || system.isSameContent(place, written.placeOf(carried.path))
              );
            },
          }),
        );
        if (isSame !== true) tellChanged(carried.path || "/");
        done += countBytes(carried);
        progress(done);
      }
      names.finish();
    }),
  );
}

interface Written {
  readonly written: OpenLayer;
  readonly space: KeptSession["space"];
  readonly isSameContent: () => boolean;
}

function isWritten(carried: Carried, { written, space, isSameContent }: Written): boolean {
  const found = written.look(carried.path);
  if (carried.kind === "left-out") return found === undefined;
  if (found === undefined) return false;
  switch (carried.kind) {
    case "whiteout":
      return identifyMarks(found, "trusted").isWhiteout;
    case "name":
      return found.inode === written.look(carried.of)?.inode;
    case "directory":
      return (
        identifyMarks(found, "trusted").isOpaque === (carried.isOpaque && carried.path !== "") &&
        isSame(carried.entry, found)
      );
    case "file":
      return isSame(carried.entry, found);
  }

  function isSame(upper: LayerEntry, base: LayerEntry): boolean {
    // The store has its marks in trusted attributes, wherever the session has them.
    const isLike = compareEntries(upper, withoutMarks(base, "trusted"), space) === "same";
    return isLike && (upper.kind !== "file" || upper.bytes === 0 || isSameContent());
  }
}

/** Tells the names that were written and are not there any more. */
function watchNames(written: OpenLayer, tellChanged: KeptListener["tellChanged"]) {
  const open: { readonly path: string; readonly names: Set<string> }[] = [];

  function closeUntil(path: string | undefined): void {
    for (let last = open.at(-1); last; last = open.at(-1)) {
      if (path?.startsWith(`${last.path}/`)) return;
      open.pop();
      tellOthers(last);
    }
  }

  function tellOthers({ path, names }: { path: string; names: ReadonlySet<string> }): void {
    for (const some of asChanging(written).list(path))
      for (const name of some) if (!names.has(name)) tellChanged(`${path}/${name}`);
  }

  return {
    see({ kind, path }: Carried): void {
      closeUntil(path);
      open.at(-1)?.names.add(path.slice(path.lastIndexOf("/") + 1));
      if (kind === "directory") open.push({ path, names: new Set() });
    },
    finish: () => closeUntil(undefined),
  };
}

interface OpenSession {
  readonly merged: MergedLayers;
  readonly placeOf: (merged: Merged) => DiskPlace | undefined;
}

function withMerged<T>(
  system: System,
  { directories, ...session }: KeptSession,
  use: (open: OpenSession) => T,
): T {
  return withLayers(system, directories, (layers) =>
    use({
      merged: { ...session, layers: layers.map(asChanging) },
      placeOf: ({ content }) => content && layers[content.layer]?.placeOf(content.path),
    }),
  );
}

/** What was there a moment ago may be gone. */
function asChanging(layer: OpenLayer): OpenLayer {
  return {
    ...layer,
    look: (path) => unlessGone(() => layer.look(path)),
    *list(path) {
      const names = layer.list(path)[Symbol.iterator]();
      try {
        for (;;) {
          const some = unlessGone(() => names.next());
          if (some === undefined || some.done === true) return;
          yield some.value;
        }
      } finally {
        names.return?.();
      }
    },
  };
}

function unlessGone<T>(act: () => T): T | undefined {
  try {
    return act();
  } catch (error) {
    if (errnoOf(error) !== "ENOENT" && errnoOf(error) !== "ENOTDIR") throw error;
    return undefined;
  }
}
