// The changes in an upper directory, compared with the layers below it.

import type { Change } from "../../core/changes/change.ts";
import { compareLayers, upperLayer } from "../../core/changes/compare-layers.ts";
import type { Place } from "../../core/changes/find-below.ts";
import { identifySpace, type MarkSpace } from "../../core/changes/layer.ts";
import { reasonOf } from "../port/errors.ts";
import { type DiskPlace, errnoOf, type System } from "../port/system.ts";
import { type OpenLayer, withLayer } from "./read-layer.ts";

/** The directories of an overlay. */
export interface OverlayDirectories {
  readonly upper: string;
  /** From the top down. */
  readonly lower: readonly string[];
  /** Where overlayfs keeps its marks; undefined if the upper directory tells. */
  readonly space?: MarkSpace | undefined;
}

/** Which changes are told, and to whom. */
export interface ChangesListener {
  /** The names of the path below which changes are told; empty for all. */
  readonly under: readonly string[];
  readonly tell: (change: Change) => void;
  readonly tellFault: (path: string, reason: string) => void;
}

/** Tells every change in an upper directory; an errno at the top of a layer passes through. */
export function inspectChanges(
  system: System,
  { upper, lower, space }: OverlayDirectories,
  listener: ChangesListener,
): void {
  withLayer(system, upper, (own) =>
    withLayers(system, lower, (layers) => {
      const placeOf = ({ layer, path }: Place): DiskPlace =>
        (layer === upperLayer ? own : layers[layer])?.placeOf(path) ?? { root: "", path };
      compareLayers(
        {
          upper: own,
          lower: { layers, space: space ?? identifySpace(own.look("")) },
          isSameContent: (one, other) => system.isSameContent(placeOf(one), placeOf(other)),
        },
        {
          ...listener,
          attempt(path, read) {
            try {
              return read();
            } catch (error) {
              if (errnoOf(error) === undefined) throw error;
              listener.tellFault(path, reasonOf(error));
              return undefined;
            }
          },
        },
      );
    }),
  );
}

function withLayers<T>(
  system: System,
  [first, ...others]: readonly string[],
  use: (layers: readonly OpenLayer[]) => T,
): T {
  if (first === undefined) return use([]);
  return withLayer(system, first, (layer) =>
    withLayers(system, others, (layers) => use([layer, ...layers])),
  );
}
