// The progress of long work, on standard error: a percentage that is updated in place on a
// terminal, and elsewhere one line, if it takes long enough for somebody to wonder.
import { formatSize } from "../../core/text/size.ts";
import type { System } from "../../system/port/system.ts";
import type { Progress } from "../../system/steps/file-steps.ts";

const shownAfterMs = 300;
const saidAfterMs = 3000;
const clearLine = "\r\u001b[K";

/** Returns a listener that shows progress; `action` is what is being done ("allocating"). */
export function showProgress(
  system: System,
  { action, isTerminal }: { readonly action: string; readonly isTerminal: boolean },
): Progress {
  const startMs = system.uptimeMs();
  let shown = "";
  return (doneBytes, allBytes) => {
    const passedMs = system.uptimeMs() - startMs;
    if (!isTerminal) {
      if (shown !== "" || doneBytes >= allBytes || passedMs < saidAfterMs) return;
      shown = `${action} ${formatSize(allBytes)}; this may take a while\n`;
      system.say("stderr", shown);
      return;
    }
    if (doneBytes >= allBytes) {
      if (shown !== "") system.say("stderr", clearLine);
      shown = "";
      return;
    }
    const text = `\r${action}: ${Math.floor((doneBytes * 100) / allBytes)} %`;
    if (text === shown || passedMs < shownAfterMs) return;
    shown = text;
    system.say("stderr", text);
  };
}
