// Layers of an overlay as values, and their changes as a table of words.
import { encodeUtf8 } from "../../src/core/bytes/utf.ts";
import type { Change } from "../../src/core/changes/change.ts";
import { compareLayers, upperLayer } from "../../src/core/changes/compare-layers.ts";
import type { Place } from "../../src/core/changes/find-below.ts";
import type { Layer, LayerEntry, MarkSpace } from "../../src/core/changes/layer.ts";

/** An entry with what is in it. */
export interface ModelEntry extends LayerEntry {
  readonly content: string;
  readonly children: Readonly<Record<string, ModelEntry>>;
}

type Given = Partial<Omit<ModelEntry, "xattrs">> & {
  readonly xattrs?: Readonly<Record<string, string>>;
};

let inodes = 1;

function entryOf(kind: LayerEntry["kind"], { xattrs = {}, ...given }: Given): ModelEntry {
  const values = Object.entries(xattrs).map(([name, value]) => [name, encodeUtf8(value)] as const);
  const { content = "" } = given;
  return {
    kind,
    mode: kind === "directory" ? 0o755 : 0o644,
    ...{ uid: 0, gid: 0, inode: inodes++, links: 1, deviceNumber: 0 },
    bytes: kind === "directory" ? 0 : content.length,
    allocatedBytes: 4096 * Math.ceil(content.length / 4096),
    modified: { seconds: 1000, nanoseconds: 0 },
    target: kind === "link" ? content : undefined,
    content,
    children: {},
    ...given,
    xattrs: new Map(values),
  };
}

/** Makes a file. */
export function file(content: string, given: Given = {}): ModelEntry {
  return entryOf("file", { content, ...given });
}

/** Makes a symbolic link. */
export function link(target: string, given: Given = {}): ModelEntry {
  return entryOf("link", { content: target, ...given });
}

/** Makes a directory. */
export function dir(children: ModelEntry["children"] = {}, given: Given = {}): ModelEntry {
  return entryOf("directory", { children, ...given });
}

/** Makes anything else. */
export function other(kind: LayerEntry["kind"], given: Given = {}): ModelEntry {
  return entryOf(kind, given);
}

/** Makes the mark that removes a name. */
export function whiteout(): ModelEntry {
  return entryOf("character", { mode: 0 });
}

/** Makes a directory with overlayfs's marks. */
export function marked(
  marks: Readonly<Record<string, string>>,
  children: ModelEntry["children"] = {},
): ModelEntry {
  return dir(children, { xattrs: asMarks(marks) });
}

/** Returns marks as attributes. */
export function asMarks(
  marks: Readonly<Record<string, string>>,
  space: MarkSpace = "trusted",
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(marks).map(([name, value]) => [`${space}.overlay.${name}`, value]),
  );
}

/** Finds what is at a path. */
export function findEntry(top: ModelEntry, path: string): ModelEntry | undefined {
  const names = path.split("/").filter((name) => name !== "");
  return names.reduce<ModelEntry | undefined>(
    (at, name) => (at && Object.hasOwn(at.children, name) ? at.children[name] : undefined),
    top,
  );
}

/** Makes a layer; it lists `most` names at a time. */
export function layerOf(top: ModelEntry, most = 100): Layer {
  return {
    look: (path) => findEntry(top, path),
    // Every other path is looked at alone.
    lookAll: (path, names) =>
      path.length % 2 === 0 ? names.map((name) => findEntry(top, `${path}/${name}`)) : undefined,
    *list(path) {
      const names = Object.keys(findEntry(top, path)?.children ?? {}).sort();
      for (let at = 0; at < names.length; at += most) yield names.slice(at, at + most);
    },
  };
}

/** The layers of an overlay, the lower ones from the top down. */
export interface ModelOverlay {
  readonly upper: ModelEntry;
  readonly lower: readonly ModelEntry[];
  readonly space?: MarkSpace;
  /** How many names of a directory are listed at a time. */
  readonly most?: number;
}

/** Returns the changes in an upper directory, and what was said of those that cannot be told. */
export function compareModel(
  { upper, lower, space = "trusted", most = 100 }: ModelOverlay,
  under: readonly string[] = [],
): { readonly changes: Change[]; readonly faults: string[] } {
  const changes: Change[] = [];
  const faults: string[] = [];
  const contentAt = ({ layer, path }: Place) => {
    const top = layer === upperLayer ? upper : lower[layer];
    return top && findEntry(top, path)?.content;
  };
  compareLayers(
    {
      upper: layerOf(upper, most),
      lower: { layers: lower.map((one) => layerOf(one)), space },
      isSameContent: (one, two) => contentAt(one) === contentAt(two),
    },
    {
      under,
      tell: (change) => changes.push(change),
      tellFault: (path, reason) => faults.push(`${path}: ${reason}`),
      attempt: (_, read) => read(),
    },
  );
  return { changes, faults };
}
