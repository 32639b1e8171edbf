// The schemas say what the validators say, and a value that does not fit is found.
import * as v from "valibot";
import { describe, expect, test } from "vitest";
import { commands } from "../../src/cli/command-table.ts";
import { findMisfits, toJsonSchema } from "./json-schema.ts";
import { findMisfitsOf } from "./misfits.ts";
import { shapes } from "./shapes.ts";

test("every command with --json has a shape, and failures have one", async () => {
  const loaded = await Promise.all(commands.map(({ load }) => load()));
  const speaking = loaded.filter(({ flags }) => flags.some(({ name }) => name === "json"));
  expect(shapes.map(({ name }) => name).sort()).toEqual(
    [...speaking.map(({ name }) => name), "error"].sort(),
  );
});

describe("toJsonSchema() and findMisfits()", () => {
  const schema = v.strictObject({
    name: v.string(),
    size: v.nullable(v.pipe(v.number(), v.integer(), v.minValue(0))),
    kind: v.picklist(["a", "b"]),
    list: v.array(v.strictObject({ done: v.boolean() })),
    more: v.optional(v.looseObject({ at: v.literal(1) })),
    either: v.union([v.string(), v.record(v.string(), v.number())]),
  });
  const fitting = { name: "x", size: 1, kind: "a", list: [{ done: true }], either: { a: 1.5 } };
  const cases: readonly (readonly [object, string[]])[] = [
    [{}, []],
    [{ size: null, list: [], either: "text", more: { at: 1, other: [] } }, []],
    [{ name: 1 }, ["$.name: 1 is not of type string"]],
    [{ size: -1 }, ["$.size: -1 is less than 0"]],
    [{ size: 0.5 }, ["$.size: 0.5 is not of type integer"]],
    [{ kind: "c" }, ['$.kind: "c" is none of ["a","b"]']],
    [{ list: [{ done: true }, {}] }, ["$.list[1].done is missing"]],
    [{ list: {} }, ["$.list: {} is not of type array"]],
    [{ more: { at: 2 } }, ["$.more.at: 2 is not 1"]],
    [{ more: null }, ["$.more: null is not of type object"]],
    [{ either: 1 }, ["$.either: 1 is not of type string"]],
    [{ other: 1 }, ["$.other is not in the schema"]],
  ];
  for (const [change, misfits] of cases)
    test(`${JSON.stringify(change)}: ${misfits.join() || "fits"}`, () => {
      const value = { ...fitting, ...change };
      expect(findMisfits(toJsonSchema(schema), value)).toEqual(misfits);
      expect(v.is(schema, value)).toBe(misfits.length === 0);
    });
});

test("findMisfitsOf() holds a failure against the schema of failures", () => {
  const head = { format: 1, tool: "backstore 0.0.0" };
  const error = { code: "usage", status: 2, message: "Cannot", hint: null };
  expect(findMisfitsOf("list", { ...head, error })).toEqual([]);
  expect(findMisfitsOf("list", { ...head, error: { ...error, code: "odd" } })).toHaveLength(1);
  expect(findMisfitsOf("list", { ...head, stores: [], media: [], unseen: [] })).toEqual([
    "$.boot is missing",
  ]);
});
