// What a store's record tells of the session that used it last: begun on which machine and when, and whether it was ended.
// A session that is still open was cut off, or goes on elsewhere: a stick that is passed through to a virtual machine.
import * as v from "valibot";
import { formatQuoted } from "../text/quoted.ts";

/** Is what a record keeps of a session; times are ISO 8601 in UTC. */
export interface LastSession {
  /** "open" from its boot until the store was put away. */
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

/** Is where and when a session is: what its record is made of. */
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

/** Parses what a record says of the last session; undefined where that is not what it should be. */
export function parseSession(value: unknown): LastSession | undefined {
  const parsed = v.safeParse(schema, value);
  return parsed.success ? parsed.output : undefined;
}

/** Says that a session was cut off, or that it may go on on another machine. */
type SessionCut = "cut-off" | "elsewhere";

/** Finds out whether the last session was not ended; undefined where it was, or is this very one, seen from inside. */
export function identifyCut(
  last: LastSession | undefined,
  now: Pick<SessionStart, "boot" | "machine">,
): SessionCut | undefined {
  if (last === undefined || last.state === "clean") return undefined;
  if (last.boot !== undefined && last.boot === now.boot) return undefined;
  const areKnown = last.machine !== undefined && now.machine !== undefined;
  return areKnown && last.machine !== now.machine ? "elsewhere" : "cut-off";
}

/** Describes where and when a session began (" (begun 2026-01-31 10:20 UTC on …)"); empty where nobody knows. */
export function describeBeginning({ started, machine }: LastSession): string {
  const begun = started === undefined ? undefined : `begun ${formatTime(started)}`;
  const on = machine === undefined ? undefined : `on ${formatQuoted(machine)}`;
  const details = [begun, on].filter((part) => part !== undefined).join(" ");
  return details === "" ? "" : ` (${details})`;
}

/** Describes that the last session on the store called `name` was not ended, as a sentence; undefined where it was. */
export function describeOpenSession(
  last: LastSession | undefined,
  { now, name }: { readonly now: Pick<SessionStart, "boot" | "machine">; readonly name: string },
): string | undefined {
  const cut = identifyCut(last, now);
  if (last === undefined || cut === undefined) return undefined;
  const session = `The last session on ${name}${describeBeginning(last)}`;
  return cut === "elsewhere"
    ? `${session} did not end cleanly, or goes on: that is another machine, and if it still uses the store, both will destroy it`
    : `${session} did not end cleanly: the store is used all the same, and what was not yet written to it is lost`;
}

/** Formats a time of a record for people: "2026-01-31 10:20 UTC". */
export function formatTime(time: string): string {
  return `${time.slice(0, 10)} ${time.slice(11, 16)} UTC`;
}
