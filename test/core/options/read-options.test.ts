import { describe, expect, test } from "vitest";
import { readOptions } from "../../../src/core/options/read-options.ts";

const empty = { defaults: undefined, yaml: [], commandLine: "" };

describe("readOptions()", () => {
  test("readOptions() lets the command line win over YAML files, these over each other by name, and all over the initramfs", () => {
    const { options, problems } = readOptions({
      defaults: "cow_label=initramfs cow_flags=initramfs archisolabel=initramfs cow_spacesize=1M",
      yaml: [
        { file: "100.yaml", text: "global:\n  cow_label: first\n  cow_flags: first\n" },
        { file: "200.yaml", text: "global:\n  cow_label: second\n" },
      ],
      commandLine: "cow_label=cmdline",
    });
    expect(problems).toEqual([]);
    expect(options.cow_label).toEqual({ value: "cmdline", origin: "command line" });
    expect(options.cow_flags).toEqual({ value: "first", origin: { file: "100.yaml", line: 3 } });
    expect(options.archisolabel).toEqual({ value: "initramfs", origin: "initramfs" });
    expect(options.cow_spacesize).toEqual({ value: { bytes: 1 << 20 }, origin: "initramfs" });
    expect(options.cow_directory).toEqual({ value: undefined, origin: "default" });
  });

  test("readOptions() lets the credential win over files, and the command line over it", () => {
    const { options, problems } = readOptions({
      ...empty,
      yaml: [{ file: "100.yaml", text: "global:\n  cow_label: file\n  cow_flags: file\n" }],
      credential: "cow_label=given cow_flags=given archisolabel=given copytoram=maybe",
      commandLine: "cow_label=cmdline",
    });
    expect(options.cow_label).toEqual({ value: "cmdline", origin: "command line" });
    expect(options.cow_flags).toEqual({ value: "given", origin: "credential" });
    expect(options.archisolabel).toEqual({ value: "given", origin: "credential" });
    expect(problems.map(({ message }) => message)).toEqual([
      'Cannot use copytoram "maybe": expected "yes" or "no" (in the credential backstore.cmdline)',
    ]);
  });

  test("readOptions() takes nothing of a credential that is longer than a command line", () => {
    const read = (letters: number) =>
      readOptions({ ...empty, credential: `cow_label=${"a".repeat(letters)}` });
    expect(read(4086)).toMatchObject({
      problems: [],
      options: { cow_label: { origin: "credential" } },
    });
    expect(read(4087)).toMatchObject({
      problems: [
        {
          message: "Cannot use the credential backstore.cmdline: it is longer than 4096 characters",
        },
      ],
      options: { cow_label: { origin: "default" } },
    });
  });

  test("readOptions() reads the other files where one cannot be read", () => {
    const { options, problems } = readOptions({
      ...empty,
      yaml: [
        { file: "100.yaml", problem: "it is larger than 1 MiB" },
        { file: "200.yaml", text: "global: {cow_label: a" },
        { file: "300.yaml", text: "global:\n  cow_label: b\n" },
      ],
    });
    expect(options.cow_label.value).toBe("b");
    expect(problems.map(({ file, message }) => [file, message])).toEqual([
      ["100.yaml", "Cannot read the file: it is larger than 1 MiB"],
      ["200.yaml", expect.stringMatching(/./)],
    ]);
  });

  test("readOptions() reads files while they have 40,000 tokens in all", () => {
    const tokens = (label: string) => `global:\n  cow_label: ${label}\nx: [${"a,".repeat(6000)}]\n`;
    const { options, problems } = readOptions({
      ...empty,
      yaml: ["a", "b", "c"].map((name) => ({ file: name, text: tokens(name) })),
    });
    expect(options.cow_label.value).toBe("b");
    expect(problems.map(({ file, message }) => [file, message])).toEqual([
      ["c", "Cannot use the file: the files contain more than 40000 tokens in all"],
    ]);
  });

  test("readOptions() takes nothing of what belongs to init", () => {
    expect(
      readOptions({ ...empty, commandLine: "quiet -- cow_label=x" }).options.cow_label,
    ).toEqual({
      value: undefined,
      origin: "default",
    });
  });
});
