// How errors of the system are handled.
import { describe, expect, test } from "vitest";
import { Failure } from "../../../src/core/text/failure.ts";
import { failureOfUntold, ifPossible, orFail, reasonOf } from "../../../src/system/port/errors.ts";
import { ErrnoError } from "../../support/memory/errors.ts";

function refusing(error: unknown) {
  return () => {
    throw error;
  };
}

describe("reasonOf()", () => {
  const cases: readonly (readonly [error: Error, words: string])[] = [
    [new ErrnoError("ENOENT", "/x"), "no such file or directory"],
    [new ErrnoError("EIO"), "I/O error"],
    [new Failure("usage", "Cannot use it: it is odd"), "Cannot use it: it is odd"],
    [Object.assign(new Error("plain words"), { code: "EPERM" }), "plain words"],
  ];
  for (const [error, words] of cases) {
    test(`reasonOf() gives "${words}"`, () => {
      expect(reasonOf(error)).toBe(words);
    });
  }

  for (const bug of [new TypeError("no"), undefined, "text", { code: "EIO" }]) {
    test(`reasonOf() throws on what is no reason: ${String(bug)}`, () => {
      expect(() => reasonOf(bug)).toThrow(bug as Error);
    });
  }
});

describe("orFail() and ifPossible()", () => {
  test("orFail() and ifPossible() give what the action gives", () => {
    expect([orFail("Cannot", () => 1), ifPossible(() => 2)]).toEqual([1, 2]);
  });

  test("orFail() makes a Failure of an errno, and ifPossible() nothing", () => {
    const action = refusing(new ErrnoError("ENOENT", "/x"));
    expect(() => orFail("Cannot look at it", action)).toThrow(
      new Failure(
        "tool",
        "Cannot look at it: no such file or directory",
        "see whether it is still there, and whether /proc and /sys are mounted",
      ),
    );
    expect(ifPossible(action)).toBeUndefined();
  });

  test("orFail() gives an errno the exit status of its kind", () => {
    const codes = [
      ["EACCES", "tool"],
      ["EDQUOT", "no-room"],
      ["EUCLEAN", "damaged"],
      ["EBUSY", "in-use"],
      ["EINVAL", "tool"],
    ] as const;
    for (const [errno, code] of codes)
      expect(() => orFail("Cannot", refusing(new ErrnoError(errno)))).toThrow(
        expect.objectContaining({ code }),
      );
  });

  for (const error of [new Failure("usage", "Cannot: it is odd"), new TypeError("no")])
    test(`orFail() and ifPossible() pass on ${error}`, () => {
      expect(() => orFail("Cannot", refusing(error))).toThrow(error);
      expect(() => ifPossible(refusing(error))).toThrow(error);
    });
});

describe("failureOfUntold()", () => {
  const cases: readonly (readonly [error: unknown, sentence: string | undefined])[] = [
    [new ErrnoError("EACCES", "/mnt/x\n"), 'Cannot use "/mnt/x\\n": permission denied'],
    [new ErrnoError("EIO", "/proc/self/fd/7"), "Cannot run it: I/O error"],
    [new ErrnoError("ENOSPC"), "Cannot run it: no space left on device"],
    [new ErrnoError("EINVAL", "/x"), undefined],
    [new ErrnoError("EBADF"), undefined],
    [new TypeError("no"), undefined],
    [undefined, undefined],
  ];
  for (const [error, sentence] of cases)
    test(`failureOfUntold() says ${sentence} of ${error}`, () => {
      expect(failureOfUntold("Cannot run it", error)?.message).toBe(sentence);
    });
});
