// The configuration of Ventoy: what is added to it, and that nothing else changes.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  parseVentoy,
  planInjections,
  removeInjections,
} from "../../../src/core/install/ventoy-json.ts";
import { editText } from "../../../src/core/menus/edit.ts";

const archive = "/backstore/addon1.tar.gz";

function add(text: string | undefined, ...images: string[]): string {
  return editText(text ?? "", planInjections(text, images, archive));
}

const one = '{ "image": "/a.iso", "archive": "/backstore/addon1.tar.gz" }';

describe("planInjections()", () => {
  const cases: readonly [what: string, before: string | undefined, after: string][] = [
    ["makes a file", undefined, `{\n    "injection": [\n        ${one}\n    ]\n}\n`],
    ["makes the list", '{\n  "theme": {}\n}\n', `{ "injection": [ ${one} ],\n  "theme": {}\n}\n`],
    ["makes the only list", "{}", `{ "injection": [ ${one} ]}`],
    ["fills the list", '{"injection": []}', `{"injection": [ ${one}]}`],
    [
      "comes first in a list",
      '{"x":[{"injection":[1]}],"injection" :[ {"parent": "/w", "archive": "/w.zip"} ]}',
      `{"x":[{"injection":[1]}],"injection" :[ ${one}, {"parent": "/w", "archive": "/w.zip"} ]}`,
    ],
  ];
  for (const [what, before, after] of cases)
    test(`planInjections() ${what}`, () => {
      expect(add(before, "/a.iso")).toBe(after);
      expect(() => JSON.parse(after)).not.toThrow();
    });

  test("planInjections() writes names as UTF-8", () => {
    const text = add("{}", '/é "x".iso');
    const whole = JSON.parse(Buffer.from(text, "latin1").toString("utf8"));
    expect(whole.injection).toEqual([{ image: '/é "x".iso', archive }]);
    expect(parseVentoy(text)?.injections).toEqual([{ image: '/é "x".iso', archive, isOwn: true }]);
  });
});

describe("parseVentoy()", () => {
  for (const text of ["", "[]", "{", '{"injection": {}}', '{"injection": [], "injection": []}'])
    test(`parseVentoy() does not take ${text || "nothing"} for a configuration`, () => {
      expect(parseVentoy(text)).toBeUndefined();
      expect(planInjections(text, ["/a.iso"], archive)).toEqual([]);
    });

  test("parseVentoy() knows our own archives, and lists for one firmware", () => {
    const text = `{"injection_uefi": [], "injection": [${one}, {"parent": "/w", "archive": "/w.zip"}, 3]}`;
    expect(parseVentoy(text)).toEqual({
      injections: [
        { image: "/a.iso", archive, isOwn: true },
        { image: undefined, archive: "/w.zip", isOwn: false },
        { image: undefined, archive: undefined, isOwn: false },
      ],
      variants: ["injection_uefi"],
    });
  });
});

/** Configurations with foreign lists, spelled in any way that JSON allows. */
const foreign = fc.record({ image: fc.string(), archive: fc.string() });
const configurations = fc
  .tuple(
    fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 3 })),
    fc.option(fc.array(foreign, { maxLength: 3 })),
    fc.constantFrom(undefined, 1, 4, "\t"),
  )
  .map(([keys, injection, indent]) => {
    const { injection: _, ...others } = keys;
    const whole = injection === null ? others : { ...others, injection };
    return Buffer.from(JSON.stringify(whole, undefined, indent), "utf8").toString("latin1");
  });

describe("removeInjections()", () => {
  test("removeInjections() leaves what was there before, apart from an empty list", () => {
    fc.assert(
      fc.property(configurations, fc.array(fc.string(), { minLength: 1 }), (text, images) => {
        fc.pre(parseVentoy(text) !== undefined);
        const added = add(text, ...images);
        expect(parseVentoy(added)?.injections.filter(({ isOwn }) => isOwn).length).toBe(
          images.length,
        );
        const left = removeInjections(added);
        const hadList = "injection" in JSON.parse(text);
        if (hadList) expect(left).toBe(text);
        else expect(JSON.parse(left)).toEqual({ ...JSON.parse(text), injection: [] });
      }),
    );
  });

  test("removeInjections() finds our own wherever somebody has moved it", () => {
    for (const [text, left] of [
      [`{"injection": [1,\n  ${one}\n]}`, '{"injection": [1\n]}'],
      [`{"injection": [1, ${one}, 2]}`, '{"injection": [1, 2]}'],
      [`{"injection": [\n${one}\n]}`, '{"injection": [\n]}'],
    ] as const)
      expect(removeInjections(text)).toBe(left);
  });
});
