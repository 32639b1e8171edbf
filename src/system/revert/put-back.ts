// Putting back through the merged view of the running session: each thing is made beside its place
// and gets the name in one step, so that there is the old or the new whenever that is cut short.

import type { MarkSpace } from "../../core/changes/layer.ts";
import { isOwnAttribute, type LayerEntry, withoutMarks } from "../../core/changes/layer.ts";
import { readUpper } from "../../core/exchange/read-upper.ts";
import { isWithin } from "../../core/kernel/mount-table.ts";
import type { PutBack } from "../../core/revert/choose-put-backs.ts";
import type { CopyTotals } from "../../core/revert/copy-room.ts";
import { findRoot } from "../../core/status/changes-place.ts";
import type { NextRemoval } from "../../core/stores/next-steps.ts";
import { formatNextRecord, mostRecordBytes, recordFile } from "../../core/stores/store-record.ts";
import { directoryOf, joinPath } from "../../core/text/path.ts";
import { roundUp } from "../../core/text/size.ts";
import { withLayer } from "../changes/read-layer.ts";
import { describeEntry, openWriter } from "../exchange/write-changes.ts";
import { ifPossible } from "../port/errors.ts";
import { listIfPresent, makeDirectories, readBelow, writeWhole } from "../port/files.ts";
import type { System } from "../port/system.ts";
import { withTemporaryDirectory } from "../port/temporary.ts";
import { unmountSoon } from "../port/unmount-soon.ts";

/** The base as the session sees it below its changes. */
export interface BaseView {
  readonly root: string;
  readonly space: MarkSpace;
}

/** Shows the layers below the changes of the running session at `at` while `use` runs. */
export function withBaseView<T>(
  system: System,
  { at, lower, space }: { at: string; lower: readonly string[]; space: MarkSpace },
  use: (view: BaseView) => T,
): T {
  const [first = "", ...others] = lower;
  if (others.length === 0) return use({ root: first, space });
  const target = `${at}/below`;
  makeDirectories(system, target, 0o700);
  const root = findRoot(system.mounts());
  const isKept = (word: string) =>
    /^(?:redirect_dir=(?!nofollow)|metacopy=on|userxattr$)/.test(word);
  const kept = (root?.superOptions ?? "").split(",").filter(isKept);
  const layers = lower.map((layer) => layer.replace(/[\\,:]/g, "\\$&")).join(":");
  const data = [`lowerdir=${layers}`, ...kept].join(",");
  system.mount({ source: "backstore", target, type: "overlay", flags: ["ro"], data });
  try {
    return use({ root: target, space });
  } finally {
    unmountSoon(system, target);
  }
}

/** Returns why a path of the merged view cannot be changed; undefined if it can. */
export function findCover(system: System, path: string): string | undefined {
  const covers = system
    .mounts()
    .map(({ target }) => target)
    .filter((target) => target !== "/" && (isWithin(path, target) || isWithin(target, path)));
  return path === "/" ? undefined : covers[0];
}

/** Puts back one thing. */
export function putBack(system: System, view: BaseView, one: PutBack): void {
  const { path, basePath, do: way } = one;
  if (way === "leave") return;
  const parent = system.openDirectory(directoryOf(path));
  try {
    const name = path === "/" ? "." : path.slice(path.lastIndexOf("/") + 1);
    const target = `${parent.path}/${name}`;
    if (way === "describe") {
      describeLike(system, view, { basePath, target });
      return;
    }
    withTemporaryDirectory(system, `${parent.path}/${leftPrefix}`, (temporary) => {
      const made = `${temporary}/${name}`;
      if (way === "remove") {
        if (system.linkStatus(target) !== undefined) system.rename(target, made);
        return;
      }
      copyFromBase(system, view, { basePath, name, temporary });
      const [old, now] = [target, made].map((one) => system.linkStatus(one)?.kind);
      const isPlain = old === undefined || (old !== "directory" && now !== "directory");
      if (isPlain) system.rename(made, target);
      else system.exchange(made, target);
    });
  } finally {
    parent.close();
  }
}

/** The start of the names of directories in which things are made. */
const leftPrefix = ".backstore-";

/** Returns the directories in which a run that was killed may have left something. */
export function findLeft(system: System, paths: readonly string[]): string[] {
  return [...new Set(paths.map(directoryOf))].filter((directory) =>
    listIfPresent(system, directory).some((name) => name.startsWith(leftPrefix)),
  );
}

/** Removes what a run that was killed has left in a directory. */
export function removeLeft(system: System, directory: string): void {
  // Each new one removes those that nobody uses.
  withTemporaryDirectory(system, joinPath(directory, leftPrefix), () => {});
}

/** Measures what will be copied; a file with several names counts once in each directory. */
export function measureCopies(
  system: System,
  { root, space }: BaseView,
  putBacks: readonly PutBack[],
): CopyTotals {
  let [files, bytes] = [0, 0];
  const count = ({ kind, bytes: length }: LayerEntry) => {
    files++;
    bytes += blockBytes + (kind === "file" ? roundUp(length, blockBytes) : 0);
  };
  for (const { basePath, do: way } of putBacks) {
    if (way !== "copy") continue;
    const [above, name] = splitPath(`${root}${basePath}`);
    const entry = withLayer(system, above, (layer) => layer.look(name));
    if (entry === undefined) continue;
    count(entry);
    if (entry.kind !== "directory") continue;
    withLayer(system, `${root}${basePath}`, (layer) => {
      for (const carried of readUpper(layer, space)) if ("entry" in carried) count(carried.entry);
    });
  }
  return { files, bytes };
}

/** What copies take at most: a block for each name or inode besides its content. */
const blockBytes = 4096;

function splitPath(path: string): [above: string, name: string] {
  return [directoryOf(path), path.slice(path.lastIndexOf("/"))];
}

function copyFromBase(
  system: System,
  { root, space }: BaseView,
  { basePath, name, temporary }: { basePath: string; name: string; temporary: string },
): void {
  const from = `${root}${basePath}`;
  const made = `${temporary}/${name}`;
  const tellLost = () => {};
  if (system.linkStatus(from)?.kind === "directory") {
    system.makeDirectory(made, 0o700);
    withLayer(system, from, (layer) => {
      const writer = openWriter(system, { placeOf: layer.placeOf, to: made, tellLost });
      for (const carried of readUpper(layer, space)) writer.write(carried);
      writer.finish();
    });
    return;
  }
  const [above, last] = splitPath(from);
  withLayer(system, above, (layer) => {
    const entry = layer.look(last);
    if (entry === undefined) return;
    const placeOf = () => layer.placeOf(last);
    const writer = openWriter(system, { placeOf, to: temporary, tellLost });
    writer.write({ kind: "file", path: `/${name}`, entry: withoutMarks(entry, space) });
    writer.finish();
  });
}

function describeLike(
  system: System,
  { root, space }: BaseView,
  { basePath, target }: { basePath: string; target: string },
): void {
  const [above, name] = basePath === "/" ? [root, ""] : splitPath(`${root}${basePath}`);
  const found = withLayer(system, above, (layer) => layer.look(name));
  if (found === undefined) return;
  const entry = withoutMarks(found, space);
  for (const one of system.listXattrs(target))
    if (!entry.xattrs.has(one) && !isOwnAttribute(one, space)) system.removeXattr(target, one);
  describeEntry(system, { to: target, tellLost: () => {} }, { path: "", entry });
}

/** Notes in the record of a store what the next boot removes; returns how many of them it takes. */
export function noteNext(system: System, upper: string, putBacks: readonly PutBack[]): number {
  const removals = putBacks.flatMap(({ path, goesNext }): NextRemoval[] => {
    const inode = goesNext ? system.linkStatus(`${upper}${path}`)?.inode : undefined;
    return inode === undefined || path === "/" ? [] : [{ do: "remove-same", path, inode }];
  });
  const store = directoryOf(upper);
  const text = ifPossible(() =>
    readBelow(system, { root: store, path: recordFile }, mostRecordBytes),
  );
  if (text === undefined) return 0;
  for (let count = removals.length; count > 0; count = Math.floor(count / 2)) {
    const formatted = formatNextRecord(text, removals.slice(0, count));
    if (formatted === undefined) continue;
    const isWritten = ifPossible(() => {
      writeWhole(system, joinPath(store, recordFile), formatted);
      return true;
    });
    return isWritten ? count : 0;
  }
  return 0;
}
