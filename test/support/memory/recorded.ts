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
  /** Only if an argument, or a field of one, is this text; always by default. */
  readonly naming?: string;
  readonly errno: string;
  /** How often, from the first call on; always by default. */
  readonly times?: number;
}

const changing: ReadonlySet<keyof System> = new Set([
  "writeFile",
  "appendFile",
  "createFile",
  "writeBytes",
  "allocate",
  "reserve",
  "truncate",
  "disableCopyOnWrite",
  "makeDirectory",
  "makeLink",
  "makeNode",
  "makeTemporaryDirectory",
  "removeFile",
  "removeDirectory",
  "rename",
  "setMode",
  "setOwner",
  "setXattr",
  "sync",
  "syncFileSystem",
  "withLock",
  "mount",
  "unmount",
  "isolateMounts",
  "setReadonly",
  "withLoop",
  "setLoopCapacity",
  "detachLoop",
  "insertModule",
  "run",
  "endProcess",
  "handOver",
  "shutDown",
]);

/** Makes a System that records into `journal` and fails as told. */
export function recorded(
  system: System,
  { journal, faults }: { journal: Call[]; faults: readonly Fault[] },
): System {
  const left = new Map(faults.map((fault) => [fault, fault.times ?? Number.POSITIVE_INFINITY]));
  const wrap =
    (name: keyof System, action: (...given: unknown[]) => unknown) =>
    (...given: unknown[]) => {
      const shown = given.filter((argument) => typeof argument !== "function");
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

function isNamed(text: string | undefined, given: readonly unknown[]): boolean {
  return (
    text === undefined ||
    given.some((argument) => argument === text || isNamedWithin(text, argument))
  );
}

function isNamedWithin(text: string, argument: unknown): boolean {
  return (
    typeof argument === "object" && argument !== null && Object.values(argument).includes(text)
  );
}
