// The C host under the sanitizers: it is built with the system's compiler and libc, called through
// its whole table in name spaces of its own, and the readers run on its engine. A second build, that
// of the product, says how long they take and how deep they go there.

import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildDirectory } from "../../scripts/lib/cache.ts";
import { runTool } from "../../scripts/lib/tool.ts";

const home = join(buildDirectory, "fuzz-host");

/** How the sanitizers end a program. */
export const environment = {
  ASAN_OPTIONS: "detect_leaks=0:allocator_may_return_null=1:abort_on_error=0:exitcode=99",
  UBSAN_OPTIONS: "halt_on_error=1:exitcode=98:print_stacktrace=1",
};

/** Functions that are not called, and why. */
export const skipped: Readonly<Record<string, string>> = {
  exit: "it ends the process, whatever it is given",
  fork: "its children would go on calling",
  killProcess: "it ends whoever calls it, by a number that is true everywhere; a guest calls it",
};

/** What came of one function. */
export interface CalledFunction {
  readonly name: string;
  readonly returned: number;
  readonly thrown: number;
  /** What is wrong; undefined where nothing is. */
  readonly wrong: string | undefined;
}

/** What came of one input in the engine. */
export interface EngineCall {
  readonly file: string;
  readonly wrong: string | undefined;
}

/** Builds the host under the sanitizers, and returns the program's path. */
export function buildSanitized(): string {
  const output = join(home, "host");
  runTool([process.execPath, "fuzz/host/build.mjs", output]);
  return output;
}

/** Builds the same program as the product is built, and returns its path. */
export function buildEngine(): string {
  const output = "build/fuzz-engine";
  runTool([process.execPath, "scripts/build.mjs", "fuzz/host/engine.ts", output]);
  return output;
}

/** Says why functions cannot be called here; undefined where they can. */
export function findObstacle(): string | undefined {
  const done = spawnSync("unshare", [...nameSpaces, "true"], { encoding: "utf8" });
  return done.status === 0 ? undefined : `no name spaces can be had: ${done.stderr.trim()}`;
}

// As root of a user name space a process may mount and be PID 1, and owns no device and no file of
// this machine; it reboots its own PID name space at most.
const nameSpaces = [
  ...["--user", "--map-root-user", "--mount", "--pid", "--net", "--ipc", "--uts"],
  ...["--fork", "--kill-child=KILL"],
];

/** Lists the functions of the host. */
export function listFunctions(program: string): string[] {
  return runTool([program, "names"], { environment }).trim().split("\n");
}

/** Calls a function with many arguments that nobody should give. */
export function callFunction(
  program: string,
  { name, seed, count }: { name: string; seed: number; count: number },
): CalledFunction {
  const root = mkdtempSync(join(tmpdir(), "backstore-fuzz-"));
  try {
    const done = spawnSync(
      "unshare",
      [
        ...nameSpaces,
        ...["fuzz/host/sandbox.sh", root, program, "call", name, String(seed), String(count)],
      ],
      { encoding: "utf8", timeout: 120_000, env: { ...process.env, ...environment } },
    );
    const [returned = 0, thrown = 0] = done.stdout.trim().split(" ").slice(1).map(Number);
    const end = done.signal ?? `status ${done.status}`;
    const wrong =
      done.status === 0 ? undefined : `ends with ${end}\n${firstLines(done.stderr, 25)}`;
    return { name, returned, thrown, wrong };
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

/** Reads inputs in the engine; `mostMs` is the time for each, if it counts. */
export function readInEngine(
  program: string,
  inputs: readonly { readonly reader: string; readonly bytes: Uint8Array }[],
  mostMs = Number.POSITIVE_INFINITY,
): EngineCall[] {
  const directory = join(home, "inputs");
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true });
  const files = inputs.map(({ reader, bytes }, index) => {
    const file = join(directory, `${reader}-${index}`);
    writeFileSync(file, bytes);
    return file;
  });
  const found: EngineCall[] = [];
  // One process reads as many as it stands.
  for (let pending = files; pending.length > 0; ) {
    const done = spawnSync(program, ["read", ...pending], {
      encoding: "utf8",
      timeout: 120_000,
      env: { ...process.env, ...environment },
    });
    const rows = done.stdout.split("\n").filter((line) => line !== "");
    for (const row of rows) {
      const [file = "", ms = "", wrong = ""] = row.split("\t");
      if (wrong !== "") found.push({ file, wrong });
      else if (Number(ms) > mostMs) found.push({ file, wrong: `takes ${ms} ms in the engine` });
    }
    const file = pending[rows.length];
    if (file === undefined) break;
    const end = done.signal ?? `status ${done.status}`;
    found.push({ file, wrong: `ends with ${end}\n${firstLines(done.stderr, 25)}` });
    pending = pending.slice(rows.length + 1);
  }
  return found;
}

/** Returns the beginning of a text. */
export function firstLines(text: string, count: number): string {
  return text.trim().split("\n").slice(0, count).join("\n");
}
