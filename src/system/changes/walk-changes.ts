// Two walks through a store's changes, with one limit: a boot's looks for attributes that the
// overlay settings depend on and ends at the first; a check's continues, and counts what no session
// will show.
import type { ChangesFacts } from "../../core/changes/changes-facts.ts";
import type { OverlayTraces } from "../../core/stores/overlay-settings.ts";
import { ifPossible } from "../port/errors.ts";
import { type DiskPlace, errnoOf, type System } from "../port/system.ts";

/** At most some seconds of walking. */
const maxEntries = 300_000;

/** Every system mounts something over these before anybody can look. */
const coveredPlaces: readonly string[] = ["dev", "proc", "run", "sys"];

/** Walks through a whole upper directory. */
export function walkChanges(system: System, upper: string): ChangesFacts {
  const pending = [""];
  const covered = { count: 0, bytes: 0, places: new Set<string>() };
  let metacopy: string | undefined;
  let redirect: string | undefined;
  let entries = 0;
  let isIncomplete = false;
  for (let at = pending.pop(); at !== undefined && !isIncomplete; at = pending.pop()) {
    const [top = ""] = at.slice(1).split("/");
    const names = listSome(system, { root: upper, path: at });
    if (names === undefined) isIncomplete = true;
    for (const name of names ?? []) {
      if (entries === maxEntries) {
        isIncomplete = true;
        break;
      }
      entries++;
      const path = `${at}/${name}`;
      const status = system.linkStatus(`${upper}${path}`);
      if (status === undefined) continue;
      if (coveredPlaces.includes(top)) {
        covered.count++;
        covered.bytes += status.allocatedBytes;
        covered.places.add(top);
      }
      const has = (attribute: string) =>
        system.getXattr(`${upper}${path}`, `trusted.overlay.${attribute}`) !== undefined;
      if (status.kind === "file" && metacopy === undefined && has("metacopy")) metacopy = path;
      if (status.kind !== "directory") continue;
      if (redirect === undefined && has("redirect")) redirect = path;
      pending.push(path);
    }
  }
  const places = [...covered.places].sort();
  return { entries, isIncomplete, metacopy, redirect, covered: { ...covered, places } };
}

/**
 * Walks through an upper directory until it finds attributes that need certain overlay settings.
 */
export function walkUpper(system: System, upper: string): OverlayTraces {
  // In a damaged file system not everything is readable; the rest is reported.
  const unseen = { metacopy: false, redirect: false, incomplete: true };
  return ifPossible(() => walkReadable(system, upper)) ?? unseen;
}

function walkReadable(system: System, upper: string): OverlayTraces {
  const pending = [upper];
  let redirect = false;
  let seen = 0;
  for (let directory = pending.pop(); directory !== undefined; directory = pending.pop()) {
    const names = listSome(system, { root: directory, path: "" });
    if (names === undefined) return { metacopy: false, redirect, incomplete: true };
    for (const name of names) {
      if (++seen > maxEntries) return { metacopy: false, redirect, incomplete: true };
      const path = `${directory}/${name}`;
      const kind = system.linkStatus(path)?.kind;
      if (kind === "file" && system.getXattr(path, "trusted.overlay.metacopy"))
        return { metacopy: true, redirect, incomplete: false };
      if (kind !== "directory") continue;
      redirect ||= system.getXattr(path, "trusted.overlay.redirect") !== undefined;
      pending.push(path);
    }
  }
  return { metacopy: false, redirect, incomplete: false };
}

/**
 * Lists a directory; none where it cannot be read, undefined where it has more names than are
 * walked through.
 */
function listSome(system: System, place: DiskPlace): readonly string[] | undefined {
  try {
    return system.listBelow(place, maxEntries);
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
    return errnoOf(error) === "EFBIG" ? undefined : [];
  }
}
