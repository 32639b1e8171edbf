import { expect, test } from "vitest";
import type { Carried } from "../../../src/core/exchange/carried.ts";
import { placeBelow } from "../../../src/core/exchange/place-below.ts";

function tell(to: string, made: Set<string>): string[] {
  const entries: Carried[] = [
    { kind: "whiteout", path: "" },
    { kind: "name", path: "/a", of: "/b" },
  ];
  return [...placeBelow(entries, to, made)].map((carried) => {
    if (carried.kind === "name") return `${carried.path} of ${carried.of}`;
    return carried.kind === "directory" ? `made ${carried.path}` : carried.path;
  });
}

test("placeBelow() leaves entries of the whole system where they are", () => {
  expect(tell("", new Set())).toEqual(["", "/a of /b"]);
});

test("placeBelow() makes the directories above others, each once", () => {
  const made = new Set<string>();
  expect(tell("var/lib/x", made)).toEqual([
    ...["made ", "made /var", "made /var/lib"],
    ...["/var/lib/x", "/var/lib/x/a of /var/lib/x/b"],
  ]);
  expect(tell("var/log", made)).toEqual(["/var/log", "/var/log/a of /var/log/b"]);
});
