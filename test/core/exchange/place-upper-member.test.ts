import { expect, test } from "vitest";
import { type Placed, placeMemberOf } from "../../../src/core/exchange/place-member.ts";
import type { TarEntry } from "../../../src/core/exchange/tar-entry.ts";

const member: TarEntry = {
  ...{ kind: "file", path: "etc/a", mode: 0o644, uid: 0, gid: 0 },
  modified: { seconds: 0, nanoseconds: 0 },
  ...{ bytes: 0, data: [], to: "", device: { major: 0, minor: 0 }, xattrs: [] },
};

const there: Readonly<Record<string, Placed>> = { etc: "directory", "etc/dir": "directory" };

function place(entry: Partial<TarEntry>) {
  const placement = placeMemberOf(
    "upper",
    { ...member, ...entry },
    (path) => there[path] ?? "nothing",
  );
  return placement.do === "place" ? placement.action : placement;
}

const opaque = (text: string) => ({
  kind: "directory" as const,
  xattrs: [{ name: "trusted.overlay.opaque", value: new TextEncoder().encode(text) }],
});

test("placeMemberOf() makes a whiteout of a device with the number 0:0", () => {
  expect(place({ kind: "character" })).toEqual({ kind: "delete", path: "etc/a" });
  expect(place({ kind: "character", device: { major: 1, minor: 3 } })).toMatchObject({
    kind: "make",
  });
});

test("placeMemberOf() takes a name of a whiteout for a name", () => {
  expect(place({ path: "etc/.wh.a" })).toMatchObject({ kind: "make", path: "etc/.wh.a" });
});

test("placeMemberOf() hides what is below an opaque directory, but not below the top", () => {
  expect(place({ ...opaque("y"), path: "etc/new" })).toMatchObject({ kind: "make", hides: true });
  expect(place({ ...opaque("x"), path: "etc/new" })).toMatchObject({ kind: "make", hides: false });
  expect(place({ ...opaque("y"), path: "etc/dir" })).toMatchObject({
    ...{ kind: "describe", hides: true },
  });
  expect(place({ ...opaque("y"), path: "" })).toMatchObject({ hides: false });
});

test("placeMemberOf() refuses paths that lead out, and further names of nothing", () => {
  expect(() => place({ path: "../a" })).toThrow(/leads out of it/);
  expect(place({ kind: "hard-link", to: "etc/none" })).toEqual({
    ...{ do: "refuse", reason: "name-of-no-file" },
  });
});
