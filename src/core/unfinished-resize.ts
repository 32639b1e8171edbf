// What a boot makes of the record that an unfinished change of size left beside a store: one that may be half of one size
// and half of another is not written to before it is whole again.
import { Failure } from "./failure.ts";
import { formatRecovery, isHalfResized, parseIntent } from "./store-intent.ts";

/** Finds out why a store may not be written to, if its size was being changed; undefined when it may be. */
export function findUnfinished({
  path,
  intent,
}: {
  /** Of the store's file, from the top of its host. */
  readonly path: string;
  /** The text of the record. */
  readonly intent: string | undefined;
}): string | undefined {
  // An empty one is what a power cut leaves of the first record on vfat, before anything was changed.
  if (intent === undefined || intent === "") return undefined;
  // Where a session shows the host.
  const file = `/run/backstore/host${path}`;
  try {
    const parsed = parseIntent(intent, path);
    return isHalfResized(parsed)
      ? `a change of its size was cut off, and must be finished first (${formatRecovery(parsed, file)})`
      : undefined;
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return "a change of its size was begun by another version of backstore, and must be finished by that";
  }
}
