// Builds what does not change with our code: the JavaScript engine (Debian's source package "quickjs"), the decoder of
// zstd (Debian's "libzstd") and the bytecode compiler, static with musl, under build/engine. Nothing is downloaded or
// compiled again while the pinned sources, the flags and this file are the same.
import { execFile, execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { basename, dirname, join } from "node:path";
import { promisify } from "node:util";

// Also read by scripts/package, which names them in the list of parts.
const sourcesFile = join(import.meta.dirname, "engine-sources.json");
const sources = JSON.parse(readFileSync(sourcesFile, "utf8"));

const root = join(import.meta.dirname, "..");
const home = join(root, "build/engine");
const quickjs = join(home, "src", "quickjs-2025.04.26");
const zstd = join(home, "src", "zstd-1.5.7", "lib");

export const compiler = "musl-gcc";
export const flags = [
  "-Os",
  "-fwrapv",
  "-D_GNU_SOURCE",
  '-DCONFIG_VERSION="2025-04-26"',
  "-ffunction-sections",
  "-fdata-sections",
  "-fno-unwind-tables",
  "-fno-asynchronous-unwind-tables",
  "-funsigned-char",
  "-DZSTD_DISABLE_ASM",
  "-DZSTD_LEGACY_SUPPORT=0",
  // As headers of the system: what the compiler thinks of them is not ours to mend.
  "-isystem",
  quickjs,
  "-isystem",
  zstd,
  // musl has no kernel headers of its own; the system's are looked at last.
  "-idirafter",
  "/usr/include",
  "-idirafter",
  "/usr/include/x86_64-linux-gnu",
  // An assertion names its file; where the tree lies is no part of the program.
  `-ffile-prefix-map=${root}/=`,
];

const engineFiles = ["quickjs", "libregexp", "libunicode", "cutils", "dtoa"].map((name) =>
  join(quickjs, `${name}.c`),
);
const decoderFiles = [
  ...["debug", "entropy_common", "error_private", "fse_decompress", "xxhash", "zstd_common"].map(
    (name) => join(zstd, "common", `${name}.c`),
  ),
  ...["huf_decompress", "zstd_ddict", "zstd_decompress", "zstd_decompress_block"].map((name) =>
    join(zstd, "decompress", `${name}.c`),
  ),
];

/** The objects to link, and the program that turns our modules into C; both made if they are not there. */
export async function prepareEngine() {
  const place = join(home, "objects");
  const objects = [
    ...engineFiles.map((file) => join(place, "quickjs", `${basename(file, ".c")}.o`)),
    ...decoderFiles.map((file) => join(place, "libzstd", `${basename(file, ".c")}.o`)),
  ];
  const bytecodeCompiler = join(home, "compile");
  const key = digest(
    readFileSync(import.meta.filename),
    readFileSync(sourcesFile),
    readFileSync(join(root, "native/compile.c")),
  );
  const stamp = join(home, "stamp");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === key)
    return { objects, bytecodeCompiler };

  for (const source of sources) fetchSource(source);
  rmSync(place, { recursive: true, force: true });
  for (const object of objects) mkdirSync(dirname(object), { recursive: true });
  const compiled = [...engineFiles, ...decoderFiles].map((file, index) => {
    // The decoder is small, and every module that is loaded goes through it.
    const speed = decoderFiles.includes(file) ? ["-O3"] : [];
    return [...flags, ...speed, "-w", "-c", file, "-o", objects[index]];
  });
  await runAtOnce(compiler, compiled);
  run(compiler, [
    ...flags,
    "-static",
    join(root, "native/compile.c"),
    ...objects.slice(0, engineFiles.length),
    "-lm",
    "-o",
    bytecodeCompiler,
  ]);
  writeFileSync(stamp, key);
  return { objects, bytecodeCompiler };
}

function fetchSource(source) {
  const archive = join(home, "download", source.file);
  if (!existsSync(archive))
    run(join(root, "scripts/debian-apt"), [
      ...["deb-src", "trixie", join(home, "download")],
      ...["apt-get", "source", "-qq", "--download-only", `${source.package}=${source.version}`],
    ]);
  const found = digest(readFileSync(archive));
  if (found !== source.sha256) {
    rmSync(archive);
    throw new Error(
      `Cannot use ${source.file}: its SHA-256 is ${found}, expected ${source.sha256}`,
    );
  }
  mkdirSync(join(home, "src"), { recursive: true });
  run("tar", ["-xf", archive, "-C", join(home, "src")]);
}

export function digest(...parts) {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest("hex");
}

/**
 * Runs a program with each list of arguments, one on each processor, and passes on what it warns of.
 */
export async function runAtOnce(program, lists) {
  const waiting = [...lists];
  const runNext = async () => {
    for (let args = waiting.shift(); args !== undefined; args = waiting.shift())
      process.stderr.write((await promisify(execFile)(program, args)).stderr);
  };
  await Promise.all(Array.from({ length: availableParallelism() }, runNext));
}

export function run(program, args) {
  execFileSync(program, args, { stdio: ["ignore", "inherit", "inherit"] });
}
