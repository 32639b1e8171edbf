import { describe, expect, test } from "vitest";
import { Failure } from "../../../src/core/text/failure.ts";
import { renderFailure } from "../../../src/report/manual/help.ts";

describe("renderFailure()", () => {
  test("renderFailure() says the sentence, and the hint on a line of its own", () => {
    expect(renderFailure(new Failure("tool", "Cannot do it: it is odd"))).toBe(
      "backstore: Cannot do it: it is odd\n",
    );
    expect(renderFailure(new Failure("tool", "Cannot do it: it is odd", "wait"))).toBe(
      "backstore: Cannot do it: it is odd\nHint: wait\n",
    );
  });
});
