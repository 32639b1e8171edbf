// "backstore explain" with hostile labels, command lines and YAML files: each ends with a session,
// and no shell sees any of it.
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { directory, explain, explainJson, ext4, makeStore, users } from "./explain-call.ts";
import { run } from "./programs.ts";

const store = makeStore("store", [...ext4, "-L", "store"]);

describe("backstore explain takes any label", () => {
  const labels = [
    "two words",
    "$(id)",
    "a'b\"c",
    "`id`;&|",
    "two\nlines",
    "Größe ☃",
    "\u001b[2J",
    "-x",
    "0123456789abcdef",
  ];
  for (const label of labels) {
    test(`backstore explain finds the label ${JSON.stringify(label)}, as any user`, () => {
      const image = makeStore(`label-${labels.indexOf(label)}`, [...ext4, "-L", label], 4);
      mkdirSync(join(directory, "labels"), { recursive: true });
      // JSON strings are YAML.
      writeFileSync(
        join(directory, "labels/a.yaml"),
        `global:\n    cow_label: ${JSON.stringify(label)}\n`,
      );
      const words = ["--image", image, "--yaml", "labels"];
      for (const [, prefix] of users) {
        const { session, candidates } = explainJson(words, prefix);
        expect([session, candidates.map((one) => one.label)]).toEqual(["persistent", [label]]);
        const { stdout } = explain(words, prefix);
        // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are searched for
        expect(stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/);
        expect(stdout).not.toContain("uid=");
      }
    });
  }
});

describe("backstore explain takes any command line", () => {
  const nasty = [
    '"'.repeat(4096),
    "=".repeat(4096),
    ",".repeat(4096),
    `cow_label=${"x".repeat(4080)}`,
    `cow_directory=${"a/".repeat(2000)}`,
    `backstore=${"/".repeat(4000)}`,
    "cow_label= ".repeat(370),
    "$(touch pwned) `touch pwned` ; touch pwned | touch pwned & touch pwned",
    "cow_label=$(touch$IFS$9pwned)",
    "-- -- cow_label=store",
    "cow_device=/dev/disk/by-label/\\xff\\xfe\\x00",
    "cow_device=/dev/../etc/passwd cow_flags=,,,,=,= cow_spacesize=9999999999999999999999P",
    "__proto__=1 constructor=2 toString hasOwnProperty=3 backstore=__proto__",
    "\u001b]0;title\u0007 \u0001\u0002 \ufeff \u202e cow_label=\u202e",
    `backstore=${"wait=1,".repeat(580)}`,
    "backstore=required cow_label=nothing",
  ];
  for (const line of nasty) {
    test(`backstore explain reads ${JSON.stringify(line.slice(0, 40))}…, as any user`, () => {
      for (const [, prefix] of users) explainJson(["--image", store, `--cmdline=${line}`], prefix);
      expect(run(["ls", directory])).not.toContain("pwned");
    });
  }

  test("backstore explain reads 4096 bytes of noise", () => {
    const noise = fc
      .string({ unit: "binary", minLength: 1000, maxLength: 1024 })
      .map((text) => text.replaceAll("\u0000", "x"));
    const words = fc
      .array(
        fc.constantFrom(
          "cow_label",
          "cow_device",
          "backstore",
          "=",
          '"',
          ",",
          " ",
          "/",
          "..",
          "off",
          "LABEL",
          "\n",
        ),
        { minLength: 500, maxLength: 700 },
      )
      .map((parts) => parts.join(""));
    fc.assert(
      fc.property(fc.oneof(noise, words), (line) => {
        explainJson(["--image", store, `--cmdline=${line}`]);
      }),
      { numRuns: 60 },
    );
  });
});

describe("backstore explain takes any YAML file", () => {
  const bomb = `a: &a [${"x,".repeat(50)}x]\n${"bcdefghij"
    .split("")
    .map((name, index) => `${name}: &${name} [${`*${"abcdefghij"[index]},`.repeat(50)}x]`)
    .join("\n")}\nglobal: *j\n`;
  const hostile: readonly (readonly [name: string, content: string | Uint8Array])[] = [
    ["a bomb of aliases", bomb],
    ["an alias of itself", "global: &a\n    cow_label: *a\n"],
    ["deep lists", `global: ${"[".repeat(20000)}`],
    ["deep maps", Array.from({ length: 3000 }, (_, depth) => `${" ".repeat(depth)}a:`).join("\n")],
    ["bytes", Uint8Array.from({ length: 4096 }, (_, index) => (index * 7919) % 256)],
    ["zeroes", new Uint8Array(65536)],
    ["a tag", "global: !!js/function 'function () { return 1 }'\n"],
    ["keys of objects", "__proto__: {cow_label: store}\nglobal: {__proto__: {cow_label: store}}\n"],
    ["two documents", "global: {cow_label: a}\n---\nglobal: {cow_label: b}\n"],
    ["a long line", `global: {cow_label: ${"x".repeat(1_000_000)}}\n`],
    ["more than a megabyte", `#${"x".repeat(1 << 20)}\n`],
    ["shell", "global:\n    cow_label: \"$(touch pwned)'; touch pwned; '\"\n"],
    ["nothing", ""],
  ];
  for (const [name, content] of hostile) {
    test(`backstore explain reads ${name}`, () => {
      const at = join(directory, `yaml-${hostile.findIndex(([other]) => other === name)}`);
      mkdirSync(at);
      writeFileSync(join(at, "100.yaml"), content);
      writeFileSync(join(at, "200.yaml"), "global:\n    cow_flags: noatime\n");
      const { options } = explainJson(["--image", store, "--yaml", at]);
      // What is wrong with one file does not affect the others.
      expect(options).toMatchObject({ cow_flags: { value: "noatime", origin: { line: 2 } } });
      expect(run(["ls", directory])).not.toContain("pwned");
    });
  }

  test("backstore explain waits for no pipe and follows no link to a device in a YAML directory", () => {
    const at = join(directory, "yaml-odd");
    mkdirSync(at);
    run(["mkfifo", join(at, "a.yaml")]);
    symlinkSync("/dev/zero", join(at, "b.yaml"));
    symlinkSync("c.yaml", join(at, "c.yaml"));
    const { problems } = explainJson(["--image", store, "--yaml", at]);
    expect(problems.map(({ file }) => file)).toEqual(["a.yaml", "b.yaml", "c.yaml"]);
  });
});
