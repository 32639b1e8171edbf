import { describe, expect, test } from "vitest";
import {
  comparePackages,
  identifyPacmanPackage,
  type LineReader,
  type Package,
  readDpkgList,
  readDpkgStatus,
  readPacmanList,
} from "../../../src/core/changes/packages.ts";

function readAll<T>(reader: (tell: (one: T) => void) => LineReader, text: string): T[] {
  const told: T[] = [];
  const { line, end } = reader((one) => told.push(one));
  for (const one of text.split("\n")) line(one);
  end();
  return told;
}

function dpkg(fields: Readonly<Record<string, string>>): string {
  const all = { Status: "install ok installed", Architecture: "amd64", Version: "1", ...fields };
  return Object.entries(all)
    .map(([name, value]) => `${name}: ${value}`)
    .join("\n");
}

describe("readDpkgStatus() tells of", () => {
  const a = { name: "a", version: "1", lists: ["a.list", "a:amd64.list"] };
  const cases: readonly (readonly [name: string, text: string, told: readonly Package[]])[] = [
    ["a package", dpkg({ Package: "a" }), [a]],
    [
      "one that other architectures have as well",
      dpkg({ Package: "a", "Multi-Arch": "same" }),
      [{ name: "a:amd64", version: "1", lists: ["a:amd64.list", "a.list"] }],
    ],
    ["one that is half installed", dpkg({ Package: "a", Status: "install ok unpacked" }), [a]],
    ["none that is removed", dpkg({ Package: "a", Status: "deinstall ok config-files" }), []],
    ["none that is not installed", dpkg({ Package: "a", Status: "unknown ok not-installed" }), []],
    ["none whose name is a path", dpkg({ Package: "../../a" }), []],
    ["none without a version", "Package: a\nStatus: install ok installed", []],
    ["nothing in a description", `${dpkg({ Package: "a" })}\nDescription: x\n Package: b`, [a]],
    [
      "several",
      `${dpkg({ Package: "a" })}\n\n${dpkg({ Package: "b", Version: "2:1-1" })}\n`,
      [a, { name: "b", version: "2:1-1", lists: ["b.list", "b:amd64.list"] }],
    ],
    ["nothing in an empty file", "", []],
  ];
  for (const [name, text, told] of cases)
    test(name, () => {
      expect(readAll(readDpkgStatus, text)).toEqual(told);
    });
});

test("readDpkgList() tells the paths of a list", () => {
  expect(readAll(readDpkgList, "/.\n/usr\n/usr/a b\n\nx\n")).toEqual(["/usr", "/usr/a b"]);
});

test("readPacmanList() tells the paths of the files alone", () => {
  const text = "%FILES%\nusr/\nusr/bin/a\n\n%BACKUP%\netc/a\tsum\n";
  expect(readAll(readPacmanList, text)).toEqual(["/usr", "/usr/bin/a"]);
});

test("identifyPacmanPackage() parts a name from its version", () => {
  const names = ["xorg-server-1:21.1-2", "a-1-1", "ALPM_DB_VERSION", "a-1", "-1-1"];
  expect(names.map((name) => identifyPacmanPackage(name)?.name)).toEqual([
    ...["xorg-server", "a"],
    ...[undefined, undefined, undefined],
  ]);
  expect(identifyPacmanPackage("xorg-server-1:21.1-2")).toEqual({
    name: "xorg-server",
    version: "1:21.1-2",
    lists: ["xorg-server-1:21.1-2/files"],
  });
});

test("comparePackages() tells what has become of each, what came first", () => {
  const make = (versions: Readonly<Record<string, string>>) =>
    new Map(
      Object.entries(versions).map(([name, version]) => [name, { name, version, lists: [] }]),
    );
  const all = comparePackages(make({ a: "1", b: "1", c: "1" }), make({ b: "2", c: "1", d: "1" }));
  expect(all).toEqual([
    { name: "d", state: "added", version: "1", baseVersion: undefined },
    { name: "b", state: "changed", version: "2", baseVersion: "1" },
    { name: "a", state: "removed", version: undefined, baseVersion: "1" },
    { name: "c", state: "kept", version: "1", baseVersion: "1" },
  ]);
});
