import { describe, expect, test } from "vitest";
import { placeMember } from "../../../src/core/exchange/place-member.ts";
import { readUpper } from "../../../src/core/exchange/read-upper.ts";
import type { TarEntry } from "../../../src/core/exchange/tar-entry.ts";
import { type ArchiveForm, toMembers } from "../../../src/core/exchange/to-members.ts";
import {
  dir,
  file,
  layerOf,
  link,
  type ModelEntry,
  marked,
  other,
  whiteout,
} from "../../support/layer-model.ts";

/** All members of an upper directory, and "not" before what is left out. */
function pack(children: ModelEntry["children"], form: ArchiveForm) {
  const members: TarEntry[] = [];
  const lines: string[] = [];
  for (const carried of readUpper(layerOf(dir(children)), "trusted")) {
    const data = carried.kind === "file" ? [{ offset: 0, bytes: carried.entry.bytes }] : [];
    const made = toMembers(carried, form, data);
    if (made.kind === "left-out") lines.push(`not ${made.path}: ${made.reason}`);
    else
      for (const member of made.members) {
        members.push(member);
        lines.push(tell(member));
      }
  }
  return { members, lines };
}

function tell({ kind, path, to, device, bytes, xattrs }: TarEntry): string {
  const { major, minor } = device;
  const words = [
    ...(to === "" ? [] : [`to ${to}`]),
    ...(kind === "block" || kind === "character" ? [`${major}:${minor}`] : []),
    ...(bytes === 0 ? [] : [`${bytes}`]),
    ...xattrs.map(({ name, value }) => `${name}=${Buffer.from(value)}`),
  ];
  return [kind, path === "" ? "." : path, ...words].join(" ");
}

const shared = { inode: 2_000_000, links: 2 };
const changes = {
  a: dir({ b: file("xy", shared), c: file("xy", shared) }),
  gone: whiteout(),
  link: link("../../outside"),
  node: other("block", { deviceNumber: 8 * 256 + 1 }),
  deep: dir({ gone: whiteout() }),
  replaced: marked({ opaque: "y" }, { new: file("n", { xattrs: { "user.a": "1" } }) }),
};

describe("toMembers()", () => {
  test("makes a layer of OCI", () => {
    expect(pack(changes, "oci").lines).toEqual([
      "directory .",
      "file .wh.gone",
      "link link to ../../outside",
      "block node 8:1",
      "directory a",
      "file a/b 2",
      "hard-link a/c to a/b",
      "directory deep",
      "file deep/.wh.gone",
      "directory replaced",
      "file replaced/.wh..wh..opq",
      "file replaced/new 1 user.a=1",
    ]);
  });

  test("makes what an upper directory is unpacked from", () => {
    const { lines } = pack(changes, "upper");
    expect(lines).toContain("character gone 0:0");
    expect(lines).toContain("character deep/gone 0:0");
    expect(lines).toContain("directory replaced trusted.overlay.opaque=y");
    expect(lines.filter((line) => line.includes(".wh."))).toEqual([]);
  });

  test("leaves out of a layer what would delete something there", () => {
    const children = {
      ".wh.a": file("a"),
      ".wh.d": dir({ b: file("b") }),
      b: file("x", { inode: 3_000_000, links: 2 }),
      s: other("socket"),
    };
    expect(pack(children, "oci").lines).toEqual([
      "directory .",
      "not /.wh.a: name-of-whiteout",
      "file b 1",
      "not /s: socket",
      "not /.wh.d: name-of-whiteout",
      "not /.wh.d/b: name-of-whiteout",
    ]);
    expect(pack(children, "upper").lines).toContain("file .wh.d/b 1");
  });

  test("leaves out a further name of what is left out", () => {
    const children = { ".wh.a": file("x", shared), b: file("x", shared) };
    expect(pack(children, "oci").lines).toContain("not /b: name-of-whiteout");
  });

  test("makes members that are placed as they were", () => {
    const placed = new Map<string, "whiteout" | "directory" | "file">([["", "directory"]]);
    const opaque: string[] = [];
    for (const member of pack(changes, "oci").members) {
      const placement = placeMember(member, (path) => placed.get(path) ?? "nothing");
      if (placement.do !== "place") throw new Error(`${member.path}: ${placement.do}`);
      const { kind, path } = placement.action;
      if (kind === "hide-below") opaque.push(path);
      if (kind === "delete") placed.set(path, "whiteout");
      if (kind === "make") placed.set(path, member.kind === "directory" ? "directory" : "file");
    }
    expect(opaque).toEqual(["replaced"]);
    expect(Object.fromEntries(placed)).toEqual({
      "": "directory",
      ...{ gone: "whiteout", link: "file", node: "file", a: "directory", "a/b": "file" },
      ...{ "a/c": "file", deep: "directory", "deep/gone": "whiteout" },
      ...{ replaced: "directory", "replaced/new": "file" },
    });
  });
});
