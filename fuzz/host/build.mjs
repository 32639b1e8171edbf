// Builds the C host and the engine under the sanitizers, with the system's compiler and libc:
// build.mjs OUTPUT. The engine is compiled once.
import { existsSync, mkdirSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { formProgram, listHostFiles } from "../../scripts/build.mjs";
import { flags, prepareEngine, run } from "../../scripts/engine.mjs";
import { withLock } from "../../scripts/lock.mjs";

const root = join(import.meta.dirname, "../..");
const [output] = process.argv.slice(2);
const home = dirname(output);

mkdirSync(join(home, "objects"), { recursive: true });
await withLock(join(root, "build/lock"), async () => {
  const engine = await prepareEngine();
  const objects = engine.objects.map((object) => compileEngine(basename(object, ".o")));
  const embedded = await formProgram("fuzz/host/engine.ts", join(home, "program"));
  compile([
    "-fsanitize=address,undefined",
    `-I${join(root, "native")}`,
    ...[embedded, join(root, "fuzz/host/memory.c")],
    ...listHostFiles().filter((file) => basename(file) !== "memory.c"),
    ...objects,
    ...["-lm", "-o", output],
  ]);
});

/** In the engine only memory is checked: what its authors think of shifts is not ours to mend. */
function compileEngine(name) {
  const object = join(home, "objects", `${name}.o`);
  if (!existsSync(object))
    compile(["-fsanitize=address", "-w", "-c", findSource(name), "-o", object]);
  return object;
}

function findSource(name) {
  const places = flags.filter((_, index) => flags[index - 1] === "-isystem");
  const files = places
    .flatMap((place) => [place, join(place, "common"), join(place, "decompress")])
    .map((place) => join(place, `${name}.c`));
  return files.find(existsSync);
}

function compile(words) {
  run("gcc", ["-g", "-O1", ...flags.filter((flag) => flag !== "-Os"), ...words]);
}
