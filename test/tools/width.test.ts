// What the executable prints fits the terminal that it is printed on.
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { tryRun } from "./programs.ts";

const program = join(import.meta.dirname, "../../dist/backstore");

/** Runs a command on a terminal of its own and returns the lengths of the lines. */
function widthsOn(columns: number, environment = ""): number[] {
  const command = `stty cols ${columns}; ${environment} ${program} create --help`;
  const { status, stdout } = tryRun(["script", "-qec", command, "/dev/null"]);
  expect(status).toBe(0);
  return stdout.split("\r\n").map((line) => line.length);
}

describe("backstore create --help", () => {
  test("is as wide as a terminal, and at most 79 columns", () => {
    expect([40, 60, 79, 200].map((columns) => Math.max(...widthsOn(columns)))).toEqual([
      40, 60, 79, 79,
    ]);
  });

  test("is as wide as COLUMNS says, if that is a number", () => {
    expect(Math.max(...widthsOn(79, "COLUMNS=50"))).toBe(50);
    expect(Math.max(...widthsOn(60, "COLUMNS=wide"))).toBe(60);
  });

  test("fits 79 columns where the terminal does not know its width", () => {
    expect(Math.max(...widthsOn(0))).toBe(79);
  });
});
