// A host that a session has mounted read-only, as its own medium, is writable for the time of a
// work.

import type { Step } from "../../core/steps/step.ts";
import type { System } from "../port/system.ts";
import { execute } from "./execute.ts";

/** What makes a host writable, and read-only again; nothing for one that is writable. */
interface HostSteps {
  readonly before: readonly Step[];
  readonly after: readonly Step[];
}

/** Calls `use` while a host is writable. */
export function withWritableHost<T>(system: System, { before, after }: HostSteps, use: () => T): T {
  const run = (steps: readonly Step[]) =>
    steps.length > 0 && execute(system, { title: "", steps, result: undefined });
  run(before);
  try {
    return use();
  } finally {
    run(after);
  }
}
