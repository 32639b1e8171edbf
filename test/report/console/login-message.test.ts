import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  describeForLogin,
  type LoginFacts,
  renderIssue,
  renderMotd,
} from "../../../src/report/console/login-message.ts";

const store = { device: "/dev/sdb1", type: "ext4", directory: "persistent_RESCUE1100/x86_64" };
const file = { ...store, directory: "", file: "/sysrcd.bs", hostType: "vfat", bytes: 2 ** 30 };

describe("describeForLogin()", () => {
  const cases: readonly (readonly [
    is: string,
    facts: Partial<LoginFacts>,
    lines: readonly string[],
  ])[] = [
    [
      "where changes are kept",
      { store },
      [
        'backstore: persistent: every change is kept in "persistent_RESCUE1100/x86_64" on /dev/sdb1 (ext4)',
      ],
    ],
    [
      "what is wrong although changes are kept",
      { store: file, details: ["The store is 96 % full: 40.0 MiB of 1.0 GiB left"] },
      [
        'backstore: persistent: every change is kept in "/sysrcd.bs" on /dev/sdb1 (ext4 in 1.0 GiB, on vfat)',
        "  The store is 96 % full: 40.0 MiB of 1.0 GiB left",
      ],
    ],
    [
      "that a store is only read",
      { session: "readonly", store, details: ["backstore=readonly is set"] },
      [
        'backstore: READ-ONLY: new changes are lost at power-off; the store "persistent_RESCUE1100/x86_64" on /dev/sdb1 (ext4) is used read-only',
        "  backstore=readonly is set",
      ],
    ],
    [
      "loudly that changes are lost, and how much more there is to know",
      { session: "volatile", isLoss: true, details: ["one", "two", "three", "four"] },
      [
        "backstore: VOLATILE: every change is lost at power-off",
        "  one",
        "  two",
        '  2 more: see "backstore status"',
      ],
    ],
    [
      "loudly that changes may be lost on a root that is not taken over",
      { session: "foreign", isLoss: true, details: ["the root is aufs and no overlay"] },
      [
        "backstore: NO STORE IS USED: changes may be lost at power-off",
        "  the root is aufs and no overlay",
      ],
    ],
    [
      "quietly that the distribution keeps changes itself",
      { session: "foreign", details: ["the distribution keeps changes itself"] },
      ["backstore: no store is used in this session", "  the distribution keeps changes itself"],
    ],
    [
      "quietly that nobody asked for a store",
      { session: "volatile", details: ["backstore=off asks for it"] },
      [
        "backstore: volatile: changes are in memory and lost at power-off",
        "  backstore=off asks for it",
      ],
    ],
  ];
  for (const [is, facts, lines] of cases) {
    test(`describeForLogin() says ${is}`, () => {
      const all = { session: "persistent", isLoss: false, store: undefined, details: [] } as const;
      expect(describeForLogin({ ...all, ...facts })).toEqual(lines);
    });
  }

  test("describeForLogin() cuts what would fill the screen", () => {
    const details = ["long ".repeat(1000)];
    const lines = describeForLogin({
      session: "volatile",
      isLoss: true,
      store: undefined,
      details,
    });
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThan(290);
    expect(lines.at(-1)).toMatch(/…$/);
  });
});

// What moves a cursor, changes a colour, turns text around, or begins a new line.
const obeyed = /(?!\n)\p{Cc}|[\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f]/u;

describe("renderMotd()", () => {
  test("renderMotd() leaves quotes and backslashes as they are", () => {
    expect(renderMotd(['the store "a\\u001b" of ä', "two"])).toBe(
      'the store "a\\u001b" of ä\ntwo\n',
    );
  });

  test("renderMotd() shows what a terminal would obey", () => {
    expect(renderMotd(["\u001b[2J\nroot\r\u202e\u0000"])).toBe(
      "\\u001b[2J\\nroot\\r\\u202e\\u0000\n",
    );
  });

  test("renderMotd() lets no text through that a terminal obeys, and no line more", () => {
    const lines = fc.array(fc.string({ unit: "binary" }), { minLength: 1 });
    fc.assert(
      fc.property(lines, (given) => {
        const text = renderMotd(given);
        expect(text).not.toMatch(obeyed);
        expect(text.split("\n")).toHaveLength(given.length + 1);
      }),
    );
  });
});

describe("renderIssue()", () => {
  test("renderIssue() doubles each backslash, so that agetty puts nothing else for it", () => {
    expect(renderIssue(['"\\u001b" \\n \\4{eth0} \\\\'])).toBe(
      '"\\\\u001b" \\\\n \\\\4{eth0} \\\\\\\\\n',
    );
  });
});
