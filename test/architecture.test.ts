// Properties of the tree as a whole: imports go downwards, exports are explained, comments are
// wrapped, rendered documents are up to date.
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { describe, expect, test } from "vitest";
import { renderBootOptionsDocument } from "../scripts/boot-options-document.ts";
import { renderScenariosDocument } from "./machines/scenarios-document.ts";
import { renderReportPicture } from "./report-picture.ts";
import { renderShapeDocuments } from "./shapes/documents.ts";

const root = join(import.meta.dirname, "..");

// Each layer of src/ and those it may import from; main.ts, which only wires, may import from all.
const downwards: Readonly<Record<string, readonly string[]>> = {
  core: ["core"],
  system: ["core", "system"],
  report: ["core", "system", "report"],
  boot: ["core", "system", "report", "boot"],
  cli: ["core", "system", "report", "cli"],
};

// The rooms of each layer, top to bottom: a room imports from itself and from those below it. "" is
// the layer's own folder. CONTRIBUTING.md shows them in this order.
const rooms: Readonly<Record<string, readonly string[]>> = {
  boot: ["shutdown", ""],
  cli: ["", "commands", "create", "media", "changes", "command-line"],
  report: ["overview", "exchange", "console", "manual", ""],
  system: [
    ...["run", "status", "session", "check", "revert", "resize", "install", "create", "exchange"],
    "takeover",
    ...["steps", "initramfs", "modules"],
    ...["checkers", "stores", "changes", "medium", "devices", "looking", "usage", "port"],
  ],
  core: [
    ...["run", "overview", "status", "session", "check", "create", "resize", "revert", "exchange"],
    "changes",
    "choosing",
    ...[
      "install",
      "takeover",
      "steps",
      "stores",
      "medium",
      "initramfs",
      "modules",
      "menus",
      "options",
      "file-systems",
      "devices",
    ],
    ...["iso", "superblocks", "kernel", "text", "bytes"],
  ],
};

const mostFilesInAFolder = 25;

const longestComment = 100;

// The packages that each folder may import; "host" is the module of our C functions.
const packages: Readonly<Record<string, readonly string[]>> = {
  core: ["yaml", "valibot", "d3-hierarchy", "diff"],
  system: ["host"],
  report: [],
  boot: [],
  cli: ["@pkgjs/parseargs"],
  "": ["host"],
};

interface Comment {
  readonly file: string;
  readonly line: number;
  readonly text: string;
}

interface Import {
  readonly file: string;
  /** The importing and the imported folder of src/, "" for src/ itself. */
  readonly from: string;
  /** The path of a file from the top, or the name of a package. */
  readonly target: string;
}

const files = readdirSync(join(root, "src"), { recursive: true, encoding: "utf8" })
  .filter((name) => name.endsWith(".ts"))
  .map((name) => join("src", name))
  .sort();

function read(file: string): string {
  return readFileSync(join(root, file), "utf8");
}

function folderOf(file: string): string {
  const folder = relative("src", dirname(file)).split("/")[0] ?? "";
  return folder === "." ? "" : folder;
}

/** Returns the room of a file of src/, "" for one in its layer's own folder. */
function roomOf(file: string): string {
  return relative("src", dirname(file)).split("/").slice(1).join("/");
}

function findImports(file: string): Import[] {
  const pattern =
    /^(?:import|export)\s[^"';]*?from\s+"([^"]+)"|^import\s+"([^"]+)"|\bimport\(\s*"([^"]+)"/gm;
  return [...read(file).matchAll(pattern)].map((match) => {
    const written = match[1] ?? match[2] ?? match[3] ?? "";
    const target = written.startsWith(".") ? join(dirname(file), written) : written;
    return { file, from: folderOf(file), target };
  });
}

const imports = files.filter((file) => !file.endsWith(".d.ts")).flatMap(findImports);

function findCycle(edges: ReadonlyMap<string, readonly string[]>): string[] | undefined {
  const done = new Set<string>();
  function visit(file: string, path: readonly string[]): string[] | undefined {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file];
    if (done.has(file)) return undefined;
    for (const next of edges.get(file) ?? []) {
      const cycle = visit(next, [...path, file]);
      if (cycle !== undefined) return cycle;
    }
    done.add(file);
    return undefined;
  }
  for (const file of edges.keys()) {
    const cycle = visit(file, []);
    if (cycle !== undefined) return cycle;
  }
  return undefined;
}

describe("imports", () => {
  test("imports are seen by this test", () => {
    expect(imports).toContainEqual({
      file: "src/core/options/cmdline.ts",
      from: "core",
      target: "src/core/text/failure.ts",
    });
    expect(imports).toContainEqual({
      file: "src/core/options/yaml-config.ts",
      from: "core",
      target: "yaml",
    });
  });

  test("imports name files that are there, with their ending", () => {
    const inside = imports.filter(({ target }) => target.startsWith("src/"));
    expect(inside.filter(({ target }) => !files.includes(target))).toEqual([]);
  });

  for (const [folder, allowed] of Object.entries(downwards)) {
    test(`imports of src/${folder} go to ${allowed.join(", ")} alone`, () => {
      const wrong = imports.filter(
        ({ from, target }) =>
          from === folder && target.startsWith("src/") && !allowed.includes(folderOf(target)),
      );
      expect(wrong).toEqual([]);
    });
  }

  test("imports come from folders that have a place in the order", () => {
    const known = [...Object.keys(downwards), ""];
    expect(files.filter((file) => !known.includes(folderOf(file)))).toEqual([]);
  });

  test("imports of packages are those that the folder may use", () => {
    const wrong = imports.filter(
      ({ from, target }) => !target.startsWith("src/") && !packages[from]?.includes(target),
    );
    expect(wrong).toEqual([]);
  });

  for (const [layer, order] of Object.entries(rooms)) {
    test(`imports of a room of src/${layer} go to rooms below it, types too`, () => {
      const place = (file: string) => order.indexOf(roomOf(file));
      const wrong = imports.filter(
        ({ file, from, target }) =>
          from === layer && folderOf(target) === layer && place(target) < place(file),
      );
      expect(wrong).toEqual([]);
      const here = files.filter((file) => folderOf(file) === layer);
      expect([...new Set(here.map(roomOf))].sort()).toEqual([...order].sort());
    });
  }

  test("imports go round in no circle, types too", () => {
    const edges = new Map(
      files.map((file) => [
        file,
        imports
          .filter((edge) => edge.file === file && edge.target.startsWith("src/"))
          .map(({ target }) => target),
      ]),
    );
    expect(findCycle(edges)).toBeUndefined();
    expect(
      findCycle(
        new Map([
          ["a", ["b"]],
          ["b", ["c"]],
          ["c", ["b"]],
        ]),
      ),
    ).toEqual(["b", "c", "b"]);
  });
});

describe("folders", () => {
  const folders = [...new Set(files.map(dirname))];

  test(`folders of src/ hold at most ${mostFilesInAFolder} files`, () => {
    const sizes = folders.map((folder) => [
      folder,
      files.filter((file) => dirname(file) === folder).length,
    ]);
    expect(sizes.filter(([, size]) => Number(size) > mostFilesInAFolder)).toEqual([]);
  });

  test("folders of src/ are drawn in CONTRIBUTING.md, each with what it holds, from top to bottom", () => {
    const expected = [
      ...Object.entries(rooms).flatMap(([layer, order]) => [
        `src/${layer}`,
        ...order.filter((room) => room !== "").map((room) => `src/${layer}/${room}`),
      ]),
    ];
    expect(readPicture(read("CONTRIBUTING.md")).filter((path) => !path.endsWith(".ts"))).toEqual(
      expected,
    );
  });

  test("folders of test/core and test/system are rooms of src/", () => {
    for (const layer of ["core", "system"]) {
      const there = readdirSync(join(root, "test", layer), { withFileTypes: true });
      const names = there.map(({ name }) => name);
      expect(names.filter((name) => !rooms[layer]?.includes(name))).toEqual([]);
    }
  });
});

/** Reads the paths of a tree that is drawn in a block, each with some words after it. */
function readPicture(document: string): string[] {
  const block = /^```\nsrc\/\n([\s\S]*?)^```$/m.exec(document)?.[1] ?? "";
  const parents = ["src"];
  return block.split("\n").flatMap((line) => {
    const match = /^((?:│ {3}| {4})*)[├└]── (\S+?)\/? +\S.*$/.exec(line);
    if (!match) return line === "" ? [] : [`cannot read: ${line}`];
    const depth = (match[1] ?? "").length / 4;
    parents.splice(depth + 1, parents.length, match[2] ?? "");
    return [parents.join("/")];
  });
}

describe("exports", () => {
  const exported =
    /^export (?:declare )?(?:async )?(?:abstract )?(?:function\*?|const|let|class|interface|type|enum) (\w+)/gm;

  function findUnexplained(file: string): string[] {
    const text = read(file);
    return [...text.matchAll(exported)]
      .filter(({ index }) => !text.slice(0, index).endsWith("*/\n"))
      .map(({ 1: name }) => `${file}: ${name}`);
  }

  test("exports have a sentence that explains them", () => {
    expect(files.flatMap(findUnexplained)).toEqual([]);
  });

  test("exports are named, and none is a list of another file's", () => {
    const wrong = files.filter((file) => /^export (?:default|\*|\{[^}]*\} from)/m.test(read(file)));
    expect(wrong).toEqual([]);
  });
});

test("files open with what they are", () => {
  expect(files.filter((file) => !/^\/\/ ./.test(read(file)))).toEqual([]);
});

describe("comments", () => {
  const native = readdirSync(join(root, "native"))
    .filter((name) => /\.[ch]$/.test(name))
    .map((name) => join("native", name));
  const commented = [...files, ...native];

  function findCommentLines(file: string): Comment[] {
    return read(file)
      .split("\n")
      .flatMap((text, index) =>
        /^\s*(?:\/\/|\/?\*)/.test(text) ? [{ file, line: index + 1, text }] : [],
      );
  }

  /** Returns the first line of every comment, without the marks of a comment. */
  function findOpenings(file: string): Comment[] {
    const text = read(file);
    return [...text.matchAll(/\/\*\*?\s*(?:\*\s*)?(.*)/g)].map((match) => ({
      file,
      line: text.slice(0, match.index).split("\n").length,
      text: match[1] ?? "",
    }));
  }

  test("comments are seen by this test", () => {
    const [first] = findOpenings("native/host.c");
    expect(first?.text).toMatch(/^The host of our bytecode/);
    expect(findCommentLines("src/core/steps/step.ts").length).toBeGreaterThan(10);
  });

  test(`lines of comments have at most ${longestComment} columns`, () => {
    const wrong = commented
      .flatMap(findCommentLines)
      .filter(({ text }) => [...text].length > longestComment);
    expect(wrong).toEqual([]);
  });

  test("comments call a type by a noun, and say what a function does", () => {
    const wrong = commented
      .flatMap(findOpenings)
      .filter(({ text }) => /^(?:Is|Are|Says|Gives|Holds)\s/.test(text));
    expect(wrong).toEqual([]);
  });
});

describe("rendered documents", () => {
  const documents = [
    { file: "docs/boot-options.md", text: renderBootOptionsDocument() },
    { file: "docs/scenarios.md", text: renderScenariosDocument() },
    { file: "docs/report.svg", text: renderReportPicture() },
    ...[...renderShapeDocuments()].map(([file, text]) => ({ file, text })),
  ];
  for (const { file, text } of documents) {
    test(`${file} is what "npm run docs" writes`, () => {
      expect(read(file)).toBe(text);
    });
  }
});

test("biome.json refuses any, non-null assertions, default exports and unused names", () => {
  const { rules } = JSON.parse(read("biome.json")).linter;
  expect(rules.suspicious.noExplicitAny).toBe("error");
  expect(rules.style).toMatchObject({
    noNonNullAssertion: "error",
    noDefaultExport: "error",
    useImportType: "error",
  });
  const silenced = /biome-ignore[^\n]*(?:noExplicitAny|noNonNullAssertion|noDefaultExport)/;
  expect(files.filter((file) => silenced.test(read(file)))).toEqual([]);
});

describe("the host of the engine", () => {
  const sources = readdirSync(join(root, "native")).filter((name) => name.endsWith(".c"));
  const lines = sources.flatMap((name) =>
    readFileSync(join(root, "native", name), "utf8")
      .split("\n")
      .map((line) => ({ name, line })),
  );
  // compile.c runs while the program is built, and is no part of it.
  const own = lines.filter(({ name }) => name !== "compile.c");

  test("makes files in one place, exclusively and not through a link", () => {
    const makers = own.filter(({ line }) =>
      /O_CREAT|O_TRUNC|O_TMPFILE|\b(?:creat|fopen|freopen|mkstemps?|mkostemps?|tmpfile)\(/.test(
        line,
      ),
    );
    expect(makers.map(({ name, line }) => `${name}: ${line.trim()}`)).toEqual([
      "descriptors.c: int fd = openat(above, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC | O_NOCTTY, mode);",
    ]);
  });
});
