// Writes the completions for bash, zsh and fish to build/completions or another directory.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { load } from "./load.mjs";

const [output = join(import.meta.dirname, "../build/completions")] = process.argv.slice(2);
const { renderCompletions } = await load("scripts/completions/render.ts");
mkdirSync(output, { recursive: true });
for (const [name, text] of await renderCompletions()) writeFileSync(join(output, name), text);
