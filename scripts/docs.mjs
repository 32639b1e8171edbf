// Writes the documents that are rendered from the tables of the program and its tests.
// test/architecture.test.ts reports which are stale.
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";

const root = join(import.meta.dirname, "..");

// How each document is rendered: a module and its function that returns the text.
const documents = [
  {
    file: "docs/boot-options.md",
    module: "scripts/boot-options-document.ts",
    render: "renderBootOptionsDocument",
  },
  {
    file: "docs/scenarios.md",
    module: "test/machines/scenarios-document.ts",
    render: "renderScenariosDocument",
  },
];

const work = join(root, "build/docs");
for (const { file, module, render } of documents) {
  const bundle = join(work, `${render}.mjs`);
  await build({
    absWorkingDir: root,
    entryPoints: [module],
    bundle: true,
    platform: "node",
    packages: "external",
    format: "esm",
    outfile: bundle,
  });
  const rendered = await import(bundle);
  mkdirSync(join(root, "docs"), { recursive: true });
  writeFileSync(join(root, file), rendered[render]());
  console.log(file);
}
rmSync(work, { recursive: true, force: true });
