// Writes the documents that are rendered from the tables of the program and its tests.
// test/architecture.test.ts reports which are stale.
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
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
  {
    file: "docs/report.svg",
    module: "test/report-picture.ts",
    render: "renderReportPicture",
  },
  // Several files: its function returns their texts by their paths.
  { module: "test/shapes/documents.ts", render: "renderShapeDocuments" },
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
  const texts = rendered[render]();
  for (const [path, text] of file === undefined ? texts : [[file, texts]]) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
    console.log(path);
  }
}
rmSync(work, { recursive: true, force: true });
