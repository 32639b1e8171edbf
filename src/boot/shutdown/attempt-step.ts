// Steps that must not keep the machine from going off: each is done by a child process that is waited for only as long as
// something gets written. A disk that does not answer keeps its child for ever, and nothing else.

import { parseUnwritten } from "../../core/kernel/memory.ts";
import { describe, type Step } from "../../core/steps/step.ts";
import { Failure } from "../../core/text/failure.ts";
import { formatSize } from "../../core/text/size.ts";
import { readIfPresent } from "../../system/port/files.ts";
import type { System } from "../../system/port/system.ts";
import { execute } from "../../system/steps/execute.ts";

/** Counts the steps that did not end; after some of them nobody waits that long any more. */
export interface Patience {
  stuck: number;
}

/** Tries a step: its failure, or that it does not end, is told on the console. */
export function attemptStep(system: System, step: Step, patience: Patience): void {
  const child = system.background(() => attempt(system, step));
  const limitMs = patience.stuck < 6 ? 10_000 : 500;
  let least = readUnwritten(system);
  let progressMs = system.uptimeMs();
  let toldMs = progressMs;
  for (let napMs = 1; !child.isOver(); napMs = Math.min(2 * napMs, 50)) {
    system.waitForDevices(napMs);
    const now = system.uptimeMs();
    const unwritten = readUnwritten(system);
    if (unwritten < least) {
      least = unwritten;
      progressMs = now;
    }
    if (now - progressMs > limitMs) {
      patience.stuck++;
      system.say("stderr", `backstore: Cannot ${describe(step)}: it does not end\n`);
      return;
    }
    if (now - toldMs < tellMs) continue;
    toldMs = now;
    const left = unwritten === 0 ? "" : ` (${formatSize(unwritten)} to be written)`;
    system.say("stderr", `backstore: waiting: ${describe(step)}${left}\n`);
  }
}

const tellMs = 5000;

/** What a loop device or a process that just ended still holds, it lets go of in a moment. */
function attempt(system: System, step: Step): void {
  const most = step.do === "unmount" && !step.lazily ? 6 : 1;
  for (let tries = 1; ; tries++) {
    const message = findFailure(system, step);
    if (message === undefined) return;
    if (tries === most) {
      system.say("stderr", `backstore: ${message}\n`);
      return;
    }
    system.waitForDevices(10 * tries);
  }
}

function findFailure(system: System, step: Step): string | undefined {
  try {
    const plan = { title: "Shut down", steps: [step], result: undefined };
    return execute(system, plan).failures[0]?.message;
  } catch (error) {
    if (error instanceof Failure) return error.message;
    throw error;
  }
}

function readUnwritten(system: System): number {
  return parseUnwritten(readIfPresent(system, "/proc/meminfo") ?? "");
}
