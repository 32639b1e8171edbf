// The documents that are made from the shapes: a JSON Schema for each command, and pages with the
// keys of those whose shapes say what they mean.
import { type JsonSchema, toJsonSchema } from "./json-schema.ts";
import { type Shape, shapes } from "./shapes.ts";

/** Returns the schema of what a command writes. */
export function schemaOf({ name, title, schemas }: Shape): JsonSchema {
  const found = schemas.map(toJsonSchema);
  const [first] = found;
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: name === "error" ? title : `backstore ${name} --json: ${title}`,
    ...(found.length === 1 ? first : { anyOf: found }),
  };
}

/** Returns the file of a shape's schema. */
export function schemaFile({ name }: Pick<Shape, "name">): string {
  return `docs/schemas/${name}.schema.json`;
}

interface Page {
  readonly file: string;
  readonly title: string;
  readonly about: string;
  readonly tables: readonly {
    readonly heading: string;
    readonly shape: string;
    readonly at: number;
  }[];
}

const pages: readonly Page[] = [
  {
    file: "docs/create-json.md",
    title: "`create --json`",
    about: "`backstore create --json` prints one JSON object: the store that was created.",
    tables: doneOrPlanned("create"),
  },
  {
    file: "docs/resize-json.md",
    title: "`grow --json` and `shrink --json`",
    about: "Both commands print one JSON object: which size the store has now.",
    tables: doneOrPlanned("grow"),
  },
  {
    file: "docs/copy-json.md",
    title: "`copy --json`",
    about:
      "`backstore copy --json` prints one JSON object: the store that was copied or, with `--dry-run`, would be.",
    tables: [{ heading: "A copy", shape: "copy", at: 0 }],
  },
  {
    file: "docs/export-json.md",
    title: "`export --json`",
    about:
      "`backstore export --json` prints one JSON object: the changes that were exported or, with `--dry-run`, would be.",
    tables: [{ heading: "An export", shape: "export", at: 0 }],
  },
  {
    file: "docs/import-json.md",
    title: "`import --json`",
    about:
      "`backstore import --json` prints one JSON object: the changes that were imported or, with `--dry-run`, would be.",
    tables: [{ heading: "An import", shape: "import", at: 0 }],
  },
  {
    file: "docs/label-json.md",
    title: "`label --json`",
    about: "`backstore label --json` prints one JSON object: the label that was set.",
    tables: doneOrPlanned("label"),
  },
  {
    file: "docs/run-json.md",
    title: "`run --dry-run --json`",
    about:
      "`backstore run --dry-run --json` prints one JSON object: how a system would be put together.",
    tables: [{ heading: "The plan", shape: "run", at: 0 }],
  },
  {
    file: "docs/initramfs-json.md",
    title: "`initramfs --json`",
    about:
      "`backstore initramfs --json` prints one JSON object: what was packed or, with `--dry-run`, would be.",
    tables: [
      { heading: "An initramfs", shape: "initramfs", at: 0 },
      { heading: "An add-on (--addon)", shape: "initramfs", at: 2 },
    ],
  },
  {
    file: "docs/install-json.md",
    title: "`install --json` and `uninstall --json`",
    about:
      "Both commands print one JSON object: what is changed on the medium or, with `--dry-run`, would be.",
    tables: [
      { heading: "install", shape: "install", at: 0 },
      { heading: "uninstall", shape: "uninstall", at: 0 },
    ],
  },
  {
    file: "docs/changes-json.md",
    title: "`changes --json`",
    about:
      "`backstore changes --json` prints one JSON object a line, as it finds them: the changes in a store. The last one has the sums; if it is missing, the list is not complete.",
    tables: [
      { heading: "A change", shape: "changes", at: 0 },
      { heading: "A directory, with `--depth`", shape: "changes", at: 1 },
      { heading: "A path that could not be compared", shape: "changes", at: 2 },
      { heading: "The last line", shape: "changes", at: 3 },
      { heading: "A file with secrets, with `--secrets`", shape: "changes", at: 4 },
      { heading: "The last line, with `--secrets`", shape: "changes", at: 5 },
      { heading: "A package, with `--packages`", shape: "changes", at: 6 },
      { heading: "The last line, with `--packages`", shape: "changes", at: 7 },
    ],
  },
  {
    file: "docs/diff-json.md",
    title: "`diff --json`",
    about:
      "`backstore diff --json` prints one JSON object a line, as it finds them: how files differ from the base's. If the last one is missing, the list is not complete.",
    tables: [
      { heading: "A difference", shape: "diff", at: 0 },
      { heading: "A path that could not be compared", shape: "diff", at: 1 },
      { heading: "The last line", shape: "diff", at: 2 },
    ],
  },
  {
    file: "docs/revert-json.md",
    title: "`revert --json`",
    about: "`backstore revert --json` prints one JSON object: what was put back, or would be.",
    tables: [{ heading: "The object", shape: "revert", at: 0 }],
  },
  {
    file: "docs/reclaim-json.md",
    title: "`reclaim --json`",
    about: "`backstore reclaim --json` prints one JSON object: what room was won, or would be.",
    tables: [{ heading: "The object", shape: "reclaim", at: 0 }],
  },
  {
    file: "docs/report-json.md",
    title: "`report --json`",
    about:
      "`backstore report --json` prints one JSON object: what the page shows of the running session.",
    tables: [{ heading: "The object", shape: "report", at: 0 }],
  },
  {
    file: "docs/error-json.md",
    title: "A failure as JSON",
    about:
      "A command that fails prints an object with `error` on standard output if `--json` is given, also where its other arguments are not understood; the sentence is on standard error as well. A status that is no failure, such as that of `status` for a session that keeps nothing, comes without it.",
    tables: [{ heading: "The object", shape: "error", at: 0 }],
  },
];

/** Returns the tables of a command with a shape for what it did and one for what it would do. */
function doneOrPlanned(shape: string): Page["tables"] {
  return [
    { heading: "What was done", shape, at: 0 },
    { heading: "With --dry-run", shape, at: 1 },
  ];
}

/** Returns the text of every document by its file. */
export function renderShapeDocuments(): ReadonlyMap<string, string> {
  return new Map([
    ...shapes.map(
      (shape) => [schemaFile(shape), `${JSON.stringify(schemaOf(shape), undefined, 2)}\n`] as const,
    ),
    ...pages.map((page) => [page.file, renderPage(page)] as const),
  ]);
}

function renderPage({ title, about, tables }: Page): string {
  return [
    `# ${title}`,
    "",
    about,
    "Every key is always present unless it is said here; an unknown value is `null`. Sizes are in bytes.",
    "Sentences are for people; do not compare them. `npm run docs` writes this page, and the JSON Schema in",
    "[schemas](schemas), from the validators in `test/shapes/shapes.ts`; every object that a command writes in",
    "the tests is held against the schema.",
    ...tables.flatMap(({ heading, shape, at }) => [
      "",
      `## ${heading}`,
      "",
      "| Key | Type | Meaning |",
      "| --- | --- | --- |",
      ...renderRows(schemaAt(shape, at), ""),
    ]),
    "",
    "See [boot-json.md](boot-json.md#what-may-change) for what may change before and after version 1.0.",
    "",
  ].join("\n");
}

function schemaAt(name: string, at: number): JsonSchema {
  const schema = shapes.find((shape) => shape.name === name)?.schemas[at];
  if (schema === undefined) throw new Error(`There is no shape ${name}`);
  return toJsonSchema(schema);
}

function renderRows({ properties = {} }: JsonSchema, path: string): string[] {
  return Object.entries(properties).flatMap(([name, schema]) => {
    const own = withoutNull(schema);
    const key = `${path}${name}`;
    const inner = own.items ?? own;
    const row = `| \`${key}\` | ${nameType(own)} | ${schema.description ?? own.description ?? ""} |`;
    return [row, ...renderRows(inner, own.type === "array" ? `${key}[].` : `${key}.`)];
  });
}

/** What may be unknown is called by its type. */
function withoutNull(schema: JsonSchema): JsonSchema {
  return schema.anyOf?.find(({ type }) => type !== "null") ?? schema;
}

function nameType({ type, enum: words, const: value }: JsonSchema): string {
  if (words !== undefined) return "text";
  if (typeof value === "boolean") return names.boolean;
  if (value !== undefined) return typeof value === "number" ? "number" : "text";
  return type === undefined ? "depends" : names[type];
}

const names = {
  object: "object",
  array: "list",
  string: "text",
  number: "number",
  integer: "number",
  boolean: "true or false",
  null: "null",
} as const;
