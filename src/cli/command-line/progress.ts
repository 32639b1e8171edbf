// The progress of long work, on standard error: one line that is updated in place on a terminal;
// elsewhere lines in growing distances, so that a log tells it and is not filled with it.
import { describeAdvance } from "../../report/progress.ts";
import type { Progress } from "../../system/steps/file-steps.ts";
import type { Invocation } from "./command.ts";
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
  if (isQuiet(invocation)) return () => {};
  const { stderr, isDumb, errorColumns: columns } = context.terminal;
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

function rateOf([first]: readonly Moment[], now: Moment): number | undefined {
  if (first === undefined || now.ms <= first.ms || now.bytes <= first.bytes) return undefined;
  return ((now.bytes - first.bytes) * 1000) / (now.ms - first.ms);
}

/** Keeps the moments of the last seconds and the one before them. */
function keepRecent(moments: readonly Moment[], now: Moment): readonly Moment[] {
  const first = moments.findLastIndex(({ ms }) => now.ms - ms >= rateMs);
  return [...moments.slice(Math.max(0, first)), now];
}
