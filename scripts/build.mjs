// Builds dist/backstore: TypeScript -> esbuild -> modules -> bytecode -> one static executable
// (docs/design.md, "One binary"). The tests put other entries into the same host: build.mjs ENTRY
// OUTPUT.
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { decode } from "@jridgewell/sourcemap-codec";
import { build as bundle } from "esbuild";
import { embed } from "./embed.mjs";
import { compiler, flags, prepareEngine, run, runAtOnce } from "./engine.mjs";
import { load } from "./load.mjs";
import { withLock } from "./lock.mjs";

const root = join(import.meta.dirname, "..");

/**
 * Builds the module `entry` (a path from the top) with all its imports into the static executable
 * `output`.
 */
export async function build(entry, output) {
  await withLock(join(root, "build/lock"), () => buildAlone(entry, output));
}

/** Lists the C files of the host. */
export function listHostFiles() {
  return readdirSync(join(root, "native"))
    .filter((name) => name.endsWith(".c") && name !== "compile.c")
    .map((name) => join(root, "native", name));
}

/** Makes the modules of `entry` bytecode in a C file in the directory `work`, and returns its path. */
export async function formProgram(entry, work) {
  const { bytecodeCompiler } = await prepareEngine();
  rmSync(work, { recursive: true, force: true });
  mkdirSync(work, { recursive: true });

  const version = JSON.parse(readFileSync(join(root, "package.json"), "utf8")).version;
  const { metafile } = await bundle({
    absWorkingDir: root,
    entryPoints: { main: entry },
    outdir: work,
    bundle: true,
    splitting: true,
    format: "esm",
    target: "es2022",
    external: ["host"],
    sourcemap: "external",
    metafile: true,
    // "yaml" has a build for engines without Node's modules.
    conditions: ["browser"],
    mainFields: ["browser", "module", "main"],
    define: { VERSION: JSON.stringify(version), global: "globalThis" },
    legalComments: "none",
    // The names of functions and variables are a thirtieth of the executable; a bug is found by
    // its file and line.
    minifyIdentifiers: true,
  });

  writeFileSync(join(work, "metafile.json"), JSON.stringify(metafile));
  const modules = inOrderOfImports(metafile.outputs, work);
  const lines = join(work, "lines.json");
  writeFileSync(
    lines,
    JSON.stringify(Object.fromEntries(modules.map((file) => [basename(file), sourceLines(file)]))),
  );
  run(bytecodeCompiler, modules);
  const prompt = startedAtBoot(metafile.outputs, work);
  const manual = join(work, "manual.json");
  const { readManualPages } = await load("scripts/manual-pages.ts");
  const pages = readManualPages(root).map(({ file, markdown }) => [file, markdown]);
  writeFileSync(manual, JSON.stringify(Object.fromEntries(pages)));
  const embedded = join(work, "embedded.c");
  writeFileSync(
    embedded,
    embed([
      { name: "lines.json", file: lines, packed: true },
      { name: "manual.json", file: manual, packed: true },
      ...listHooks().map((name) => ({ name, file: join(root, "initramfs", name), packed: false })),
      ...modules.map((file) => ({
        name: basename(file),
        file: `${file}.bytecode`,
        packed: !prompt.has(file),
      })),
    ]),
  );

  return embedded;
}

/**
 * Lists the hooks for other initramfs, which the command writes into an add-on; what a generator
 * reads is in a directory of its own beside them.
 */
function listHooks() {
  const top = join(root, "initramfs");
  const names = readdirSync(top, { recursive: true, withFileTypes: true });
  return names
    .filter((entry) => entry.isFile() && dirname(entry.parentPath) === top)
    .map(({ parentPath, name }) => join(basename(parentPath), name))
    .sort();
}

async function buildAlone(entry, output) {
  const { objects } = await prepareEngine();
  const work = join(root, "build/program", basename(output));
  mkdirSync(join(root, dirname(output)), { recursive: true });
  const embedded = await formProgram(entry, work);
  const compiled = [embedded, ...listHostFiles()].map((file) => ({
    file,
    object: join(work, "objects", `${basename(file, ".c")}.o`),
  }));
  mkdirSync(join(work, "objects"));
  const warnings = ["-Wall", "-Wextra", `-I${join(root, "native")}`];
  await runAtOnce(
    compiler,
    compiled.map(({ file, object }) => [...flags, ...warnings, "-c", file, "-o", object]),
  );
  run(compiler, [
    ...flags,
    "-static",
    "-s",
    "-Wl,--gc-sections,--build-id=none",
    // scripts/package reads there, and in the metafile, what the executable is made of.
    `-Wl,-Map=${join(work, "link.map")}`,
    ...compiled.map(({ object }) => object),
    ...objects,
    "-lm",
    "-o",
    join(work, "executable"),
  ]);
  // Atomically, so that nobody starts half a program, and a running one can be replaced.
  renameSync(join(work, "executable"), join(root, output));
}

/**
 * Returns the modules that a boot loads: unpacking them would cost an emulated one more than
 * reading their bytes.
 */
function startedAtBoot(outputs, work) {
  const found = new Set();
  const visit = (path) => {
    const file = join(work, basename(path));
    if (found.has(file) || !outputs[path]) return;
    found.add(file);
    for (const { path: imported, kind } of outputs[path].imports)
      if (kind === "import-statement") visit(imported);
  };
  for (const [path, { entryPoint = "" }] of Object.entries(outputs))
    if (
      basename(path) === "main.js" ||
      /^src\/boot\/(init|modprobe|take-over)\.ts$/.test(entryPoint)
    )
      visit(path);
  return found;
}

/** Sorts modules so that each follows those it imports by name (dynamic imports do not count). */
function inOrderOfImports(outputs, work) {
  const order = [];
  const visit = (path) => {
    const file = join(work, basename(path));
    if (order.includes(file)) return;
    for (const { path: imported, kind } of outputs[path].imports)
      if (kind === "import-statement" && outputs[imported]) visit(imported);
    order.push(file);
  };
  for (const path of Object.keys(outputs)) if (path.endsWith(".js")) visit(path);
  return order;
}

/**
 * Returns what a stack trace needs to name TypeScript: `files`, and for each line of the module the
 * index of its file and its line there, both as differences from the line before. A few kilobytes,
 * instead of hundreds for a whole source map.
 */
function sourceLines(file) {
  const map = JSON.parse(readFileSync(`${file}.map`, "utf8"));
  const files = map.sources.map((source) => join(dirname(file), source).slice(root.length + 1));
  let previous = [0, 0];
  const lines = decode(map.mappings).flatMap((segments) => {
    const mapped = segments.find((segment) => segment.length > 1);
    const next = mapped ? [mapped[1], mapped[2] + 1] : previous;
    const difference = [next[0] - previous[0], next[1] - previous[1]];
    previous = next;
    return difference;
  });
  return { files, lines };
}

if (process.argv[1] === import.meta.filename) {
  const [entry = "src/main.ts", output = "dist/backstore"] = process.argv.slice(2);
  await build(entry, output);
  if (output === "dist/backstore")
    run(join(root, output), ["initramfs", "--addon", "--output", "dist/backstore-addon.img"]);
}
