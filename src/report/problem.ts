// A problem of the options in one line: its position, then what is wrong.
import { formatEscaped } from "../core/text/quoted.ts";

/** A problem with its position. */
interface ToldProblem {
  readonly message: string;
  readonly file?: string | undefined;
  readonly line?: number | undefined;
  readonly column?: number | undefined;
}

/** Returns a problem with its position as an object for programs. */
export function summariseProblem({ message, file, line, column }: ToldProblem): object {
  return { message, file, line, column };
}

/** Describes a problem with its position. */
export function describeProblem({ message, file, line, column }: ToldProblem): string {
  const place = [file && formatEscaped(file), line, column]
    .filter((part) => part !== undefined)
    .join(":");
  return place === "" ? message : `${place}: ${message}`;
}
