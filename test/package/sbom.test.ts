// The list of parts names all that the executable was linked and bundled from.
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { parseLinkMap } from "../../scripts/package/link-map.ts";
import { parsePackages } from "../../scripts/package/metafile.ts";
import { matchFiles } from "../../scripts/package/parts.ts";
import { makePackages } from "./packages.ts";

/** What is read of a document of SPDX. */
interface Document {
  readonly spdxVersion: string;
  readonly packages: readonly {
    readonly name: string;
    readonly SPDXID: string;
    readonly versionInfo: string;
    readonly licenseConcluded: string;
  }[];
  readonly relationships: readonly {
    readonly spdxElementId: string;
    readonly relationshipType: string;
    readonly relatedSpdxElement: string;
  }[];
}

const sbom = JSON.parse(readFileSync(makePackages().sbom, "utf8")) as Document;
const map = readFileSync("build/program/backstore/link.map", "utf8");
const metafile = readFileSync("build/program/backstore/metafile.json", "utf8");
const names = sbom.packages.map(({ name }) => name);

test("parseLinkMap() finds objects, and archives of which a member is linked", () => {
  const text = `Archive member included to satisfy reference by file (symbol)

/lib/libc.a(open.lo)          main.o (open)
/lib/libc.a(a_long_name_of_a_member.lo)
                              main.o (other)

Discarded input sections

 .text 0x0 0x0 /lib/libnone.a(x.o)

Memory Configuration

LOAD /lib/crt1.o
LOAD /tmp/main.o
LOAD /lib/libnone.a
START GROUP
LOAD /lib/libc.a
END GROUP
`;
  expect(parseLinkMap(text)).toEqual(["/lib/crt1.o", "/tmp/main.o", "/lib/libc.a"]);
});

test("each object and archive that was linked is of a part that is named", () => {
  const files = parseLinkMap(map);
  expect(files.length).toBeGreaterThan(20);
  const parts = matchFiles(files).map(({ part }) => part.name);
  expect(parts).toEqual(["quickjs", "zstd", "musl", "libgcc"]);
  expect(names).toEqual(expect.arrayContaining(parts));
});

test("matchFiles() refuses a file that is of no part", () => {
  expect(() => matchFiles([...parseLinkMap(map), "/usr/lib/libcrypto.a"])).toThrow(
    "Cannot list the parts of the executable: /usr/lib/libcrypto.a is of none",
  );
});

test("each npm package of the bundle is named with its version, and no other", () => {
  const found = parsePackages(metafile);
  expect(names).toEqual(["backstore", "quickjs", "zstd", "musl", "libgcc", ...found]);
  const { dependencies } = JSON.parse(readFileSync("package.json", "utf8")) as {
    dependencies: Record<string, string>;
  };
  expect(found).toEqual(Object.keys(dependencies).sort());
  for (const name of found)
    expect(sbom.packages.find((part) => part.name === name)?.versionInfo).toBe(dependencies[name]);
});

test("every part has a version, a licence and a relation to the executable", () => {
  expect(sbom.spdxVersion).toBe("SPDX-2.3");
  const related = new Map(
    sbom.relationships.map((relation) => [relation.relatedSpdxElement, relation.relationshipType]),
  );
  for (const { name, SPDXID, versionInfo, licenseConcluded } of sbom.packages) {
    expect(SPDXID, name).toMatch(/^SPDXRef-[A-Za-z0-9.-]+$/);
    expect(versionInfo, name).toMatch(/^\d/);
    expect(licenseConcluded, name).toMatch(/^[\w.-]+(?: (?:OR|WITH|AND) [\w.-]+)*$/);
    expect(["DESCRIBES", "STATIC_LINK", "CONTAINS"], name).toContain(related.get(SPDXID));
  }
});
