// A problem of the options in one line: the place it is at, then what is wrong.
import { formatEscaped } from "../core/text/quoted.ts";

/** Is what a problem is told by. */
interface ToldProblem {
  readonly message: string;
  readonly file?: string | undefined;
  readonly line?: number | undefined;
  readonly column?: number | undefined;
}

/** Describes a problem with the place it is at. */
export function describeProblem({ message, file, line, column }: ToldProblem): string {
  const place = [file && formatEscaped(file), line, column]
    .filter((part) => part !== undefined)
    .join(":");
  return place === "" ? message : `${place}: ${message}`;
}
