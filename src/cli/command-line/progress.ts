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

const keptAgainMs = 50;

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
  const line = new Line(system, terminal, saidAfterMs);
  let moments: readonly Moment[] = [];
  return (doneBytes, allBytes) => {
    const ms = line.begin();
    const rate = rateOf(moments, { ms, bytes: doneBytes });
    moments = keepRecent(moments, { ms, bytes: doneBytes });
    if (doneBytes >= allBytes) line.clear();
    else {
      const advance = { action, doneBytes, allBytes, bytesPerSecond: rate };
      line.tell(ms, (columns) => describeAdvance(advance, columns));
    }
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
  terminal: Context["terminal"],
  action: string,
): Wait {
  const line = new Line(system, terminal, waitSaidAfterMs);
  const startMs = line.begin();
  return {
    tell() {
      const ms = line.begin();
      line.tell(ms, (columns) => `${action}: ${formatDuration(ms - startMs)}`.slice(0, columns));
    },
    end: () => line.clear(),
  };
}

/** The line of a work, from a second on; where it cannot be updated, lines in growing distances. */
class Line {
  private readonly system: Pick<System, "uptimeMs" | "say">;
  private readonly isInPlace: boolean;
  private readonly columns: number | undefined;
  private readonly afterMs: number;
  private startMs: number | undefined;
  private nextMs = 0;
  private isShown = false;

  constructor(
    system: Pick<System, "uptimeMs" | "say">,
    { stderr, isDumb, errorColumns }: Context["terminal"],
    saidAfter: number,
  ) {
    this.system = system;
    this.isInPlace = stderr && !isDumb;
    // A line that is full would not be overwritten but continued.
    this.columns = errorColumns === undefined ? undefined : errorColumns - 1;
    this.afterMs = this.isInPlace ? shownAfterMs : saidAfter;
  }

  /** Begins the work, if it has not begun, and returns the time. */
  begin(): number {
    const ms = this.system.uptimeMs();
    if (this.startMs === undefined) {
      this.startMs = ms;
      this.nextMs = ms + this.afterMs;
    }
    return ms;
  }

  /** Shows what `describe` makes of a width, if it is time. */
  tell(ms: number, describe: (columns: number | undefined) => string): void {
    if (ms < this.nextMs) return;
    if (!this.isInPlace) {
      // 3, 6, 12 seconds and so on.
      this.nextMs = ms + (ms - (this.startMs ?? ms));
      this.system.say("stderr", `${describe(undefined)}\n`);
      return;
    }
    this.nextMs = ms + shownAgainMs;
    this.isShown = true;
    this.system.say("stderr", `${clearLine}${describe(this.columns)}`);
  }

  clear(): void {
    if (this.isShown) this.system.say("stderr", clearLine);
    this.isShown = false;
  }
}

function rateOf([first]: readonly Moment[], now: Moment): number | undefined {
  if (first === undefined || now.ms <= first.ms || now.bytes <= first.bytes) return undefined;
  return ((now.bytes - first.bytes) * 1000) / (now.ms - first.ms);
}

/** Keeps the moments of the last seconds and the one before them; of very many only some. */
function keepRecent(moments: readonly Moment[], now: Moment): readonly Moment[] {
  const last = moments.at(-1);
  if (last !== undefined && now.ms - last.ms < keptAgainMs) return moments;
  const first = moments.findLastIndex(({ ms }) => now.ms - ms >= rateMs);
  return [...moments.slice(Math.max(0, first)), now];
}
