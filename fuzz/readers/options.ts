// What is read from a kernel command line, from a medium's YAML files, and from what people type.

import { type Menu, parseAnswer } from "../../src/core/choosing/menu.ts";
import {
  formatDeviceReference,
  isDeviceReference,
  parseDeviceReference,
} from "../../src/core/devices/device-reference.ts";
import { findLabelFault } from "../../src/core/file-systems/labels.ts";
import { parseMountOptions } from "../../src/core/kernel/mount-flags.ts";
import { readOemStrings } from "../../src/core/kernel/smbios.ts";
import { parseModuleSettings } from "../../src/core/modules/module-settings.ts";
import { parseBackstore } from "../../src/core/options/backstore-option.ts";
import { formatParameter, parseCommandLine } from "../../src/core/options/cmdline.ts";
import { findCredential } from "../../src/core/options/credential.ts";
import { matchMisspeltName } from "../../src/core/options/option-names.ts";
import { backstoreWords, optionNames } from "../../src/core/options/options-table.ts";
import { readOptions } from "../../src/core/options/read-options.ts";
import { makeYamlParser } from "../../src/core/options/yaml-config.ts";
import { Failure } from "../../src/core/text/failure.ts";
import { parseInnerPath } from "../../src/core/text/path.ts";
import { formatLine, formatQuoted, formatShellWord } from "../../src/core/text/quoted.ts";
import { formatMemorySize, parseMemorySize, parseStoreSize } from "../../src/core/text/size.ts";
import { partsOf, promise, promiseSame, type Reader, textOf } from "./reader.ts";

const names = optionNames.map((name) => `${name}=`);
const words = backstoreWords.map(({ word }) => word);

// Anything that a terminal would act on, or that forges a line.
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are meant
const acting = /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/;

/** Checks sentences that go to a console as they are. */
function checkSentences(problems: readonly { readonly message: string }[]): void {
  for (const { message } of problems) {
    promise(message.length < 4096, "a sentence is short");
    promise(!acting.test(message), "a sentence has nothing that a terminal acts on");
  }
}

/** Checks that many repeated words give few sentences, none of which is long. */
function checkProblems(problems: readonly { readonly message: string }[]): void {
  checkSentences(problems.slice(0, 100));
}

/** Returns undefined for what is refused by a Failure. */
function unlessRefused<T>(action: () => T): T | undefined {
  try {
    return action();
  } catch (error) {
    if (error instanceof Failure) {
      checkSentences([error]);
      return undefined;
    }
    throw error;
  }
}

const menu: Menu = {
  occasion: "ask",
  stores: [],
  byEnter: { kind: "volatile" },
  missing: undefined,
};

const outside = { defaults: undefined, commandLine: "" };

const yamlWords = [
  ...["global:\n", "  cow_label: ", "- ", "? ", ": ", "&a ", "*a", "<<: *a", "!!str ", "!!binary "],
  ...["--- ", "...\n", "%YAML 1.2\n", "|\n", ">-\n", "#", "'", '"', "{", "}", "[", "]", "\\u0041"],
  ...["autorun:\n", "copytoram: true\n", "\t"],
];

const readersOfOptions: readonly Reader[] = [
  {
    name: "command-line",
    words: ["--", '"', "=", " ", ...names, "modprobe.blacklist=", "usbcore.quirks="],
    read: (input) => {
      const text = textOf(input);
      const { parameters } = parseCommandLine(text);
      for (const parameter of parameters.slice(0, 20)) {
        const formatted = unlessRefused(() => formatParameter(parameter));
        if (formatted === undefined) continue;
        promiseSame(parseCommandLine(formatted).parameters, [parameter], "a parameter reads back");
      }
      parseModuleSettings(text);
    },
  },
  {
    name: "backstore-words",
    words: [...words, ",", "=", '"', "LABEL=", "UUID=", "/dev/disk/by-label/", "\\x20", "..", "/"],
    read: (input) => checkProblems(parseBackstore(textOf(input)).problems),
  },
  {
    name: "yaml",
    words: [...yamlWords, ...optionNames],
    read: (input) =>
      checkProblems(makeYamlParser()({ file: "sysrescue.d/a.yaml", text: textOf(input) }).problems),
  },
  {
    // The initramfs's defaults, the command line, and the rest as a YAML file.
    name: "options",
    words: [...names, ...words, ...yamlWords, "\n"],
    read: (input) => {
      const [defaults, commandLine = "", text = ""] = partsOf(input, 3);
      const { problems } = readOptions({
        defaults,
        yaml: [
          { file: "sysrescue.d/a.yaml", text },
          { file: "sysrescue.d/b.yaml", problem: "it is a directory" },
        ],
        commandLine,
      });
      checkProblems(problems);
    },
  },
  {
    // The firmware's table, as it is.
    name: "credential",
    words: ["io.systemd.credential:backstore.cmdline=", "\0\0", "\u000b\u0005", ...names],
    read: (input) => {
      const credential = findCredential(readOemStrings(input));
      checkProblems(readOptions({ yaml: [], credential, ...outside }).problems);
    },
  },
  {
    name: "option-names",
    words: optionNames,
    read: (input) => {
      matchMisspeltName(textOf(input));
    },
  },
  {
    name: "device-reference",
    words: [
      "/dev/",
      "/dev/disk/by-",
      "label/",
      "LABEL=",
      "PARTUUID=",
      '"',
      "\\x",
      "\\xc3\\xa9",
      "..",
    ],
    read: (input) => {
      const text = textOf(input);
      isDeviceReference(text);
      const found = unlessRefused(() => parseDeviceReference(text));
      if (found?.kind !== "path") return;
      promise(found.path.startsWith("/dev/"), "a device is below /dev");
      promise(!found.path.split("/").includes(".."), "a device's path leads nowhere else");
      promiseSame(parseDeviceReference(formatDeviceReference(found)), found, "a path reads back");
    },
  },
  {
    name: "inner-path",
    words: ["/", "..", ".", "//", "\0"],
    read: (input) => {
      const found = unlessRefused(() => parseInnerPath(textOf(input)));
      if (found === undefined) return;
      promise(!found.startsWith("/") && !found.split("/").includes(".."), "a path stays inside");
      promise(parseInnerPath(found) === found, "a path reads back");
    },
  },
  {
    name: "size",
    words: ["%", ".", "KiB", "MB", "g", " ", "0"],
    read: (input) => {
      const text = textOf(input);
      const bytes = parseStoreSize(text);
      promise(bytes === undefined || (Number.isSafeInteger(bytes) && bytes > 0), "a size is one");
      const size = parseMemorySize(text);
      if (size !== undefined) promise(!formatMemorySize(size).includes("NaN"), "a size has words");
    },
  },
  {
    name: "mount-options",
    words: [",", '"', "ro", "rw", "noatime", "x-a", "context="],
    read: (input) => {
      const { data } = parseMountOptions(textOf(input));
      promiseSame(parseMountOptions(data).data, data, "what the file system gets reads back");
    },
  },
  {
    name: "menu-answer",
    words: ["v", "again", "poweroff", "1"],
    read: (input) => {
      parseAnswer(textOf(input), menu);
    },
  },
  {
    name: "label",
    read: (input) => {
      for (const unit of ["bytes", "characters"] as const)
        findLabelFault(textOf(input), { type: "ext4", longest: 16, unit });
    },
  },
  {
    name: "quoted",
    words: ["\u2028", "\u202e", "\u001b[2J", '"', "\\", "\ufeff", "\u0085"],
    read: (input) => {
      const text = textOf(input);
      promise(
        !acting.test(formatQuoted(text)),
        "a quoted value has nothing that a terminal acts on",
      );
      promise(formatQuoted(text).length <= 6 * 101 + 2, "a quoted value is short");
      promise(!acting.test(formatLine(text)), "a line has nothing that a terminal acts on");
      promise(!acting.test(formatShellWord(text)), "a word has nothing that a terminal acts on");
    },
  },
];

export { readersOfOptions };
