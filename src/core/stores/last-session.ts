// The last session in a store's record: on which machine and when it began, and whether it ended. A
// session that is still open was interrupted, or is running elsewhere: on a stick that is passed
// through to a virtual machine.
import * as v from "valibot";
import { formatQuoted } from "../text/quoted.ts";

/** A session in a store's record; times are ISO 8601 in UTC. */
export interface LastSession {
  /** "open" from its boot until the store is unmounted. */
  readonly state: "open" | "clean";
  /** The kernel's boot id. */
  readonly boot: string | undefined;
  /** The machine, as formatMachine() names it. */
  readonly machine: string | undefined;
  /** How many sessions have written to the store, this one included. */
  readonly count: number;
  readonly started: string | undefined;
  readonly ended: string | undefined;
}

/** The machine and time of a session, from which its record is made. */
export interface SessionStart {
  readonly boot: string | undefined;
  readonly machine: string | undefined;
  readonly started: string;
}

const text = v.fallback(v.optional(v.pipe(v.string(), v.maxLength(300))), undefined);
const time = v.fallback(
  v.optional(v.pipe(v.string(), v.regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z$/))),
  undefined,
);
const schema = v.pipe(
  v.object({
    state: v.picklist(["open", "clean"]),
    boot: text,
    machine: text,
    count: v.fallback(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(1e9)), 1),
    started: time,
    ended: time,
  }),
  v.transform(
    ({ state, boot, machine, count, started, ended }): LastSession => ({
      state,
      boot,
      machine,
      count,
      started,
      ended,
    }),
  ),
);

/** Parses the last session of a record; undefined if it is invalid. */
export function parseSession(value: unknown): LastSession | undefined {
  const parsed = v.safeParse(schema, value);
  return parsed.success ? parsed.output : undefined;
}

/**
 * The way in which a session did not end: it was interrupted, or may still be running on another
 * machine.
 */
type SessionCut = "cut-off" | "elsewhere";

/**
 * Identifies whether the last session failed to end; undefined if it ended, or is this very one,
 * seen from inside.
 */
export function identifyCut(
  last: LastSession | undefined,
  now: Pick<SessionStart, "boot" | "machine">,
): SessionCut | undefined {
  if (last === undefined || last.state === "clean") return undefined;
  if (last.boot !== undefined && last.boot === now.boot) return undefined;
  const areKnown = last.machine !== undefined && now.machine !== undefined;
  return areKnown && last.machine !== now.machine ? "elsewhere" : "cut-off";
}

/**
 * Describes where and when a session began (" (begun 2026-01-31 10:20 UTC on …)"); empty if it is
 * unknown.
 */
export function describeBeginning({ started, machine }: LastSession): string {
  const begun = started === undefined ? undefined : `started ${formatTime(started)}`;
  const on = machine === undefined ? undefined : `on ${formatQuoted(machine)}`;
  const details = [begun, on].filter((part) => part !== undefined).join(" ");
  return details === "" ? "" : ` (${details})`;
}

/**
 * Describes in a sentence that the last session on the store called `name` did not end; undefined
 * if it did.
 */
export function describeOpenSession(
  last: LastSession | undefined,
  { now, name }: { readonly now: Pick<SessionStart, "boot" | "machine">; readonly name: string },
): string | undefined {
  const cut = identifyCut(last, now);
  if (last === undefined || cut === undefined) return undefined;
  const session = `The last session on ${name}${describeBeginning(last)}`;
  return cut === "elsewhere"
    ? `${session} did not end cleanly or is still running on another machine; if both write to the store, it will be destroyed`
    : `${session} did not end cleanly; using the store anyway, but unwritten data is lost`;
}

/** Formats a time of a record for display: "2026-01-31 10:20 UTC". */
export function formatTime(time: string): string {
  return `${time.slice(0, 10)} ${time.slice(11, 16)} UTC`;
}
