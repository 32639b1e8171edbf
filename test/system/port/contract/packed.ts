// The contract, part 12: data compressed with zstd. The frames are written by hand (RFC 8878):
// their contents are stored uncompressed.
import type { Predicate } from "../contract.ts";
import { bytes, equal, fails, replaceFile } from "./expect.ts";

const magic = [0x28, 0xb5, 0x2f, 0xfd];
const oneSegment = 0xa0;
const hello = [0x68, 0x65, 0x6c, 0x6c, 0x6f];

/** Predicates about readPacked(). */
export const packed: Record<string, Predicate> = {
  "readPacked() gives what a frame of zstd holds"(system, { directory }) {
    const path = `${directory}/packed`;
    const cases = [
      { frame: [...magic, oneSegment, 0, 0, 0, 0, 0x01, 0, 0], found: [] },
      { frame: [...magic, oneSegment, 5, 0, 0, 0, 0x29, 0, 0, ...hello], found: hello },
      {
        frame: [...magic, oneSegment, 6, 0, 0, 0, 0x28, 0, 0, ...hello, 0x09, 0, 0, 0xff],
        found: [...hello, 0xff],
      },
    ];
    for (const { frame, found } of cases) {
      replaceFile(system, path, bytes(...frame));
      equal(system.readPacked(path), bytes(...found));
    }
  },

  "readPacked() refuses what is no frame, or not a whole one that says its length"(
    system,
    { directory },
  ) {
    const path = `${directory}/packed`;
    const cases = [
      [],
      magic,
      [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13],
      [...magic, oneSegment, 5, 0, 0, 0, 0x29, 0, 0, ...hello.slice(1)],
      [...magic, oneSegment, 4, 0, 0, 0, 0x29, 0, 0, ...hello],
      [...magic, oneSegment, 0, 0, 0, 0x40, 0x29, 0, 0, ...hello],
      // A window instead of a length.
      [...magic, 0, 0, 0x29, 0, 0, ...hello],
    ];
    for (const frame of cases) {
      replaceFile(system, path, bytes(...frame));
      fails("EBADMSG", () => system.readPacked(path));
    }
    fails("ENOENT", () => system.readPacked(`${directory}/missing`));
    fails("EISDIR", () => system.readPacked(directory));
  },
};
