// docs/boot-options.md, rendered from the options table, so that the document cannot differ from
// the program. Written by `npm run docs`; test/architecture.test.ts fails if the file is stale.

import {
  backstoreWords,
  type OptionRow,
  optionTable,
  unsupportedOptions,
} from "../src/core/options/options-table.ts";

const introduction = `# Boot options

This page is written by \`npm run docs\` from \`src/core/options/options-table.ts\`; change it there.

Options are words of the kernel command line, or keys under \`global\` in the YAML files of the medium
(\`sysrescue.d/*.yaml\`, in the order of their names):

    cow_label=data cow_directory="my store" copytoram

    global:
        cow_label: data
        cow_directory: my store
        copytoram: yes`;

const order = `## Who wins

From the lowest to the highest, and the later one wins:

1. what is built in (the column "Default");
2. what the initramfs was made with (\`backstore initramfs --default TEXT\`): the widest, because one initramfs serves many
   media, so a file on the medium goes over it;
3. the YAML files of the medium, in the order of their names;
4. the credential \`backstore.cmdline\` of the machine (below);
5. the kernel command line.

The last of equal names in one place counts. An empty value (\`cow_label=\`) undoes what all lower places said.
\`backstore=off\` overrides every other option, wherever they are; another \`backstore=\` of a higher place undoes it. \`backstore\`
alone, without a value, asks for the built-in search. \`backstore explain\` shows each value and where it comes from.

For a kiosk, where any stick with a store would be root: make the initramfs with \`--default backstore=off\`, and see that
nobody else can write on the medium or on the boot menu.`;

const quoting = `## Writing values

On the command line the kernel's rules hold: spaces separate, double quotes protect them (\`cow_label="my data"\` or
\`"cow_label=my data"\`), nothing escapes, and what follows \`--\` belongs to init. In YAML a value is the text that was written:
\`cow_label: 2024\` is the label "2024" and \`cow_label: no\` the label "no". Nothing is ever evaluated by a shell.

| Type | Is |
| --- | --- |
| text | any text |
| switch | \`yes\` or \`no\` (also \`y\`, \`true\`, \`1\`, \`on\`; \`n\`, \`false\`, \`0\`, \`off\`); on the command line the bare word means \`yes\` |
| size | bytes (\`1048576\`), with a unit (\`256M\`, \`2G\`, \`1.5GiB\`; \`500MB\` is 500,000,000), or a share of the memory (\`50%\`) |
| device | \`/dev/…\`, \`LABEL=…\`, \`UUID=…\`, \`PARTLABEL=…\`, \`PARTUUID=…\`, or \`/dev/disk/by-label/…\`, \`by-uuid\`, \`by-partlabel\`, \`by-partuuid\`, where \`\\x20\` is a space |
| directory | a path in the file system, from its top |
| file | a path on the medium |

Labels are compared letter for letter, UUIDs without regard to letter case.`;

const credential = `## The credential

Whoever starts a virtual machine can give it options without a change to its medium or boot menu: as systemd's system
credential \`backstore.cmdline\`, whose text is written like a command line of at most 4096 characters. It is read from the
OEM strings in the firmware's table (SMBIOS type 11), where QEMU, libvirt and others put them:

    qemu-system-x86_64 … -smbios \\
    type=11,value=io.systemd.credential:backstore.cmdline=cow_label=data

A comma is written twice there. \`io.systemd.credential.binary:backstore.cmdline=\` takes base64. Options that are accepted
on the command line alone are accepted there as well.`;

const problems = `## What is not taken

A value that cannot be read, a name that was probably misspelt, a file that is not YAML: each is reported with its place, and the
boot continues with what was set before. Of a file with a syntax error the options are taken that can be
read by themselves, and a line \`backstore: off\` wherever it stands. If a device or a directory was named
that cannot be one, no store is used, because another one would be a guess.`;

const others = `## Options of other initramfs

These options of SystemRescue and archiso are named where one is switched on, because our own initramfs does not honour them:`;

/** Renders the whole document, as Markdown. */
export function renderBootOptionsDocument(): string {
  return `${[
    introduction,
    renderTable(["Option", "Where", "Type", "Default", "Meaning"], optionTable.map(renderOption)),
    `## The words of \`backstore=\`\n\nSeparated by commas; double quotes protect a comma (\`backstore=LABEL="a,b"\`).`,
    renderTable(
      ["Word", "Meaning"],
      backstoreWords.map(({ word, help }) => [`\`${word}\``, help]),
    ),
    "`off`, `readonly`, `required`, `ask`, `wait` and `base` hold for both kinds of store; `alldev`, a path or a device ask for a\nfile store. Where both kinds are asked for, that is reported, and the directory store is taken.",
    order,
    quoting,
    credential,
    problems,
    others,
    renderTable(["Options", "Why not"], renderUnsupported()),
    "Behind the initramfs of a distribution ([backstore-addon(7)](man/backstore-addon.7.md)) they are that initramfs's, and are not\nnamed.",
  ].join("\n\n")}\n`;
}

/** One row for each reason. */
function renderUnsupported(): string[][] {
  const reasons = [...new Set(unsupportedOptions.map(({ reason }) => reason))];
  return reasons.map((reason) => {
    const names = unsupportedOptions.filter((row) => row.reason === reason);
    return [names.map(({ name }) => `\`${name}\``).join(", "), reason];
  });
}

function renderOption(row: OptionRow): string[] {
  const where = row.where === "both" ? "command line, YAML" : "command line";
  return [`\`${row.name}\``, where, row.type, row.default, row.help];
}

function renderTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [head, head.map(() => "---"), ...rows];
  return lines.map((cells) => `| ${cells.map(escapeCell).join(" | ")} |`).join("\n");
}

function escapeCell(text: string): string {
  return text.replaceAll("|", "\\|");
}
