// The command line as a whole: help, versions, and calls that do not fit.
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { flagsOf, shortOf } from "../../src/cli/command-line/arguments.ts";
import { commands, statusesOf } from "../../src/cli/command-table.ts";
import { exitStatus } from "../../src/core/text/failure.ts";
import type { System } from "../../src/system/port/system.ts";
import { call, silent } from "../support/call.ts";
import { createMemory } from "../support/memory.ts";

const golden = (name: string) => join(import.meta.dirname, `../golden/cli/${name}.txt`);

describe("help", () => {
  for (const words of [["--help"], ["-h"]]) {
    test(`backstore ${words.join(" ")} says what the program does`, async () => {
      const { status, stdout, stderr } = await call(createMemory(), words);
      expect([status, stderr]).toEqual([0, ""]);
      await expect(stdout).toMatchFileSnapshot(golden("help"));
    });
  }

  test("backstore without a command says the same on standard error, with status 2", async () => {
    const { status, stdout, stderr } = await call(createMemory(), []);
    expect([status, stdout]).toEqual([exitStatus.usage, ""]);
    await expect(stderr).toMatchFileSnapshot(golden("help"));
  });

  for (const { name } of commands) {
    for (const flag of ["--help", "-h"]) {
      test(`backstore ${name} ${flag} says what the command does`, async () => {
        const { status, stdout, stderr } = await call(createMemory(), [name, flag]);
        expect([status, stderr]).toEqual([0, ""]);
        await expect(stdout).toMatchFileSnapshot(golden(`help-${name}`));
      });
    }
  }

  for (const columns of [undefined, 40, 79, 200]) {
    test(`every help fits ${columns === undefined ? "a file" : `${columns} columns`}`, async () => {
      const terminal = { ...silent, columns };
      for (const words of [["--help"], ...commands.map(({ name }) => [name, "--help"])]) {
        const { stdout } = await call(createMemory(), words, { terminal });
        const most = Math.min(columns ?? 79, 79);
        expect(stdout.split("\n").filter((line) => line.length > most)).toEqual([]);
        // Nothing is lost.
        const whole = (await call(createMemory(), words)).stdout;
        expect(stdout.split(/\s+/)).toEqual(whole.split(/\s+/));
      }
    });
  }

  test("the help of a command lists the statuses that it can have, and no others", async () => {
    const listed = async (name: string) => {
      const { stdout } = await call(createMemory(), [name, "--help"]);
      return [...stdout.matchAll(/^ {2}(\d+) /gm)].map(([, status]) => Number(status));
    };
    expect(await listed("status")).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 9, 130]);
    expect(await listed("explain")).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 130]);
    for (const entry of commands)
      expect(await listed(entry.name)).toEqual([0, ...Object.values(statusesOf(entry))]);
  });
});

describe("a failure with --json", () => {
  const objectOf = async (words: readonly string[]) => {
    const { status, stdout, stderr } = await call(createMemory(), words);
    return { status, stderr, object: JSON.parse(stdout) };
  };

  test("is an object on standard output, and a sentence on standard error", async () => {
    const { status, stderr, object } = await objectOf(["grow", "/none/store", "1G", "--json"]);
    expect(object).toEqual({
      format: 1,
      tool: "backstore 0.0.0",
      error: {
        code: "not-found",
        status,
        message: expect.stringContaining("Cannot grow"),
        hint: "mount the file system for the store there",
      },
    });
    expect(stderr).toBe(`backstore: ${object.error.message}\nHint: ${object.error.hint}\n`);
  });

  for (const words of [
    ["explain", "--jsno", "--json"],
    ["list", "a", "-J"],
    ["grow", "-nJ"],
    ["frobnicate", "--json"],
  ])
    test(`is one for ${words.join(" ")}, too`, async () => {
      const { status, object } = await objectOf(words);
      expect([status, object.error.code, object.error.status]).toEqual([2, "usage", 2]);
      expect(object.error.hint).toMatch(/^see "backstore /);
    });

  test("is not one where the letters are an operand or a value", async () => {
    const ended = await call(createMemory(), ["list", "--", "--json"]);
    expect([ended.status, ended.stdout]).toEqual([2, ""]);
  });

  test("is told once standard output cannot be written, without another try", async () => {
    const memory = createMemory();
    let tries = 0;
    const system: System = {
      ...memory.system,
      say(where, text) {
        if (where !== "stdout") return memory.system.say(where, text);
        tries++;
        throw Object.assign(new Error("full"), {
          code: "ENOSPC",
          reason: "No space left on device",
        });
      },
    };
    const ended = await call({ ...memory, system }, ["list", "--json"]);
    expect([ended.status, tries]).toEqual([3, 1]);
    expect(ended.stderr).toContain("write error: No space left on device");
  });
});

describe("short options", () => {
  const long = {
    n: "dry-run",
    f: "force",
    h: "help",
    J: "json",
    q: "quiet",
    V: "version",
    y: "yes",
  };

  test("are the same in every command, and in its help", async () => {
    for (const { name, load } of commands) {
      const { stdout } = await call(createMemory(), [name, "--help"]);
      const flags = flagsOf(await load());
      for (const [letter, flag] of Object.entries(long)) {
        const has = flags.some((one) => one.name === flag);
        expect(new RegExp(`^ {2}-${letter}, --${flag}`, "m").test(stdout)).toBe(has);
      }
      const letters = flags.map((flag) => shortOf(flag.name)).filter((one) => one !== undefined);
      expect(new Set(letters).size).toBe(letters.length);
    }
  });

  test("may share a hyphen", async () => {
    const memory = () => createMemory({ files: { mnt: {} } });
    const long = await call(memory(), ["create", "--directory", "/mnt/a", "--dry-run", "--json"]);
    const short = await call(memory(), ["create", "--directory", "/mnt/a", "-nJ"]);
    expect(short).toEqual(long);
  });

  test("-V prints the version, with a command and without", async () => {
    for (const words of [["-V"], ["list", "-V"], ["grow", "--version"]])
      expect(await call(createMemory(), words, { version: "1.2.3" })).toEqual({
        status: 0,
        stdout: "backstore 1.2.3\n",
        stderr: "",
      });
  });

  test("-q prints nothing but errors", async () => {
    expect(await call(createMemory(), ["status", "-q"])).toEqual({
      status: exitStatus.volatile,
      stdout: "",
      stderr: "",
    });
    const failed = await call(createMemory(), ["grow", "-q", "/none", "1G"]);
    expect([failed.status, failed.stderr]).toEqual([4, expect.stringContaining("Cannot grow")]);
  });
});

test("backstore --version names the version", async () => {
  const ended = await call(createMemory(), ["--version"], { version: "1.2.3" });
  expect(ended).toEqual({ status: 0, stdout: "backstore 1.2.3\n", stderr: "" });
});

describe("a call that does not fit", () => {
  const explain = 'Hint: see "backstore explain --help"';
  const overall = 'Hint: see "backstore --help"';
  const cases: readonly (readonly [words: readonly string[], sentence: string, hint: string])[] = [
    [["explian"], 'Cannot run "explian": unknown command, did you mean "explain"?', overall],
    [["frobnicate"], 'Cannot run "frobnicate": unknown command', overall],
    [[""], 'Cannot run "": unknown command', overall],
    [["a\n\u001b[2J"], 'Cannot run "a\\n\\u001b[2J": unknown command', overall],
    [["stat"], 'Cannot run "stat": unknown command, did you mean "status"?', overall],
    [["INSTALL"], 'Cannot run "INSTALL": unknown command, did you mean "install"?', overall],
    [["--hlep"], 'Cannot run "--hlep": unknown option, did you mean "--help"?', overall],
    [
      ["--quiet", "explain"],
      'Cannot run "--quiet": unknown option',
      'Hint: options follow the command; see "backstore --help"',
    ],
    [
      ["explain", "--jsno"],
      'Cannot run "backstore explain": unknown option "--jsno", did you mean "--json"?',
      explain,
    ],
    [
      ["explain", "--a\n\u001b[2J"],
      'Cannot run "backstore explain": unknown option "--a\\n\\u001b[2J"',
      explain,
    ],
    [
      ["explain", "-json"],
      'Cannot run "backstore explain": unknown option "-json", did you mean "--json"?',
      explain,
    ],
    [
      ["explain", "-j"],
      'Cannot run "backstore explain": unknown option "-j", did you mean "-J"?',
      explain,
    ],
    [
      ["check", "--dry"],
      'Cannot run "backstore check": unknown option "--dry", did you mean "--dry-run"?',
      'Hint: see "backstore check --help"',
    ],
    [["explain", "-x"], 'Cannot run "backstore explain": unknown option "-x"', explain],
    [["explain", "--json=yes"], 'Cannot run "backstore explain": "--json" takes no value', explain],
    [
      ["explain", "--image"],
      'Cannot run "backstore explain": "--image" requires a value: FILE',
      explain,
    ],
    [
      ["explain", "--cmdline", "a", "--cmdline", "b"],
      'Cannot run "backstore explain": "--cmdline" was given more than once',
      explain,
    ],
    [
      ["explain", "disk.img"],
      'Cannot run "backstore explain": unexpected argument "disk.img"',
      explain,
    ],
    [
      ["explain", "--", "--json"],
      'Cannot run "backstore explain": unexpected argument "--json"',
      explain,
    ],
    [
      ["initramfs"],
      'Cannot run "backstore initramfs": --modules is required',
      'Hint: see "backstore initramfs --help"',
    ],
    [
      ["initramfs", "--modules", "/m", "--output", "/o", "--compress", "xz\n"],
      'Cannot run "backstore initramfs": unsupported compression "xz\\n": choose zstd or gzip',
      'Hint: see "backstore initramfs --help"',
    ],
  ];
  for (const [words, sentence, hint] of cases) {
    test(`${JSON.stringify(words)}: ${sentence}`, async () => {
      const ended = await call(createMemory(), words);
      expect(ended).toEqual({
        status: exitStatus.usage,
        stdout: "",
        stderr: `backstore: ${sentence}\n${hint}\n`,
      });
    });
  }

  const operands: readonly (readonly [words: readonly string[], found: string])[] = [
    [["label"], "DEV and NAME are missing"],
    [["label", "/dev/sda"], "NAME is missing"],
    [["label", "/dev/sda", "a", "b"], 'unexpected argument "b"'],
    [["grow"], "SIZE is missing"],
    [["grow", "/store.bs"], "SIZE is missing"],
    [["shrink", "/store.bs"], "SIZE is missing"],
    [["grow", "/store.bs", "1G", "2G"], 'unexpected argument "2G"'],
    [["create", "--device", "/dev/sda", "a"], 'unexpected argument "a"'],
    [["create", "--directory", "/mnt", "a"], 'unexpected argument "a"'],
    [["status", "a"], 'unexpected argument "a"'],
    [["list", "a"], 'unexpected argument "a"'],
    [["check", "/a", "b"], 'unexpected argument "b"'],
    [["initramfs", "a"], 'unexpected argument "a"'],
  ];
  for (const [words, found] of operands) {
    test(`${words.join(" ")}: ${found}`, async () => {
      const ended = await call(createMemory(), words);
      expect(ended).toEqual({
        status: exitStatus.usage,
        stdout: "",
        stderr: `backstore: Cannot run "backstore ${words[0]}": ${found}\nHint: see "backstore ${words[0]} --help"\n`,
      });
    });
  }

  test("a value may look like a flag when it is joined", async () => {
    const { status, stdout } = await call(createMemory(), ["explain", "--cmdline=--json"]);
    expect([status, stdout.startsWith("Session: ")]).toEqual([0, true]);
  });

  test("a bug is not turned into a sentence", async () => {
    const memory = createMemory();
    const broken = {
      ...memory,
      system: {
        ...memory.system,
        kernel() {
          throw new TypeError("no");
        },
      },
    };
    await expect(call(broken, ["explain"])).rejects.toThrow(TypeError);
  });
});
