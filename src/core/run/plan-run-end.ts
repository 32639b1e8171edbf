// Takes a system down again that was put together beside the running one: what was mounted is
// unmounted in reverse order, and the store's record says that its session has ended.

import type { Plan, Step } from "../steps/step.ts";

/** The record of a store whose session has ended. */
interface EndedRecord {
  readonly path: string;
  readonly text: string;
}

/** A system that was put together. */
interface Assembled {
  readonly plan: Plan;
  readonly root: string;
  /** Undefined if the store's record is not changed. */
  readonly record: EndedRecord | undefined;
}

/** Plans the end: each step is tried, whatever becomes of the others. */
export function planRunEnd({ plan, root, record }: Assembled): Plan<undefined> {
  const targets = plan.steps.flatMap(targetOf).reverse();
  const after = targets.indexOf(root) + 1;
  const ended: Step[] =
    record === undefined
      ? []
      : [
          { do: "write-file", ...record, optional: true },
          { do: "sync-file", path: record.path, optional: true },
        ];
  return {
    title: "Take the system down",
    result: undefined,
    steps: [
      ...targets.slice(0, after).map(unmount),
      ...ended,
      ...targets.slice(after).map(unmount),
    ],
  };
}

function targetOf(step: Step): string[] {
  switch (step.do) {
    case "mount":
    case "mount-image":
    case "mount-file":
    case "mount-partition":
    case "mount-overlay":
    case "bind":
      return [step.target];
    default:
      return [];
  }
}

function unmount(target: string): Step {
  return { do: "unmount", target, optional: true };
}
