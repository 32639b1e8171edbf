// Generated layers: the merged trees with and without the upper directory, made in another way (from
// the bottom up, layer over layer), differ in exactly what is told.
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Change } from "../../../src/core/changes/change.ts";
import {
  compareModel,
  dir,
  file,
  findEntry,
  link,
  type ModelEntry,
  marked,
  whiteout,
} from "../../support/layer-model.ts";

const name = fc.constantFrom("a", "b", "c");
const modes = fc.constantFrom(0o644, 0o600);

const leaf = fc.oneof(
  {
    weight: 4,
    arbitrary: fc
      .tuple(fc.constantFrom("", "1", "2"), modes)
      .map(([text, mode]) => file(text, { mode })),
  },
  { weight: 1, arbitrary: fc.constantFrom("x", "y").map((target) => link(target)) },
  { weight: 2, arbitrary: fc.constant(0).map(() => whiteout()) },
);

const { layer } = fc.letrec<{ layer: ModelEntry; entry: ModelEntry }>((tie) => ({
  layer: fc.dictionary(name, tie("entry"), { maxKeys: 3 }).chain((children) =>
    fc.oneof(
      {
        weight: 3,
        arbitrary: fc.constantFrom(0o755, 0o700).map((mode) => dir(children, { mode })),
      },
      { weight: 1, arbitrary: fc.constant(marked({ opaque: "y" }, children)) },
    ),
  ),
  entry: fc.oneof({ maxDepth: 3 }, leaf, tie("layer")),
}));

const isWhiteout = ({ kind }: ModelEntry) => kind === "character";
const isOpaque = ({ xattrs }: ModelEntry) => xattrs.has("trusted.overlay.opaque");

/** Lays an entry of a layer over what is there. */
function layOver(top: ModelEntry, below: ModelEntry | undefined): ModelEntry | undefined {
  if (isWhiteout(top)) return undefined;
  if (top.kind !== "directory") return top;
  const shown = below?.kind === "directory" && !isOpaque(top) ? below.children : {};
  const children: Record<string, ModelEntry> = { ...shown };
  for (const [key, child] of Object.entries(top.children)) {
    const merged = layOver(child, shown[key]);
    if (merged === undefined) delete children[key];
    else children[key] = merged;
  }
  return { ...top, children };
}

/** The tops of layers are merged whatever marks they have. */
function mergeAll(layers: readonly ModelEntry[]): ModelEntry {
  const bare = layers.map((one) => ({ ...one, xattrs: new Map() }));
  return bare.reduceRight<ModelEntry>((below, top) => layOver(top, below) ?? below, dir());
}

function pathsOf(top: ModelEntry, path = ""): string[] {
  return Object.entries(top.children).flatMap(([key, child]) => [
    `${path}/${key}`,
    ...pathsOf(child, `${path}/${key}`),
  ]);
}

function isEqual(one: ModelEntry, other: ModelEntry): boolean {
  return one.kind === other.kind && one.content === other.content && one.mode === other.mode;
}

test("compareLayers() tells exactly how the merged tree differs from the base's", () => {
  fc.assert(
    fc.property(
      layer,
      fc.array(layer, { minLength: 1, maxLength: 3 }),
      fc.integer({ min: 1, max: 3 }),
      (upper, lower, most) => {
        const base = mergeAll(lower);
        const merged = mergeAll([upper, ...lower]);
        const { changes, faults } = compareModel({ upper, lower, most });
        expect(faults).toEqual([]);
        const told = new Map(changes.map((change) => [change.path, change]));
        expect(told.size).toBe(changes.length);
        const hides = (path: string): Change | undefined => {
          const above = path.slice(0, path.lastIndexOf("/"));
          if (above === "") return undefined;
          const change = told.get(above);
          const isHiding =
            change !== undefined && ["deleted", "replaced", "type", "added"].includes(change.kind);
          return isHiding ? change : hides(above);
        };
        for (const path of new Set([...pathsOf(base), ...pathsOf(merged)])) {
          const [was, is] = [findEntry(base, path), findEntry(merged, path)];
          const kind = told.get(path)?.kind;
          if (hides(path)) expect(is ? ["added"] : [undefined, "same"]).toContain(kind);
          else if (is === undefined) expect(kind).toBe("deleted");
          else if (was === undefined) expect(kind).toBe("added");
          else if (was.kind !== is.kind) expect(kind).toBe("type");
          else if (was.content !== is.content) expect(kind).toBe("modified");
          else if (kind === "replaced") expect(is.kind).toBe("directory");
          else if (isEqual(was, is)) expect([undefined, "same"]).toContain(kind);
          else expect(kind).toBe("metadata");
        }
        for (const { path, kind, type } of changes) {
          const [was, is] = [findEntry(base, path), findEntry(merged, path)];
          if (kind === "deleted") expect([was?.kind, is]).toEqual([type, undefined]);
          else if (type === "whiteout")
            expect([kind, is, hides(path) ? undefined : was]).toEqual([
              "same",
              undefined,
              undefined,
            ]);
          else if (path !== "/") expect(is?.kind).toBe(type);
        }
      },
    ),
    { numRuns: 500 },
  );
});
