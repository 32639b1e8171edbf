// The progress of long work, on standard error: one line that is updated in place on a terminal;
// elsewhere lines in growing distances, so that a log tells it and is not filled with it.
import { formatDuration } from "../../report/duration.ts";
import { describeAdvance } from "../../report/progress.ts";
import type { System } from "../../system/port/system.ts";
import type { Progress } from "../../system/steps/file-steps.ts";
import type { Context, Invocation } from "./command.ts";
import { isQuiet } from "./tell.ts";

const shownAfterMs = 1000;
const shownAgainMs = 200;
const saidAfterMs = 3000;

/** The rate is that of the last seconds: a cache takes the first bytes faster than any disk. */
const rateMs = 5000;

const clearLine = "\r\u001b[K";

interface Moment {
  readonly ms: number;
  readonly bytes: number;
}

/** Returns a listener that shows the progress of an action ("allocating") from a second on. */
export function showProgress(
  invocation: Pick<Invocation, "system" | "context" | "arguments">,
  action: string,
): Progress {
  const { system, context } = invocation;
  return isQuiet(invocation) ? () => {} : showAdvance(system, context.terminal, action);
}

/** Returns the listener for a terminal. */
export function showAdvance(
  system: Pick<System, "uptimeMs" | "say">,
  terminal: Context["terminal"],
  action: string,
): Progress {
  const { stderr, isDumb, errorColumns: columns } = terminal;
  const isInPlace = stderr && !isDumb;
  let startMs: number | undefined;
  let nextMs = 0;
  let moments: readonly Moment[] = [];
  let isShown = false;
  return (doneBytes, allBytes) => {
    const ms = system.uptimeMs();
    if (startMs === undefined) {
      startMs = ms;
      nextMs = ms + (isInPlace ? shownAfterMs : saidAfterMs);
    }
    const rate = rateOf(moments, { ms, bytes: doneBytes });
    moments = keepRecent(moments, { ms, bytes: doneBytes });
    if (doneBytes >= allBytes) {
      if (isShown) system.say("stderr", clearLine);
      isShown = false;
      return;
    }
    if (ms < nextMs) return;
    const advance = { action, doneBytes, allBytes, bytesPerSecond: rate };
    if (!isInPlace) {
      // 3, 6, 12 seconds and so on.
      nextMs = startMs + 2 * (ms - startMs);
      system.say("stderr", `${describeAdvance(advance)}\n`);
      return;
    }
    nextMs = ms + shownAgainMs;
    isShown = true;
    // A line that is full would not be overwritten but continued.
    const line = describeAdvance(advance, columns === undefined ? undefined : columns - 1);
    system.say("stderr", `${clearLine}${line}`);
  };
}

/** A listener for a wait. */
interface Wait {
  /** To be called again and again while it lasts. */
  readonly tell: () => void;
  readonly end: () => void;
}

const waitSaidAfterMs = 10_000;

/** Returns a listener that shows for how long an action ("running e2fsck") has been waited for. */
export function showWait(
  system: Pick<System, "uptimeMs" | "say">,
  { stderr, isDumb, errorColumns: columns }: Context["terminal"],
  action: string,
): Wait {
  const isInPlace = stderr && !isDumb;
  const startMs = system.uptimeMs();
  let nextMs = startMs + (isInPlace ? shownAfterMs : waitSaidAfterMs);
  let isShown = false;
  return {
    tell() {
      const ms = system.uptimeMs();
      if (ms < nextMs) return;
      const line = `${action}: ${formatDuration(ms - startMs)}`;
      if (!isInPlace) {
        nextMs = startMs + 2 * (ms - startMs);
        system.say("stderr", `${line}\n`);
        return;
      }
      nextMs = ms + shownAgainMs;
      isShown = true;
      const most = columns === undefined ? undefined : columns - 1;
      system.say("stderr", `${clearLine}${line.slice(0, most)}`);
    },
    end() {
      if (isShown) system.say("stderr", clearLine);
    },
  };
}

function rateOf([first]: readonly Moment[], now: Moment): number | undefined {
  if (first === undefined || now.ms <= first.ms || now.bytes <= first.bytes) return undefined;
  return ((now.bytes - first.bytes) * 1000) / (now.ms - first.ms);
}

/** Keeps the moments of the last seconds and the one before them. */
function keepRecent(moments: readonly Moment[], now: Moment): readonly Moment[] {
  const first = moments.findLastIndex(({ ms }) => now.ms - ms >= rateMs);
  return [...moments.slice(Math.max(0, first)), now];
}
