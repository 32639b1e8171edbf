// The changes in an upper directory, compared with the layers below it.

import {
  type ChangesWalk,
  compareLayers,
  type OverlayLayers,
  upperLayer,
} from "../../core/changes/compare-layers.ts";
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
export interface ChangesListener
  extends Pick<ChangesWalk, "under" | "tell" | "tellAbove" | "tellFault"> {}

/** Tells every change in an upper directory; an errno at the top of a layer passes through. */
export function inspectChanges(
  system: System,
  directories: OverlayDirectories,
  listener: ChangesListener,
): void {
  withOverlay(system, directories, (layers) =>
    compareLayers(layers, { ...listener, attempt: attemptTelling(listener.tellFault) }),
  );
}

/** Makes what runs a reading function, and tells of an errno. */
export function attemptTelling(tellFault: ChangesWalk["tellFault"]): ChangesWalk["attempt"] {
  return (pathOf, read) => {
    try {
      return read();
    } catch (error) {
      if (errnoOf(error) === undefined) throw error;
      tellFault(pathOf(), reasonOf(error));
      return undefined;
    }
  };
}

/** The layers of an overlay, and where their files are read. */
export interface OpenOverlay extends OverlayLayers {
  readonly placeOf: (place: Place) => DiskPlace;
}

/** Opens the layers of an overlay while `use` runs. */
export function withOverlay<T>(
  system: System,
  { upper, lower, space }: OverlayDirectories,
  use: (layers: OpenOverlay) => T,
): T {
  return withLayer(system, upper, (own) =>
    withLayers(system, lower, (layers) => {
      const placeOf = ({ layer, path }: Place): DiskPlace =>
        (layer === upperLayer ? own : layers[layer])?.placeOf(path) ?? { root: "", path };
      return use({
        placeOf,
        upper: own,
        lower: { layers, space: space ?? identifySpace(own.look("")) },
        isSameContent: (one, other) => system.isSameContent(placeOf(one), placeOf(other)),
      });
    }),
  );
}

/** Opens directories as layers, in the same order, while `use` runs. */
export function withLayers<T>(
  system: System,
  [first, ...others]: readonly string[],
  use: (layers: readonly OpenLayer[]) => T,
): T {
  if (first === undefined) return use([]);
  return withLayer(system, first, (layer) =>
    withLayers(system, others, (layers) => use([layer, ...layers])),
  );
}
