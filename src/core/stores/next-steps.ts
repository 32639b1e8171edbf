// What a session leaves for the next boot to do in a store before its overlay is mounted: under a
// mounted overlay nothing may be changed. Kept under "next" in backstore.json; what is not
// understood there is kept and not done.

import * as v from "valibot";

/** A copy that changes nothing, as long as it is like the base's. */
export interface NextRemoval {
  readonly do: "remove-same";
  /** From the top of the upper directory, with a leading slash. */
  readonly path: string;
  /** The file that it is: another one that has its name by then stays. */
  readonly inode: number;
}

const schema = v.object({
  do: v.literal("remove-same"),
  path: v.pipe(v.string(), v.check(isPlainPath)),
  inode: v.pipe(v.number(), v.integer(), v.minValue(1)),
});

function isPlainPath(path: string): boolean {
  const [first, ...names] = path.split("/");
  return (
    first === "" &&
    names.length > 0 &&
    !path.includes("\0") &&
    names.every((name) => name !== "" && name !== "." && name !== "..")
  );
}

/** A boot does no more than that. */
const mostRemovals = 5000;

/** Parses what is to be done next; empty if nothing is. */
export function parseNext(value: unknown): readonly NextRemoval[] {
  if (!Array.isArray(value)) return [];
  const removals = value.slice(0, mostRemovals).flatMap((one: unknown) => {
    const parsed = v.safeParse(schema, one);
    return parsed.success ? [parsed.output] : [];
  });
  return [...new Map(removals.map((one) => [one.path, one])).values()];
}

/** Adds removals to what is to be done next; undefined if that would be too many. */
export function addNext(value: unknown, added: readonly NextRemoval[]): unknown[] | undefined {
  const before: unknown[] = Array.isArray(value) ? value : [];
  const paths = new Set(added.map(({ path }) => path));
  const kept = before.filter((one) => {
    const parsed = v.safeParse(schema, one);
    return !parsed.success || !paths.has(parsed.output.path);
  });
  const all = [...kept, ...added];
  return all.length > mostRemovals ? undefined : all;
}

/** Returns what is left of it once the removals are done; undefined if nothing is. */
export function withoutDone(value: unknown): unknown[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const left = value.filter((one) => !v.safeParse(schema, one).success);
  return left.length > 0 ? left : undefined;
}
