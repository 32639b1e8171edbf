// The last boots on a store, a ring in its record: when they were, what they came to, how long each
// phase took, and how much of the store was used. Each session that writes to the store adds one,
// so it costs no write of its own; a session that only reads the store leaves no trace of it.
import * as v from "valibot";

/** How many boots a record has at most; the oldest makes room for the newest. */
export const mostBoots = 20;

/** What a boot says about itself is cut there. */
const mostNoteCharacters = 160;

/** The phases of a boot in their order, in milliseconds; undefined where not measured. */
export interface BootPhases {
  /** Until this program started: the firmware's time is not known, so from the kernel on. */
  readonly before?: number | undefined;
  /** Until the medium was found. */
  readonly medium?: number | undefined;
  /** Until the store was found. */
  readonly store?: number | undefined;
  /** Until everything was mounted, a check of the store included. */
  readonly mounting?: number | undefined;
}

/** A boot on a store; times are ISO 8601 in UTC. */
export interface PastBoot {
  readonly started: string;
  readonly session: "persistent" | "readonly" | "volatile";
  readonly phases: BootPhases;
  /** The size of the file system with the changes, and what was used of it. */
  readonly totalBytes?: number | undefined;
  readonly usedBytes?: number | undefined;
  /** The first of what was wrong with the store or its base although it was used. */
  readonly note?: string | undefined;
  /** When the session ended; undefined if it was interrupted, or is the running one. */
  readonly ended?: string | undefined;
  /** What was used then. */
  readonly endUsedBytes?: number | undefined;
}

/** The boots in a record, the newest last; or why what is in their place cannot be read. */
export type PastBoots =
  | { readonly boots: readonly PastBoot[] }
  | { readonly boots: readonly []; readonly fault: string };

const size = v.optional(v.pipe(v.number(), v.safeInteger(), v.minValue(0)));
/** A year of milliseconds is more than any boot takes. */
const duration = v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(3e10)));
const time = v.pipe(v.string(), v.regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z$/));
const schema = v.object({
  started: time,
  session: v.picklist(["persistent", "readonly", "volatile"]),
  phases: v.object({ before: duration, medium: duration, store: duration, mounting: duration }),
  totalBytes: size,
  usedBytes: size,
  note: v.optional(v.pipe(v.string(), v.maxLength(2 * mostNoteCharacters))),
  ended: v.optional(time),
  endUsedBytes: size,
});

/** Parses the boots of a record. */
export function parseBoots(value: unknown): PastBoots {
  if (value === undefined) return { boots: [] };
  if (!Array.isArray(value)) return { boots: [], fault: "they are no list" };
  // Another version may keep more.
  const parsed = v.safeParse(v.array(schema), value.slice(-mostBoots));
  if (parsed.success) return { boots: parsed.output };
  const [index, ...keys] = v.getDotPath(parsed.issues[0])?.split(".") ?? [];
  const key = keys.length === 0 ? "" : ` at "${keys.join(".")}"`;
  return { boots: [], fault: `number ${Number(index) + 1} is invalid${key}` };
}

/** Adds a boot that begins; the oldest go. */
export function addBoot(
  boots: readonly PastBoot[],
  { note, ...boot }: Pick<PastBoot, "started" | "session" | "phases" | "note">,
): readonly PastBoot[] {
  const cut = note === undefined ? {} : { note: note.slice(0, mostNoteCharacters) };
  return [...boots.slice(1 - mostBoots), { ...boot, ...cut }];
}

/** What is known of a boot once everything is mounted. */
export interface MountedBoot {
  /** Milliseconds since the kernel started. */
  readonly uptimeMs: number;
  readonly totalBytes?: number | undefined;
  readonly usedBytes?: number | undefined;
}

/** Completes the boot that began at `started`, once everything is mounted. */
export function completeBoot(
  boots: readonly PastBoot[],
  started: string | undefined,
  { uptimeMs, totalBytes, usedBytes }: MountedBoot,
): readonly PastBoot[] {
  return changeLast(boots, started, (boot) => ({
    ...boot,
    phases: { ...boot.phases, ...mountingOf(boot.phases, uptimeMs) },
    totalBytes,
    usedBytes,
  }));
}

/** Without the phases before it, how long this one took is not known. */
function mountingOf({ before, medium, store }: BootPhases, uptimeMs: number): BootPhases {
  if (before === undefined || medium === undefined || store === undefined) return {};
  return { mounting: Math.max(0, Math.round(uptimeMs) - before - medium - store) };
}

/** Ends the boot that began at `started`. */
export function endBoot(
  boots: readonly PastBoot[],
  started: string | undefined,
  end: { readonly ended: string; readonly endUsedBytes: number | undefined },
): readonly PastBoot[] {
  return changeLast(boots, started, (boot) => ({ ...boot, ...end }));
}

/** Another system may have begun a session in between, and the ring may be damaged. */
function changeLast(
  boots: readonly PastBoot[],
  started: string | undefined,
  change: (boot: PastBoot) => PastBoot,
): readonly PastBoot[] {
  const last = boots.at(-1);
  if (last === undefined || last.started !== started) return boots;
  return [...boots.slice(0, -1), change(last)];
}

/** Returns the phases of a boot from the moments at which they ended, in milliseconds of uptime. */
export function measurePhases({
  started,
  medium,
  store,
}: {
  readonly started: number;
  readonly medium?: number | undefined;
  readonly store?: number | undefined;
}): BootPhases {
  const between = (from: number | undefined, to: number | undefined) =>
    from === undefined || to === undefined ? undefined : Math.max(0, Math.round(to - from));
  return {
    before: between(0, started),
    medium: between(started, medium),
    store: between(medium, store),
  };
}
