// The few assertions of the contract, which also runs in the engine, where no test library does.
import { errnoOf, type System } from "../../../../src/system/port/system.ts";

/** Throws unless both are the same by their JSON (undefined in objects does not count). */
export function equal(actual: unknown, expected: unknown): void {
  const [one, other] = [JSON.stringify(plain(actual)), JSON.stringify(plain(expected))];
  if (one !== other) throw new Error(`found ${one}, expected ${other}`);
}

/** Throws unless `holds`. */
export function ok(holds: boolean, what: string): void {
  if (!holds) throw new Error(what);
}

/** Throws unless `action` fails with this errno, and with what a sentence about it needs. */
export function fails(errno: string, action: () => unknown): void {
  let found: unknown;
  try {
    found = action();
  } catch (error) {
    if (errnoOf(error) !== errno)
      throw new Error(`failed with ${errnoOf(error) ?? String(error)}, expected ${errno}`);
    const hasReason =
      error instanceof Error && "reason" in error && typeof error.reason === "string";
    ok(hasReason && error.message !== "", `the error ${errno} has no reason or message`);
    return;
  }
  throw new Error(`gave ${JSON.stringify(plain(found))}, expected ${errno}`);
}

/** Makes bytes, for tables of them. */
export function bytes(...values: number[]): Uint8Array {
  return Uint8Array.from(values);
}

function plain(value: unknown): unknown {
  return value instanceof Uint8Array ? { bytes: [...value] } : value;
}

/** Writes a file anew in the place of what has its name. */
export function replaceFile(system: System, path: string, data: string | Uint8Array): void {
  if (system.linkStatus(path) !== undefined) system.removeFile(path);
  system.writeFile(path, data);
}
