// The stack of a bug in terms of our TypeScript. The engine knows the lines of the bundled modules;
// for each module, the build keeps the source files and, for each line, two differences: file
// index, line (scripts/build.mjs, sourceLines).
import { bugsUrl } from "../../core/text/bugs.ts";

interface SourceLines {
  readonly files: readonly string[];
  readonly lines: readonly number[];
}

/**
 * Describes an exception that is not a Failure: its message, and its stack with TypeScript files
 * and lines. That no memory is left is no bug, and leaves none to describe one.
 */
export function describeBug(error: unknown, linesJson: string | undefined): string {
  if (isOutOfMemory(error)) return "backstore: Cannot continue: not enough memory\n";
  const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  const stack = error instanceof Error ? (error.stack ?? "") : "";
  return `backstore: this is a bug in backstore, please report it with the lines below: ${bugsUrl}\n${message}\n${translateStack(stack, linesJson ?? "{}")}`;
}

/**
 * Describes such an exception in one line, with the place where it was thrown: for a boot, which
 * goes on without what it was thrown about.
 */
export function summariseBug(error: unknown, linesJson: string | undefined): string {
  if (isOutOfMemory(error)) return "not enough memory";
  const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  const stack = error instanceof Error ? (error.stack ?? "") : "";
  const calls = translateStack(stack, linesJson ?? "{}").split("\n");
  const place = calls.find((line) => /^\s*at /.test(line))?.trim();
  const what = place === undefined ? message : `${message}, ${place}`;
  return `this is a bug in backstore, please report it (${what.slice(0, longestSummary)})`;
}

const longestSummary = 400;

/** Returns whether an exception is the engine's for a piece of memory that it did not get. */
function isOutOfMemory(error: unknown): boolean {
  return (
    error instanceof Error && error.name === "InternalError" && error.message === "out of memory"
  );
}

/**
 * Replaces each "module.js:LINE:COLUMN" by "src/file.ts:LINE"; unknown positions stay as they are.
 */
export function translateStack(stack: string, linesJson: string): string {
  const modules: Record<string, SourceLines | undefined> = JSON.parse(linesJson);
  return stack.replace(
    /(?<![\w.-])([\w.-]+\.js):(\d+)(:\d+)?/g,
    (place, module: string, line: string) => {
      const source = modules[module];
      return (source && findSource(source, Number(line))) ?? place;
    },
  );
}

function findSource({ files, lines }: SourceLines, line: number): string | undefined {
  if (line < 1 || line * 2 > lines.length) return undefined;
  let file = 0;
  let sourceLine = 0;
  for (let index = 0; index < line; index++) {
    file += lines[index * 2] ?? 0;
    sourceLine += lines[index * 2 + 1] ?? 0;
  }
  return files[file] === undefined ? undefined : `${files[file]}:${sourceLine}`;
}
