// Temporary directories: what a killed command has left is removed, and nothing else.
import { describe, expect, test } from "vitest";
import type { System } from "../../../src/system/port/system.ts";
import { withTemporaryDirectory } from "../../../src/system/port/temporary.ts";
import { file, link, makeEntry, type Tree } from "../../support/memory/entry.ts";
import { createMemory } from "../../support/memory.ts";

const prefix = "/tmp/backstore-work-";

/** Lists what is in /tmp after a command has had its own directory there. */
function leave(tmp: Tree, meanwhile: (use: () => void) => void = (use) => use()): string[] {
  const { system } = createMemory({ files: { tmp } });
  let own = "";
  const use = () =>
    withTemporaryDirectory(system, prefix, (directory) => {
      own = directory;
      expect(system.list(directory)).toEqual([]);
    });
  meanwhile(use);
  expect(system.status(own)).toBeUndefined();
  return system.list("/tmp");
}

function left(more: { readonly mode?: number; readonly uid?: number } = {}) {
  const entry = makeEntry("directory", { mode: 0o700, ...more });
  entry.children.set("file", file("x"));
  return entry;
}

describe("withTemporaryDirectory()", () => {
  test("removes what killed commands have left", () => {
    const empty = makeEntry("directory", { mode: 0o700 });
    expect(leave({ "backstore-work-AbCd12": left(), "backstore-work-Zzzzzz": empty })).toEqual([]);
  });

  const kept: readonly (readonly [is: string, name: string, tree: Tree[string]])[] = [
    ["of another owner", "backstore-work-AbCd12", left({ uid: 1000 })],
    ["that others may enter", "backstore-work-AbCd12", left({ mode: 0o755 })],
    ["with another name", "backstore-work-mine", left()],
    ["with a longer name", "backstore-work-AbCd123", left()],
    ["of another purpose", "backstore-look-AbCd12", left()],
    ["that is a link", "backstore-work-AbCd12", link("/etc")],
    ["that is a file", "backstore-work-AbCd12", file("", 0o700)],
  ];
  for (const [is, name, tree] of kept)
    test(`leaves one ${is}`, () => {
      expect(leave({ [name]: tree })).toEqual([name]);
    });

  test("leaves what a command still uses", () => {
    const { system } = createMemory();
    withTemporaryDirectory(system, prefix, (first) => {
      system.writeFile(`${first}/file`, "x");
      withTemporaryDirectory(system, prefix, (second) => {
        const paths = [first, second].map((path) => system.resolve(path));
        expect(system.list("/tmp").map((name) => `/tmp/${name}`)).toEqual(paths.sort());
      });
      expect(system.readText(`${first}/file`)).toBe("x");
    });
    expect(system.list("/tmp")).toEqual([]);
  });

  test("makes another one if a run that starts at the same time removes it before it is locked", () => {
    for (const moment of ["openDirectory", "withLock"] as const) {
      const { system } = createMemory();
      let isRemoved = false;
      const raced: System = {
        ...system,
        [moment](path: string, ...rest: never[]) {
          if (!isRemoved) {
            isRemoved = true;
            for (const name of system.list("/tmp")) system.removeDirectory(`/tmp/${name}`);
          }
          return (system[moment] as (path: string, ...rest: never[]) => unknown)(path, ...rest);
        },
      };
      const used = withTemporaryDirectory(raced, prefix, (directory) => {
        raced.writeFile(`${directory}/file`, "x");
        return system.list("/tmp").length;
      });
      expect([moment, isRemoved, used, system.list("/tmp")]).toEqual([moment, true, 1, []]);
    }
  });

  test("follows no link in what it removes", () => {
    const entry = left();
    entry.children.set("link", link("/etc"));
    const { system } = createMemory({
      files: { "tmp/backstore-work-AbCd12": entry, "etc/passwd": "root\n" },
    });
    withTemporaryDirectory(system, prefix, () => {});
    expect([system.list("/tmp"), system.readText("/etc/passwd")]).toEqual([[], "root\n"]);
  });
});
