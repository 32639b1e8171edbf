// Steps that must not keep the machine from going off: each is executed by a child process that is
// waited for only while something is being written. A disk that does not respond blocks its child
// forever, and nothing else.

import { parseUnwritten } from "../../core/kernel/memory.ts";
import { describe, type Step } from "../../core/steps/step.ts";
import { Failure } from "../../core/text/failure.ts";
import { formatSize } from "../../core/text/size.ts";
import { readIfPresent } from "../../system/port/files.ts";
import type { System } from "../../system/port/system.ts";
import { execute } from "../../system/steps/execute.ts";

/** The number of steps that timed out; after some of them the wait is shorter. */
export interface Patience {
  stuck: number;
}

/** Tries a step: a failure or a timeout is reported on the console. */
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
      system.say("stderr", `backstore: Cannot ${describe(step)}: timed out\n`);
      return;
    }
    if (now - toldMs < tellMs) continue;
    toldMs = now;
    const left = unwritten === 0 ? "" : ` (${formatSize(unwritten)} left to write)`;
    system.say("stderr", `backstore: waiting: ${describe(step)}${left}\n`);
  }
}

const tellMs = 5000;

/** A loop device or a process that just ended releases what it holds after a moment. */
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
