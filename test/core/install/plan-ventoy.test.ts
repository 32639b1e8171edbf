// What is planned for a stick of Ventoy: with and without a configuration, and where somebody else
// has changed or removed it since.
import { describe, expect, test } from "vitest";
import { type InstallRecord, recordChange } from "../../../src/core/install/install-record.ts";
import { planUninstall } from "../../../src/core/install/plan-install.ts";
import {
  findOriginal,
  planVentoyChanges,
  prepareUndoing,
  type VentoyFacts,
  writeWhole,
} from "../../../src/core/install/plan-ventoy.ts";
import { editText } from "../../../src/core/menus/edit.ts";

const archive = "backstore/addon1.tar.gz";
const file = "ventoy/ventoy.json";

/** A stick as it is, or as it is once the add-on is there. */
function stick(original: string | undefined, isInstalled = false): VentoyFacts {
  const nothing = { path: "/m", records: new Map(), kept: new Map(), current: new Map() };
  const installed = { ...nothing, own: [], directories: [], unfinished: [] };
  const images = ["/a.iso", "/b.iso"];
  if (!isInstalled) return { installed, text: original, images };
  const chosen = { original, chosen: ["/a.iso"], isAsLeft: false };
  const [change] = planVentoyChanges(stick(original), chosen, archive).changes;
  const kept = original === undefined ? null : "0";
  const edits = change?.edits ?? [];
  const record: InstallRecord = {
    ...{ format: 1, version: "1", family: "Ventoy" },
    files: [recordChange(file, original ?? "", { kept, edits })],
  };
  return {
    installed: {
      ...installed,
      own: [archive, "backstore/install1.json"],
      records: new Map([["1", record] as const]),
      kept: new Map(original === undefined ? [] : [["0", original]]),
    },
    text: editText(original ?? "", edits),
    images,
  };
}

function undo(facts: VentoyFacts): object[] {
  const original = findOriginal(facts);
  if (original === undefined) throw new Error("it is JSON");
  return planUninstall(prepareUndoing(facts, original)).steps.map((step) => ({
    do: step.do,
    ...("path" in step && { path: step.path }),
    ...("to" in step && { to: step.to }),
  }));
}

describe("findOriginal()", () => {
  test("findOriginal() knows what was installed, and for which images", () => {
    for (const original of [undefined, "{}\n"])
      expect(findOriginal(stick(original, true))).toEqual({
        ...{ original, chosen: ["/a.iso"], isAsLeft: true },
      });
    expect(findOriginal(stick("{}"))).toEqual({ original: "{}", chosen: [], isAsLeft: false });
    expect(findOriginal(stick(undefined))).toEqual({
      ...{ original: undefined, chosen: [], isAsLeft: false },
    });
    expect(findOriginal(stick("{"))).toBeUndefined();
  });

  test("findOriginal() keeps what somebody else has changed", () => {
    const facts = stick('{"a": 1}', true);
    const text = facts.text?.replace('"a": 1', '"a": 2');
    expect(findOriginal({ ...facts, text })).toEqual({
      ...{ original: '{ "injection": [ ],"a": 2}', chosen: ["/a.iso"], isAsLeft: false },
    });
  });

  test("findOriginal() takes a text that is cut for one of our own", () => {
    const facts = stick(undefined, true);
    const text = facts.text?.slice(0, 10);
    expect(findOriginal({ ...facts, text })).toBeUndefined();
    const changed = stick("{}\n", true);
    const padded = `{}${"\n".repeat((changed.text?.length ?? 0) - 2)}`;
    expect(findOriginal({ ...changed, text: padded })?.isAsLeft).toBe(true);
  });
});

describe("writeWhole()", () => {
  test("writeWhole() makes a new configuration whole, in UTF-8", () => {
    const text = '{"image": "\u00c3\u00a9"}';
    expect(writeWhole([{ do: "put-file", path: `/m/${file}`, text }])).toEqual([
      { do: "make-directory", path: "/m/ventoy" },
      { do: "write-file", path: `/m/${file}`, text: '{"image": "\u00e9"}' },
    ]);
    const other = { do: "put-file", path: "/m/x", text } as const;
    expect(writeWhole([other])).toEqual([other]);
  });
});

describe("prepareUndoing()", () => {
  const removed = [
    { do: "remove-put", path: `/m/${archive}` },
    { do: "remove-put", path: "/m/backstore/install1.json" },
  ];
  const synced = { do: "sync-file-system", path: "/m" };

  test("prepareUndoing() puts the configuration back first", () => {
    expect(undo(stick("{}", true))).toEqual([
      { do: "change-text", path: `/m/${file}`, to: "{}" },
      ...removed,
      synced,
    ]);
  });

  test("prepareUndoing() removes one that was made, and its directory", () => {
    expect(undo(stick(undefined, true))).toEqual([
      { do: "remove-put", path: `/m/${file}` },
      ...removed,
      { do: "remove-empty", path: "/m/ventoy" },
      synced,
    ]);
  });

  test("prepareUndoing() takes our own out of one that somebody else has changed", () => {
    const facts = stick(undefined, true);
    const text = facts.text?.replace("{", '{"b": 1,');
    const [first, ...others] = undo({ ...facts, text });
    expect(first).toEqual({
      ...{ do: "change-text", path: `/m/${file}` },
      to: '{"b": 1,\n    "injection": [\n    ]\n}\n',
    });
    expect(others).toEqual([...removed, synced]);
  });

  test("prepareUndoing() leaves one alone in which nothing of ours is left", () => {
    for (const text of ["{}", undefined])
      expect(undo({ ...stick("{}", true), text }).slice(0, 2)).toEqual(removed);
  });
});
