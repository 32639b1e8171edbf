// Records a System's use for a test: every call that changes something, in order; and lets calls
// fail.
import type { System } from "../../../src/system/port/system.ts";
import { fail } from "./errors.ts";

/** One call that changes something; functions among the arguments are left out. */
export interface Call {
  readonly name: keyof System;
  readonly arguments: readonly unknown[];
}

/** A fault of a function of the port. */
export interface Fault {
  readonly call: keyof System;
  /**
   * Only when an argument, or a field of one, is this text, or a place of a disk this path; always
   * if left out.
   */
  readonly naming?: string;
  readonly errno: string;
  /** How often, from the first call on; always by default. */
  readonly times?: number;
}

const changing: ReadonlySet<keyof System> = new Set([
  "writeFile",
  "appendFile",
  "createFile",
  "createOpen",
  "writeBytes",
  "allocate",
  "reserve",
  "truncate",
  "disableCopyOnWrite",
  "unshare",
  "makeDirectory",
  "makeLink",
  "makeHardLink",
  "makeNode",
  "makeTemporaryDirectory",
  "removeFile",
  "removeDirectory",
  "rename",
  "exchange",
  "setMode",
  "setOwner",
  "setXattr",
  "removeXattr",
  "setModified",
  "copyData",
  "writeOut",
  "sync",
  "syncFileSystem",
  "withLock",
  "mount",
  "unmount",
  "cloneMounts",
  "attachMounts",
  "isolateMounts",
  "enterRoot",
  "setReadonly",
  "withClaim",
  "writeDirect",
  "copyDirect",
  "rereadPartitions",
  "withLoop",
  "setLoopCapacity",
  "detachLoop",
  "insertModule",
  "run",
  "runFirst",
  "runHere",
  "endProcess",
  "becomeProgram",
  "handOver",
  "shutDown",
]);

/**
 * Makes a System that records into `journal` and fails as told; `name` gives what was opened the
 * name that it has.
 */
export function recorded(
  system: System,
  {
    journal,
    faults,
    name: nameOpened,
  }: { journal: Call[]; faults: readonly Fault[]; name: (text: string) => string },
): System {
  const left = new Map(faults.map((fault) => [fault, fault.times ?? Number.POSITIVE_INFINITY]));
  const wrap =
    (name: keyof System, action: (...given: unknown[]) => unknown) =>
    (...given: unknown[]) => {
      const shown = given
        .filter((argument) => typeof argument !== "function")
        .map((argument) => named(argument, nameOpened));
      if (changing.has(name)) journal.push({ name, arguments: shown });
      const fault = faults.find(
        (one) => one.call === name && (left.get(one) ?? 0) > 0 && isNamed(one.naming, shown),
      );
      if (fault) {
        left.set(fault, (left.get(fault) ?? 0) - 1);
        fail(fault.errno, fault.naming);
      }
      return action(...given);
    };
  const entries = Object.entries(system).map(([name, action]) => [
    name,
    wrap(name as keyof System, action),
  ]);
  // The compiler cannot follow a function per name through Object.entries; each keeps its name and
  // its arguments.
  return Object.fromEntries(entries) as System;
}

function named(value: unknown, name: (text: string) => string): unknown {
  if (typeof value === "string") return name(value);
  if (Array.isArray(value)) return value.map((one) => named(one, name));
  if (typeof value !== "object" || value === null || value instanceof Uint8Array) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, named(one, name)]));
}

function isNamed(text: string | undefined, given: readonly unknown[]): boolean {
  return (
    text === undefined ||
    given.some((argument) => argument === text || isNamedWithin(text, argument))
  );
}

function isNamedWithin(text: string, argument: unknown): boolean {
  if (typeof argument !== "object" || argument === null) return false;
  // A place of a disk is named by the whole path to it.
  const isPlace = "root" in argument && "path" in argument;
  const place = isPlace ? `${argument.root}/${argument.path}`.replace(/\/{2,}/g, "/") : undefined;
  return place === text || Object.values(argument).includes(text);
}
