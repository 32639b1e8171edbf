// What another system has done to a store that has a record: it has mounted the overlay since,
// perhaps with options that its changes depend on. The files decide how a store is read, not its
// record.

import { formatTime } from "../stores/last-session.ts";
import { isSameMount, type OverlayMount } from "../stores/overlay-mount.ts";
import {
  areReadableWith,
  chooseSettings,
  chooseSettingsAgain,
  newStoreSettings,
  type OverlaySettings,
} from "../stores/overlay-settings.ts";
import type { DirectoryFacts } from "../stores/store-directory.ts";
import type { RecordFinding } from "../stores/store-record.ts";

/** The facts by which others are noticed. */
type StoreTraces = Pick<DirectoryFacts, "traces" | "overlayMount">;

/** Chooses the overlay settings for a store. */
export function chooseStoreSettings(
  seen: StoreTraces,
  record: RecordFinding | undefined,
): OverlaySettings {
  const { traces } = seen;
  if (record?.kind !== "record") return traces ? chooseSettings(traces) : newStoreSettings;
  const { settings } = record.record;
  return traces ? chooseSettingsAgain(settings, traces, isMountedSince(seen, record)) : settings;
}

/**
 * Returns whether the overlay was mounted after its recorded session. A record that does not tell
 * its mount, because an older version wrote it, says nothing about others.
 */
function isMountedSince({ overlayMount }: StoreTraces, record: RecordFinding | undefined): boolean {
  if (record?.kind !== "record") return false;
  const recorded = record.record.overlayMount;
  return recorded !== undefined && !isSameMount(recorded, overlayMount);
}

/** Finds the mount of a store by another system; undefined if there was none. */
export function findForeignMount(
  seen: StoreTraces,
  record: RecordFinding | undefined,
): OverlayMount | undefined {
  return isMountedSince(seen, record) ? seen.overlayMount : undefined;
}

/**
 * Reports that another system has written to the store called `name`, as sentences. A boot that was
 * interrupted after it had mounted the overlay leaves a mount as well, but nothing that needs other
 * options.
 */
export function findForeignWrites(
  seen: StoreTraces,
  record: RecordFinding | undefined,
  name: string,
): readonly string[] {
  const { traces } = seen;
  if (traces === undefined || record?.kind !== "record") return [];
  const mount = findForeignMount(seen, record);
  const when = mount === undefined ? "" : ` (mounted ${formatTime(mount.time)})`;
  const { metacopy, redirect_dir } = chooseStoreSettings(seen, record);
  const options = `redirect_dir=${redirect_dir}${metacopy === "on" ? " and metacopy=on" : ""}`;
  if (!areReadableWith(traces, record.record.settings))
    return [
      `Another system has written to ${name} since its last session with backstore${when}: it is used with ${options} now, which the new changes need`,
    ];
  if (!isMountedSince(seen, record)) return [];
  // Whoever mounts it leaves a work directory; a full store has lost it, and a copy may have none.
  if (mount === undefined && !traces.incomplete) return [];
  const by = `Another system, or a boot that was interrupted, has mounted ${name} since its last session with backstore${when}`;
  return [
    traces.incomplete
      ? `${by}: it has more changes than are examined, and is used with ${options}, which some of them may need`
      : `${by}: its changes need no other overlay options`,
  ];
}
