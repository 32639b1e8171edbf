// JSON Schema (draft 2020-12) of the validators that shapes are made from: as much of it as they
// use, and a check of values against it that knows nothing of the validators.
import type * as v from "valibot";

/** A schema, or a part of one. */
export interface JsonSchema {
  readonly $schema?: string;
  readonly title?: string;
  readonly description?: string;
  readonly type?: "object" | "array" | "string" | "number" | "integer" | "boolean" | "null";
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | JsonSchema;
  readonly items?: JsonSchema;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly minimum?: number;
  readonly anyOf?: readonly JsonSchema[];
}

// The fields of valibot's schemas and actions that are read here.
interface Node {
  readonly type: string;
  readonly pipe?: readonly Node[];
  readonly entries?: Readonly<Record<string, Node>>;
  readonly item?: Node;
  readonly value?: Node & unknown;
  readonly options?: readonly (Node & unknown)[];
  readonly wrapped?: Node;
  readonly literal?: unknown;
  readonly requirement?: number;
  readonly description?: string;
}

/** Returns the JSON Schema of a validator. */
export function toJsonSchema(schema: v.GenericSchema): JsonSchema {
  // The interface has the fields that are common to valibot's schemas of these types.
  return convert(schema as unknown as Node);
}

function convert(node: Node): JsonSchema {
  const [, ...actions] = node.pipe ?? [];
  const own = node.pipe?.[0];
  return Object.assign(
    {},
    own?.pipe ? convert(own) : convertBare(own ?? node),
    ...actions.map(convertAction),
  );
}

function convertAction({ type, requirement, description }: Node): JsonSchema {
  if (type === "integer") return { type: "integer" };
  if (type === "min_value" && requirement !== undefined) return { minimum: requirement };
  if (type === "description" && description !== undefined) return { description };
  throw new Error(`No JSON Schema is known for the action ${type}`);
}

function convertBare(node: Node): JsonSchema {
  switch (node.type) {
    case "null":
    case "string":
    case "number":
    case "boolean":
      return { type: node.type };
    case "literal":
      return { const: node.literal };
    case "picklist":
      return { enum: node.options ?? [] };
    case "array":
      return { type: "array", items: convert(childOf(node.item)) };
    case "nullable":
      return { anyOf: [convert(childOf(node.wrapped)), { type: "null" }] };
    case "optional":
      return convert(childOf(node.wrapped));
    case "union":
      return { anyOf: (node.options ?? []).map(convert) };
    case "record":
      return { type: "object", additionalProperties: convert(childOf(node.value)) };
    case "strict_object":
    case "loose_object": {
      const entries = Object.entries(node.entries ?? {});
      return {
        type: "object",
        properties: Object.fromEntries(entries.map(([name, inner]) => [name, convert(inner)])),
        required: entries.filter(([, { type }]) => type !== "optional").map(([name]) => name),
        additionalProperties: node.type === "loose_object",
      };
    }
    default:
      throw new Error(`No JSON Schema is known for ${node.type}`);
  }
}

function childOf(node: Node | undefined): Node {
  if (node === undefined) throw new Error("A validator lacks what it is made of");
  return node;
}

/** Returns what of a value does not fit a schema, each with its place. */
export function findMisfits(schema: JsonSchema, value: unknown, place = "$"): string[] {
  const { type, properties = {}, required = [], additionalProperties = true, items } = schema;
  if (schema.anyOf !== undefined) {
    const found = schema.anyOf.map((one) => findMisfits(one, value, place));
    return found.some((misfits) => misfits.length === 0) ? [] : (found[0] ?? []);
  }
  if (schema.enum !== undefined && !schema.enum.includes(value))
    return [`${place}: ${JSON.stringify(value)} is none of ${JSON.stringify(schema.enum)}`];
  if (schema.const !== undefined && schema.const !== value)
    return [`${place}: ${JSON.stringify(value)} is not ${JSON.stringify(schema.const)}`];
  if (type === undefined) return [];
  if (!hasType(value, type)) return [`${place}: ${JSON.stringify(value)} is not of type ${type}`];
  if (typeof value === "number" && value < (schema.minimum ?? value))
    return [`${place}: ${value} is less than ${schema.minimum}`];
  if (Array.isArray(value))
    return items === undefined
      ? []
      : value.flatMap((one, index) => findMisfits(items, one, `${place}[${index}]`));
  if (typeof value !== "object" || value === null) return [];
  const missing = required.filter((name) => !(name in value));
  return [
    ...missing.map((name) => `${place}.${name} is missing`),
    ...Object.entries(value).flatMap(([name, inner]) => {
      const known = properties[name] ?? additionalProperties;
      if (known === false) return [`${place}.${name} is not in the schema`];
      return known === true ? [] : findMisfits(known, inner, `${place}.${name}`);
    }),
  ];
}

function hasType(value: unknown, type: JsonSchema["type"]): boolean {
  if (type === "null") return value === null;
  if (type === "array") return Array.isArray(value);
  if (type === "object")
    return typeof value === "object" && value !== null && !Array.isArray(value);
  if (type === "integer") return Number.isInteger(value);
  return typeof value === type;
}
