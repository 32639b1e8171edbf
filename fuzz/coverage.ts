// Which of our code has run, by V8's own block coverage: what it reports is only what ran since it
// was last asked, and asking takes less than a millisecond
// (docs/decisions/0030-fuzzing.md).

import { Session } from "node:inspector";

/** Watches which code runs. */
export interface Coverage {
  /** Returns whether code has run since the last call that never ran before; marks nothing. */
  readonly hasNew: () => boolean;
  /** Marks what has run since the last call, and returns how many stretches of it are new. */
  readonly mark: () => number;
  /** Forgets what was marked. */
  readonly reset: () => void;
}

interface FunctionCoverage {
  readonly ranges: readonly { startOffset: number; endOffset: number; count: number }[];
}

interface ScriptCoverage {
  readonly url: string;
  readonly functions: readonly FunctionCoverage[];
}

/** Watches the code of a script that begins where `isCounted` says yes. */
export function watchCoverage(url: string, isCounted: (offset: number) => boolean): Coverage {
  const session = new Session();
  session.connect();
  const ask = (method: string, parameters: object = {}) => {
    let answer: unknown;
    session.post(method, parameters, (error, result) => {
      if (error !== null) throw error;
      answer = result;
    });
    return answer;
  };
  ask("Profiler.enable");
  ask("Profiler.startPreciseCoverage", { callCount: false, detailed: true });
  // Of each function, by its place: which of its characters have run.
  const marks = new Map<number, Uint8Array>();
  const known = new Set<string>();
  function ranFunctions(): { key: string; ranges: FunctionCoverage["ranges"] }[] {
    // The answer of the profiler's protocol to this question.
    const { result } = ask("Profiler.takePreciseCoverage") as { result: readonly ScriptCoverage[] };
    const functions = result.filter((script) => script.url === url).flatMap((one) => one.functions);
    return functions.flatMap(({ ranges }) => {
      const [whole] = ranges;
      if (whole === undefined || whole.count === 0 || !isCounted(whole.startOffset)) return [];
      const key = ranges.map(({ startOffset, count }) => `${startOffset}:${count}`).join(" ");
      return known.has(key) ? [] : [{ key, ranges }];
    });
  }
  return {
    hasNew: () => ranFunctions().some(({ ranges }) => listNew(marks, ranges).length > 0),
    mark: () => {
      let stretches = 0;
      for (const { key, ranges } of ranFunctions()) {
        known.add(key);
        const found = listNew(marks, ranges);
        for (const [start, end] of found) marksOf(marks, ranges).fill(1, start, end);
        stretches += found.length;
      }
      return stretches;
    },
    reset: () => {
      marks.clear();
      known.clear();
    },
  };
}

function marksOf(marks: Map<number, Uint8Array>, [whole]: FunctionCoverage["ranges"]): Uint8Array {
  const { startOffset = 0, endOffset = 0 } = whole ?? {};
  const found = marks.get(startOffset) ?? new Uint8Array(endOffset - startOffset);
  marks.set(startOffset, found);
  return found;
}

/** Lists the stretches of a function that have run and are not marked, from its beginning. */
function listNew(
  marks: Map<number, Uint8Array>,
  ranges: FunctionCoverage["ranges"],
): [start: number, end: number][] {
  const marked = marksOf(marks, ranges);
  const from = ranges[0]?.startOffset ?? 0;
  // Inner ranges come after those around them.
  const ran = new Uint8Array(marked.length);
  for (const { startOffset, endOffset, count } of ranges)
    ran.fill(count > 0 ? 1 : 0, startOffset - from, endOffset - from);
  const found: [number, number][] = [];
  let start = -1;
  for (let at = 0; at <= ran.length; at++) {
    const isNew = ran[at] === 1 && marked[at] === 0;
    if (isNew && start < 0) start = at;
    if (isNew || start < 0) continue;
    found.push([start, at]);
    start = -1;
  }
  return found;
}
