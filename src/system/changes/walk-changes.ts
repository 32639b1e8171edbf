// A walk through a store's changes for what overlay settings decide about, and for what no session will show. Bounded, as
// a boot's is (inspect-store.ts), but not ended by the first thing that is found.
import type { ChangesFacts } from "../../core/changes/changes-facts.ts";
import { listIfPresent } from "../port/files.ts";
import type { System } from "../port/system.ts";

/** Some seconds of walking at the most. */
const maxEntries = 300_000;

/** Over these every system mounts something before anybody can look. */
const coveredPlaces: readonly string[] = ["dev", "proc", "run", "sys"];

/** Walks through an upper directory. */
export function walkChanges(system: System, upper: string): ChangesFacts {
  const pending = [""];
  const covered = { count: 0, bytes: 0, places: new Set<string>() };
  let metacopy: string | undefined;
  let redirect: string | undefined;
  let entries = 0;
  let isIncomplete = false;
  for (let at = pending.pop(); at !== undefined && !isIncomplete; at = pending.pop()) {
    const [top = ""] = at.slice(1).split("/");
    for (const name of listIfPresent(system, `${upper}${at}`)) {
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
