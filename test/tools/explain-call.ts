// Calls of "backstore explain", the real program, as an unprivileged user and as root, in a
// directory of the test's own.
import { spawnSync } from "node:child_process";
import { chmodSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { newImage } from "./images.ts";
import { copyProgram, isRoot, run, temporaryDirectory } from "./programs.ts";

/** Where the images are, and where the program is called. */
export const directory = temporaryDirectory();
const program = copyProgram(directory);
chmodSync(directory, 0o755);

const nobody = isRoot ? ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--"] : [];
/** The users who call the program: an unprivileged user and, if the tests run as root, root. */
export const users: readonly (readonly [
  who: string,
  prefix: readonly string[],
  mayMount: boolean,
])[] = [["an ordinary user", nobody, false], ...(isRoot ? [["root", [], true] as const] : [])];

interface Ended {
  readonly status: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Calls "backstore explain" in the test's directory. */
export function explain(words: readonly string[], prefix: readonly string[] = nobody): Ended {
  const [name = "", ...rest] = [...prefix, program, "explain", ...words];
  const { status, signal, stdout, stderr } = spawnSync(name, rest, {
    encoding: "utf8",
    cwd: directory,
    timeout: 20_000,
    maxBuffer: 1 << 26,
  });
  return { status, signal, stdout, stderr };
}

/** What --json prints, as far as these tests read it. */
export interface Explained {
  readonly session: string;
  readonly problems: readonly {
    readonly message: string;
    readonly file?: string | null;
    readonly line?: number | null;
  }[];
  readonly candidates: readonly Readonly<Record<string, unknown>>[];
  readonly plan: { readonly title: string; readonly steps: readonly unknown[] };
  readonly options: object;
  readonly store?: { readonly directory: string; readonly device: string };
}

/** Explains as JSON; invalid output fails the test. */
export function explainJson(words: readonly string[], prefix?: readonly string[]): Explained {
  const ended = explain([...words, "--json"], prefix);
  expect([ended.status, ended.signal, ended.stderr]).toEqual([0, null, ""]);
  return checkShape(JSON.parse(ended.stdout));
}

/** Checks what the issue promises of the object. */
function checkShape(explained: Explained): Explained {
  expect(["persistent", "readonly", "volatile", "stopped"]).toContain(explained.session);
  expect(Object.keys(explained)).toEqual(
    expect.arrayContaining(["options", "problems", "candidates", "plan", "session"]),
  );
  for (const { message, file, line } of explained.problems) {
    expect(typeof message).toBe("string");
    expect(["string", "undefined"]).toContain(typeof (file ?? undefined));
    expect(["number", "undefined"]).toContain(typeof (line ?? undefined));
  }
  for (const candidate of explained.candidates) {
    expect(Object.keys(candidate).filter((key) => key !== "file")).toEqual([
      "device",
      "type",
      "label",
      "uuid",
      "removable",
      "model",
      "bytes",
      "accepted",
      "reason",
    ]);
  }
  expect(explained.candidates.filter(({ accepted }) => accepted).length).toBeLessThanOrEqual(1);
  expect(typeof explained.plan.title).toBe("string");
  expect(Array.isArray(explained.plan.steps)).toBe(true);
  return explained;
}

/** Makes an image with one file system in the test's directory, and returns its name. */
export function makeStore(name: string, argv: readonly string[], megabytes = 16): string {
  newImage(directory, name, megabytes);
  run([...argv, join(directory, `${name}.img`)]);
  return `${name}.img`;
}

/** The command that makes an ext4 file system. */
export const ext4 = ["mkfs.ext4", "-q", "-F"];
