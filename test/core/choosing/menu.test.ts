import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type Answer,
  isSameDevice,
  isSameMenu,
  keyByEnter,
  type Menu,
  menuRows,
  type OfferedStore,
  parseAnswer,
} from "../../../src/core/choosing/menu.ts";
import { device, found } from "../../support/devices.ts";

function offered(path: string, isNew = false): OfferedStore {
  return { found: found(device(path, { type: "ext4", uuid: path })), isNew };
}

const stores = [offered("/dev/sda1"), offered("/dev/sdb1"), offered("/dev/sdc1")] as const;
const [, second] = stores;

function menu(fields: Partial<Menu> = {}): Menu {
  return { occasion: "ask", stores, byEnter: { kind: "again" }, missing: undefined, ...fields };
}

describe("parseAnswer()", () => {
  const cases: readonly (readonly [text: string, answer: Answer | undefined])[] = [
    ["2", { kind: "store", store: second }],
    [" 2 \r", { kind: "store", store: second }],
    ["02", { kind: "store", store: second }],
    ["v", { kind: "volatile" }],
    ["V", { kind: "volatile" }],
    ["volatile", { kind: "volatile" }],
    ["t", { kind: "again" }],
    ["d", { kind: "details" }],
    ["r", { kind: "reboot" }],
    ["PowerOff", { kind: "poweroff" }],
    ["", { kind: "again" }],
    ["  ", { kind: "again" }],
    ["0", undefined],
    ["4", undefined],
    ["99999999999999999999", undefined],
    ["-1", undefined],
    ["1 2", undefined],
    ["1.0", undefined],
    ["sh", undefined],
    ["store", undefined],
    ["toString", undefined],
    ["\u001b[A", undefined],
  ];
  for (const [text, answer] of cases) {
    test(`parseAnswer() takes ${JSON.stringify(text)} for ${answer?.kind ?? "nothing"}`, () => {
      expect(parseAnswer(text, menu())).toEqual(answer);
    });
  }

  test("parseAnswer() gives for nothing what Enter alone does", () => {
    const byEnter = { kind: "store", store: second } as const;
    expect(parseAnswer("", menu({ byEnter }))).toBe(byEnter);
  });

  test("parseAnswer() takes every key and word that the menu shows", () => {
    for (const { key, kind } of menuRows)
      expect([key, kind].map((word) => parseAnswer(word, menu())?.kind)).toEqual([kind, kind]);
  });

  test("parseAnswer() gives what the menu has, or nothing, for any text", () => {
    const kinds = [undefined, "store", ...menuRows.map(({ kind }) => kind)];
    fc.assert(fc.property(fc.string(), (text) => kinds.includes(parseAnswer(text, menu())?.kind)));
  });
});

describe("keyByEnter()", () => {
  test("keyByEnter() gives the key that is the same answer", () => {
    const answers: readonly Answer[] = [
      { kind: "volatile" },
      { kind: "again" },
      { kind: "store", store: offered("/dev/sdb1") },
    ];
    const keys = answers.map((byEnter) => keyByEnter(menu({ byEnter })));
    expect(keys).toEqual(["v", "t", "2"]);
  });
});

describe("isSameMenu()", () => {
  const cases: readonly (readonly [is: string, other: Partial<Menu>, same: boolean])[] = [
    ["nothing has changed", {}, true],
    [
      "the same was seen again",
      { stores: stores.map(({ found: seen }) => ({ found: { ...seen }, isNew: false })) },
      true,
    ],
    ["a store went", { stores: stores.slice(1) }, false],
    ["a store came", { stores: [...stores, offered("/dev/sdd1")] }, false],
    ["another came in its place", { stores: [offered("/dev/sdd1"), ...stores.slice(1)] }, false],
    ["Enter alone does something else", { byEnter: { kind: "volatile" } }, false],
    ["something else is missing", { missing: "there is no device" }, false],
  ];
  for (const [is, other, same] of cases) {
    test(`isSameMenu() is ${same} where ${is}`, () => {
      expect(isSameMenu(menu(), menu(other))).toBe(same);
    });
  }
});

describe("isSameDevice()", () => {
  const stick = device("/dev/sdb", { type: "ext4", uuid: "1", bytes: 100 });
  const cases: readonly (readonly [is: string, other: Parameters<typeof device>, same: boolean])[] =
    [
      [
        "nothing has changed",
        ["/dev/sdb", { type: "ext4", uuid: "1", bytes: 100, model: "X" }],
        true,
      ],
      ["its name is another", ["/dev/sdc", { type: "ext4", uuid: "1", bytes: 100 }], false],
      ["its size is another", ["/dev/sdb", { type: "ext4", uuid: "1", bytes: 101 }], false],
      ["its file system is another", ["/dev/sdb", { type: "ext4", uuid: "2", bytes: 100 }], false],
      ["its type is another", ["/dev/sdb", { type: "xfs", uuid: "1", bytes: 100 }], false],
      ["nothing is on it any more", ["/dev/sdb", { bytes: 100 }], false],
    ];
  for (const [is, other, same] of cases) {
    test(`isSameDevice() is ${same} where ${is}`, () => {
      expect(isSameDevice(stick, device(...other))).toBe(same);
    });
  }
});
