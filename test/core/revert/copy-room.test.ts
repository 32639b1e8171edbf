// Whether copies from the base find room.
import { describe, expect, test } from "vitest";
import { checkCopyRoom } from "../../../src/core/revert/copy-room.ts";

describe("checkCopyRoom()", () => {
  const cases = [
    { what: "enough", files: 10, bytes: 1000, wanted: undefined },
    { what: "too many bytes", files: 10, bytes: 5_000_000, wanted: /takes 4\.\d+ MiB, and only/ },
    { what: "too many files", files: 101, bytes: 1000, wanted: /room for only 100 more/ },
    { what: "nothing to copy", files: 0, bytes: 0, wanted: undefined },
  ];
  const room = { totalBytes: 8e6, availableBytes: 4e6, freeBytes: 4e6, totalInodes: 1000 };
  for (const { what, files, bytes, wanted } of cases)
    test(`checkCopyRoom() with ${what}`, () => {
      const check = () =>
        checkCopyRoom({ files, bytes }, { type: "ext4", room: { ...room, freeInodes: 100 } });
      if (wanted === undefined) expect(check).not.toThrow();
      else expect(check).toThrow(wanted);
    });
});
