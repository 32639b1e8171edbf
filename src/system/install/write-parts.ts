// Writing what a source has into a file, and reading it back, in pieces.

import type { Range } from "../../core/bytes/ranges.ts";
import { isSameBytes } from "../../core/bytes/same.ts";
import type { Source } from "../../core/bytes/source.ts";
import { Failure } from "../../core/text/failure.ts";
import { formatPath } from "../../core/text/quoted.ts";
import type { System } from "../port/system.ts";

/** Ranges of a source, which belong to the same places of a file. */
export interface FileParts {
  readonly source: Source;
  readonly ranges: readonly Range[];
}

/** Writes them; throws a Failure if one cannot be read. */
export function writeParts(system: System, file: string, { source, ranges }: FileParts): void {
  for (const { offset, bytes } of ranges.flatMap(piecesOf)) {
    const piece = source.at(offset, bytes);
    if (piece === undefined)
      throw new Failure(
        "tool",
        `Cannot write ${formatPath(file)}: what belongs there cannot be read`,
      );
    system.writeBytes(file, offset, piece);
  }
}

/** Throws a Failure if the file has something else there. */
export function checkParts(system: System, file: string, { source, ranges }: FileParts): void {
  for (const { offset, bytes } of ranges.flatMap(piecesOf))
    if (!isSameBytes(system.readBytes(file, offset, bytes), source.at(offset, bytes)))
      throw new Failure("tool", `Cannot write ${formatPath(file)}: it reads back differently`);
}

const pieceBytes = 2 ** 20;

function piecesOf({ offset, bytes }: Range): Range[] {
  return Array.from({ length: Math.ceil(bytes / pieceBytes) }, (_, index) => ({
    offset: offset + index * pieceBytes,
    bytes: Math.min(pieceBytes, bytes - index * pieceBytes),
  }));
}
