import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { defaultBackstore } from "../../../src/core/options/backstore-option.ts";
import { parseCommandLine } from "../../../src/core/options/cmdline.ts";
import type { Source } from "../../../src/core/options/option-source.ts";
import { type Options, resolveOptions } from "../../../src/core/options/options.ts";
import { isOptionName, optionNames } from "../../../src/core/options/options-table.ts";

type Texts = Readonly<Record<string, string | undefined>>;

function yaml(file: string, texts: Texts): Source {
  const entries = Object.entries(texts).map(([name, value], index) => ({
    name,
    value,
    line: index + 2,
    column: 3,
  }));
  return { origin: { file }, entries };
}

function commandLine(text: string): Source {
  return { origin: "command line", entries: parseCommandLine(text).parameters };
}

function initramfs(text: string): Source {
  return { origin: "initramfs", entries: parseCommandLine(text).parameters };
}

function values(options: Options): Record<string, unknown> {
  return Object.fromEntries(optionNames.map((name) => [name, options[name].value]));
}

const nobody = {
  backstore: defaultBackstore,
  cow_label: undefined,
  cow_device: undefined,
  cow_directory: undefined,
  cow_flags: undefined,
  cow_spacesize: { percent: 50 },
  copytoram: false,
  docache: false,
  loadsrm: false,
  checksum: false,
  copytoram_size: undefined,
  sysrescuecfg: [],
  archisolabel: undefined,
  archisodevice: undefined,
  archisobasedir: undefined,
};

describe("resolveOptions() reads each option", () => {
  const given = { ...defaultBackstore, explicit: true };
  const cases: [string, object][] = [
    ["", {}],
    ["root=/dev/sda1 quiet backstored.x=1", {}],
    ["backstore", { backstore: given }],
    ["backstore=", {}],
    ["backstore=off", { backstore: { ...given, off: true } }],
    ["backstore=alldev,/my.bs", { backstore: { ...given, alldev: true, path: "/my.bs" } }],
    ["backstore=off backstore=readonly", { backstore: { ...given, readonly: true } }],
    ["cow_label=data", { cow_label: "data" }],
    ["cow_label=2024", { cow_label: "2024" }],
    ['cow_label="my data"', { cow_label: "my data" }],
    ['cow_label="a\nb"', { cow_label: "a\nb" }],
    ["cow_label=$(reboot)`id`';", { cow_label: "$(reboot)`id`';" }],
    ["cow_label=雪", { cow_label: "雪" }],
    ["cow_device=/dev/sdb1", { cow_device: { kind: "path", path: "/dev/sdb1" } }],
    ["cow_device=UUID=1A2B-3C4D", { cow_device: { kind: "uuid", value: "1A2B-3C4D" } }],
    ["cow_device=/dev/disk/by-label/a\\x20b", { cow_device: { kind: "label", value: "a b" } }],
    ["cow_directory=/store/x", { cow_directory: "store/x" }],
    ["cow_flags=noatime,subvol=@x", { cow_flags: "noatime,subvol=@x" }],
    ["cow_spacesize=2G", { cow_spacesize: { bytes: 2 ** 31 } }],
    ["cow_spacesize=25%", { cow_spacesize: { percent: 25 } }],
    ["cow_spacesize=1048576", { cow_spacesize: { bytes: 2 ** 20 } }],
    ["copytoram", { copytoram: true }],
    ["loadsrm", { loadsrm: true }],
    ["checksum=y", { checksum: true }],
    ["copytoram_size=90%", { copytoram_size: { percent: 90 } }],
    ["sysrescuecfg=a.yaml sysrescuecfg=/b", { sysrescuecfg: ["a.yaml", "/b"] }],
    ["sysrescuecfg sysrescuecfg=", {}],
    ["copytoram=Yes docache=1", { copytoram: true, docache: true }],
    ["copytoram=y copytoram=n docache=false", {}],
    ["archisolabel=RESUCE904", { archisolabel: "RESUCE904" }],
    ["archisodevice=/dev/sr0", { archisodevice: { kind: "path", path: "/dev/sr0" } }],
    ["archisobasedir=/sysresccd", { archisobasedir: "sysresccd" }],
    ["-- backstore=off cow_label=x", {}],
  ];
  for (const [text, says] of cases) {
    test(`resolveOptions() reads ${JSON.stringify(text)}`, () => {
      const { options, problems } = resolveOptions([commandLine(text)]);
      expect(values(options)).toEqual({ ...nobody, ...says });
      expect(options.refused).toBeUndefined();
      expect(problems).toEqual([]);
    });
  }
});

describe("resolveOptions() lets later sources win", () => {
  const a = yaml("100.yaml", { cow_label: "one", copytoram: "yes", backstore: "alldev" });
  const b = yaml("200.yaml", { cow_label: "two", cow_flags: "noatime" });
  const cases: { name: string; sources: Source[]; says: object }[] = [
    {
      name: "a later file over an earlier one",
      sources: [a, b],
      says: { cow_label: "two", cow_flags: "noatime", copytoram: true },
    },
    {
      name: "the command line over files",
      sources: [a, b, commandLine("cow_label=three copytoram=no")],
      says: { cow_label: "three", copytoram: false },
    },
    {
      name: "files over the initramfs",
      sources: [initramfs("cow_label=zero cow_spacesize=1G"), a],
      says: { cow_label: "one", cow_spacesize: { bytes: 2 ** 30 } },
    },
    {
      name: "the whole of backstore=",
      sources: [a, commandLine("backstore=readonly")],
      says: { backstore: { ...defaultBackstore, explicit: true, readonly: true } },
    },
    {
      name: "a device over a label",
      sources: [a, commandLine("cow_device=/dev/sdb1")],
      says: { cow_label: undefined, cow_device: { kind: "path", path: "/dev/sdb1" } },
    },
    {
      name: "a label over a device",
      sources: [yaml("1.yaml", { cow_device: "UUID=x" }), a],
      says: { cow_label: "one", cow_device: undefined },
    },
    {
      name: "nothing over a label",
      sources: [a, commandLine("cow_label=")],
      says: { cow_label: undefined, cow_device: undefined },
    },
    {
      name: "nothing over a label, by the device",
      sources: [a, commandLine("cow_device=")],
      says: { cow_label: undefined, cow_device: undefined },
    },
    {
      name: "nothing over a label, and a device beside",
      sources: [a, commandLine("cow_device=LABEL=x cow_label=")],
      says: { cow_label: undefined, cow_device: { kind: "label", value: "x" } },
    },
    {
      name: "nothing over the rest",
      sources: [
        yaml("1.yaml", { cow_flags: "ro", cow_spacesize: "1G", copytoram: "1", backstore: "off" }),
        commandLine("cow_flags= cow_spacesize= copytoram= backstore="),
      ],
      says: nobody,
    },
    {
      name: "an empty value in a later file too",
      sources: [b, yaml("300.yaml", { cow_flags: "" })],
      says: { cow_flags: undefined, cow_label: "two" },
    },
    {
      name: "the bare word over the initramfs's off",
      sources: [initramfs("backstore=off"), commandLine("backstore")],
      says: { backstore: { ...defaultBackstore, explicit: true } },
    },
  ];
  for (const { name, sources, says } of cases) {
    test(`resolveOptions() puts ${name}`, () => {
      expect(values(resolveOptions(sources).options)).toMatchObject(says);
    });
  }
});

test("resolveOptions() says who gave each value", () => {
  const { options } = resolveOptions([
    initramfs("cow_spacesize=1G copytoram"),
    yaml("sysrescue.d/100.yaml", { cow_label: "one", cow_flags: "noatime", docache: "y" }),
    commandLine("copytoram=no docache= cow_device=/dev/sdb1"),
  ]);
  const origins = Object.fromEntries(optionNames.map((name) => [name, options[name].origin]));
  expect(origins).toEqual({
    backstore: "default",
    cow_label: "command line",
    cow_device: "command line",
    cow_directory: "default",
    cow_flags: { file: "sysrescue.d/100.yaml", line: 3 },
    cow_spacesize: "initramfs",
    copytoram: "command line",
    docache: "command line",
    loadsrm: "default",
    checksum: "default",
    copytoram_size: "default",
    sysrescuecfg: "default",
    archisolabel: "default",
    archisodevice: "default",
    archisobasedir: "default",
  });
  expect(JSON.parse(JSON.stringify(options.cow_device))).toEqual({
    value: { kind: "path", path: "/dev/sdb1" },
    origin: "command line",
  });
});

describe("resolveOptions() names what it does not take, and keeps what held before", () => {
  const cases: { name: string; sources: Source[]; problem: object; says: object }[] = [
    {
      name: "a size",
      sources: [yaml("1.yaml", { cow_spacesize: "1G" }), commandLine("cow_spacesize=lots")],
      problem: {
        message: 'Cannot use cow_spacesize "lots": expected a size such as "256M", "2G" or "50%"',
      },
      says: { cow_spacesize: { bytes: 2 ** 30 } },
    },
    {
      name: "a switch",
      sources: [yaml("1.yaml", { copytoram: "maybe" })],
      problem: {
        message: 'Cannot use copytoram "maybe": expected "yes" or "no"',
        file: "1.yaml",
        line: 2,
        column: 3,
      },
      says: { copytoram: false },
    },
    {
      name: "a bare word",
      sources: [yaml("1.yaml", { cow_label: "one" }), commandLine("cow_label")],
      problem: { message: 'Cannot use cow_label: it needs a value, as in "cow_label=…"' },
      says: { cow_label: "one" },
    },
    {
      name: "a bare word beside a device",
      sources: [commandLine("cow_device=LABEL=x cow_label")],
      problem: { message: 'Cannot use cow_label: it needs a value, as in "cow_label=…"' },
      says: { cow_device: { kind: "label", value: "x" } },
    },
    {
      name: "a bare word for a directory",
      sources: [yaml("1.yaml", { cow_directory: "a" }), commandLine("cow_directory")],
      problem: { message: 'Cannot use cow_directory: it needs a value, as in "cow_directory=…"' },
      says: { cow_directory: "a" },
    },
    {
      name: "a bare word of another option",
      sources: [commandLine("cow_flags")],
      problem: { message: 'Cannot use cow_flags: it needs a value, as in "cow_flags=…"' },
      says: { cow_flags: undefined },
    },
    {
      name: "the medium's label in a file",
      sources: [yaml("1.yaml", { archisolabel: "X" })],
      problem: {
        message: "Cannot use archisolabel in a file: it is accepted only on the command line",
        file: "1.yaml",
        line: 2,
        column: 3,
      },
      says: { archisolabel: undefined },
    },
    {
      name: "the medium's device",
      sources: [commandLine("archisodevice=sda")],
      problem: {
        message:
          'Cannot use archisodevice "sda": expected "/dev/…", "LABEL=…", "UUID=…", "PARTLABEL=…" or "PARTUUID=…"',
      },
      says: { archisodevice: undefined },
    },
    {
      name: "a way out of the medium",
      sources: [commandLine("archisobasedir=../x")],
      problem: {
        message: 'Cannot use archisobasedir "../x": ".." would lead out of the file system',
      },
      says: { archisobasedir: undefined },
    },
    {
      name: "a word of backstore=",
      sources: [initramfs("backstore=alldevs,wait=5")],
      problem: {
        message:
          'Cannot use "alldevs" in backstore: unknown word, did you mean "alldev"? (in the initramfs\'s defaults)',
      },
      says: { backstore: { ...defaultBackstore, explicit: true, waitSeconds: 5 } },
    },
    {
      name: "a label and a device in one source",
      sources: [commandLine("cow_device=/dev/sdb1 cow_label=data")],
      problem: {
        message:
          'Cannot use both cow_device "/dev/sdb1" and cow_label "data": they name the same thing; using cow_label, which comes last',
      },
      says: { cow_label: "data", cow_device: undefined },
    },
    {
      name: "two kinds of store",
      sources: [yaml("1.yaml", { cow_label: "data" }), commandLine("backstore=alldev")],
      problem: {
        message:
          'Cannot use both kinds of store: backstore asks for a file store and cow_label "data" for a directory store; using the directory store',
        file: "1.yaml",
        line: 2,
        column: 3,
      },
      says: { cow_label: "data" },
    },
    {
      name: "a target above the initramfs's off",
      sources: [initramfs("backstore=off"), commandLine("cow_label=data")],
      problem: {
        message: 'Cannot use cow_label "data": backstore=off overrides it',
      },
      says: { backstore: { ...defaultBackstore, explicit: true, off: true } },
    },
    {
      name: "a misspelt name",
      sources: [yaml("1.yaml", { cow_lable: "data" })],
      problem: {
        message: 'Cannot use "cow_lable": unknown option, did you mean "cow_label"?',
        file: "1.yaml",
        line: 2,
        column: 3,
      },
      says: { cow_label: undefined },
    },
    {
      name: "a misspelt name, once",
      sources: [commandLine("cow-label=a cow-label=b")],
      problem: {
        message: 'Cannot use "cow-label": unknown option, did you mean "cow_label"?',
      },
      says: { cow_label: undefined },
    },
    {
      name: "an option of SystemRescue, once",
      sources: [
        yaml("1.yaml", { findroot: "true", verify: "false" }),
        commandLine("findroot findroot=y"),
      ],
      problem: {
        message:
          'Cannot use "findroot" in this initramfs: it starts no system from a disk; use the add-on with the distribution\'s own initramfs (backstore-addon(7))',
        isOfInitramfs: true,
      },
      says: {},
    },
  ];
  for (const { name, sources, problem, says } of cases) {
    test(`resolveOptions() names ${name}`, () => {
      const { options, problems } = resolveOptions(sources);
      expect(problems).toEqual([problem]);
      expect(values(options)).toMatchObject(says);
    });
  }
});

describe("resolveOptions() does not mention", () => {
  const cases: [string, Source[]][] = [
    [
      "options of other programs",
      [yaml("1.yaml", { dostartx: "true", rootshell: "/bin/zsh", nocow: "x" })],
    ],
    [
      "options of SystemRescue that are switched off",
      [yaml("1.yaml", { loadsrm: "false", checksum: "no" })],
    ],
    [
      "the words that go with a directory store",
      [commandLine("cow_label=x backstore=readonly,wait=5")],
    ],
    [
      "a file's label that off is set against",
      [yaml("1.yaml", { cow_label: "x" }), commandLine("backstore=off")],
    ],
    ["a label that off stands beside", [commandLine("cow_label=x backstore=off,alldev")]],
  ];
  for (const [is, sources] of cases) {
    test(`resolveOptions() does not mention ${is}`, () => {
      expect(resolveOptions(sources).problems).toEqual([]);
    });
  }
});

describe("resolveOptions() refuses every store where it does not take the place", () => {
  const file = { cow_label: "x", cow_directory: "good" };
  const cases: { text: string; file: Texts; refused: string | undefined }[] = [
    {
      text: "cow_label=data cow_directory=../../x",
      file: {},
      refused: 'Cannot use cow_directory "../../x": ".." would lead out of the file system',
    },
    {
      text: "cow_directory=a/..",
      file,
      refused: 'Cannot use cow_directory "a/..": ".." would lead out of the file system',
    },
    {
      text: "cow_directory=/",
      file,
      refused: 'Cannot use cow_directory "/": it contains no name',
    },
    {
      text: "cow_device=/dev/disk/by-id/y",
      file,
      refused:
        'Cannot use cow_device "/dev/disk/by-id/y": links by "id" are not supported, only by label, uuid, partlabel and partuuid',
    },
    {
      text: "backstore=/../x",
      file: {},
      refused: 'Cannot use the path of backstore "/../x": ".." would lead out of the file system',
    },
    { text: "cow_directory=", file: { cow_label: "x", cow_directory: "../x" }, refused: undefined },
    {
      text: "cow_directory=y",
      file: { cow_label: "x", cow_directory: "../x" },
      refused: undefined,
    },
    { text: "cow_label=y", file: { cow_device: "LABEL=" }, refused: undefined },
    { text: "backstore=", file: { backstore: "/.." }, refused: undefined },
    { text: "cow_label=x backstore=/..", file: {}, refused: undefined },
  ];
  for (const { text, file, refused } of cases) {
    test(`resolveOptions() ${refused ? "refuses" : "takes"} ${JSON.stringify({ text, file })}`, () => {
      const { options, problems } = resolveOptions([yaml("1.yaml", file), commandLine(text)]);
      expect(options.refused).toBe(refused);
      expect(problems).toHaveLength(1);
    });
  }
});

test("resolveOptions() takes any text for any option", () => {
  const text = fc.option(
    fc.oneof(
      fc.string({ unit: "binary" }),
      fc.string({ unit: fc.constantFrom("/", ".", '"', ",", "=", "%", "0", "LABEL=") }),
    ),
    { nil: undefined },
  );
  const entries = fc.array(fc.record({ name: fc.constantFrom(...optionNames), value: text }));
  fc.assert(
    fc.property(entries, entries, entries, (first, second, third) => {
      const { options, problems } = resolveOptions([
        { origin: "initramfs", entries: first },
        { origin: { file: "x.yaml" }, entries: second },
        { origin: "command line", entries: third },
      ]);
      const named = [options.cow_label.value, options.cow_device.value].filter(
        (value) => value !== undefined,
      );
      expect(named.length).toBeLessThanOrEqual(1);
      expect(options.cow_directory.value ?? "x").not.toMatch(/(^|\/)\.{0,2}(\/|$)/);
      // A sentence on one line, whatever was in the value.
      for (const { message } of problems) expect(message).toMatch(/^Cannot \P{Cc}+[^.]$/u);
    }),
    { numRuns: 500 },
  );
});

test("resolveOptions() takes 4,096 bytes of noise for a command line", () => {
  const noise = fc.array(fc.constantFrom(...'abcow_=" \n\t,/-é$(){}%0'), {
    minLength: 4096,
    maxLength: 4096,
  });
  fc.assert(
    fc.property(noise, (characters) => {
      const { options } = resolveOptions([commandLine(characters.join(""))]);
      expect(optionNames.every((name) => isOptionName(name) && "value" in options[name])).toBe(
        true,
      );
    }),
    { numRuns: 20 },
  );
});
