// Parts of what commands write as JSON, as validators. Each names what its values mean; docs/schemas
// and the pages that are rendered are made from them.
import * as v from "valibot";

/** Describes what the values of a schema mean. */
export function meaning<T extends v.GenericSchema>(schema: T, text: string) {
  return v.pipe(schema, v.description(text));
}

/** What may be unknown. */
export function maybe<T extends v.GenericSchema>(schema: T) {
  return v.nullable(schema);
}

export const text = v.string();
export const flag = v.boolean();
export const size = v.pipe(v.number(), v.integer(), v.minValue(0));
export const amount = v.pipe(v.number(), v.integer());

/** What every object begins with. */
export const head = {
  format: meaning(v.literal(1), "The format of the object; another number means other rules."),
  tool: meaning(text, 'The program that wrote it, and its version: "backstore 0.1.0".'),
};

const planned = "Whether it is only what would be done, with `--dry-run`.";

/** What an object about work that was done begins with. */
export const doneHead = { ...head, planned: meaning(v.literal(false), planned) };

/** The same about work that would be done. */
export const plannedHead = { ...head, planned: meaning(v.literal(true), planned) };

/** The same where both have one shape. */
export const outcomeHead = { ...head, planned: meaning(flag, planned) };

/** A step of a plan: its arguments are beside these. */
const step = v.looseObject({
  do: meaning(text, "The kind of step: the names in `src/core/steps/*-steps.ts`."),
  description: meaning(text, "The step in words."),
  optional: v.optional(
    meaning(flag, "Whether it may fail without the plan failing; missing if not."),
  ),
});

export const steps = meaning(
  v.array(step),
  "The steps, in order; empty if there is nothing to do.",
);

const module = v.strictObject({ name: text, fingerprint: text });

export const base = v.strictObject({
  label: v.optional(maybe(text)),
  image: v.optional(maybe(text)),
  release: v.optional(maybe(text)),
  fingerprint: v.optional(maybe(text)),
  modules: v.optional(maybe(v.array(module))),
});

export const session = v.strictObject({
  state: v.picklist(["open", "clean"]),
  boot: v.optional(maybe(text)),
  machine: v.optional(maybe(text)),
  count: v.optional(maybe(size)),
  started: v.optional(maybe(text)),
  ended: v.optional(maybe(text)),
});

const pastBoot = v.strictObject({
  started: text,
  session: v.picklist(["persistent", "readonly", "volatile"]),
  phases: v.strictObject({
    before: v.optional(maybe(size)),
    medium: v.optional(maybe(size)),
    store: v.optional(maybe(size)),
    mounting: v.optional(maybe(size)),
  }),
  totalBytes: v.optional(maybe(size)),
  usedBytes: v.optional(maybe(size)),
  note: v.optional(maybe(text)),
  ended: v.optional(maybe(text)),
  endUsedBytes: v.optional(maybe(size)),
});

export const record = v.strictObject({
  id: v.optional(maybe(text)),
  created: v.optional(maybe(text)),
  base: v.optional(maybe(base)),
  session: v.optional(maybe(session)),
  boots: v.array(pastBoot),
});

export const modules = v.array(module);
export const state = v.picklist(["used", "new", "aufs", "none", "unknown"]);
export const lastSession = v.picklist(["running", "clean", "open"]);
export const inUse = v.strictObject({
  by: v.picklist(["session", "overlay", "mount", "loop", "other"]),
  where: maybe(text),
});
export const sessionKind = v.picklist(["persistent", "readonly", "volatile", "foreign", "stopped"]);
export const problem = v.strictObject({
  message: text,
  file: v.optional(maybe(text)),
  line: v.optional(maybe(size)),
  column: v.optional(maybe(size)),
  isReason: v.optional(maybe(flag)),
});
