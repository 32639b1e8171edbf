// Which mount of a store's overlay was the last one, by the times in its work directory.
import {
  identifyOverlayMount,
  type OverlayMount,
  workName,
} from "../../core/stores/overlay-mount.ts";
import type { System } from "../port/system.ts";

/** Inspects a work directory; undefined if nothing was ever mounted with it. */
export function inspectOverlayMount(system: System, work: string): OverlayMount | undefined {
  const inner = system.times(`${work}/${workName}`);
  if (inner === undefined) return undefined;
  return identifyOverlayMount(inner.born, system.times(work)?.modified);
}
