// The command line as a whole: help, versions, and calls that do not fit.
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { commands } from "../../src/cli/command-table.ts";
import { exitStatus } from "../../src/core/text/failure.ts";
import { call } from "../support/call.ts";
import { createMemory } from "../support/memory.ts";

const golden = (name: string) => join(import.meta.dirname, `../golden/cli/${name}.txt`);

describe("help", () => {
  for (const words of [["--help"], ["-h"], ["help"]]) {
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

  test("every help fits a terminal of 100 columns", async () => {
    for (const { name } of commands) {
      const { stdout } = await call(createMemory(), [name, "--help"]);
      expect(stdout.split("\n").filter((line) => line.length > 100)).toEqual([]);
    }
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
    [["--json", "explain"], 'Cannot run "--json": unknown command', overall],
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
    [["grow"], "PATH and SIZE are missing"],
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
