// What must not become a store, and invalid or hostile input: each results in a sentence and a
// session, and no disk is written to.

import { rescueWithYaml } from "../disks/layouts.ts";
import { writeMedium } from "../disks/media.ts";
import { usedStore, usesStore } from "../disks/used-stores.ts";
import { forgets, medium, type Place, type Scenario, store } from "../scenario.ts";

/** A YAML file, and the problems that must be reported for it. */
interface BadYaml {
  readonly name: string;
  readonly title: string;
  readonly yaml: string;
  readonly problems: readonly RegExp[];
}

const badYaml: readonly BadYaml[] = [
  {
    name: "typo",
    title: "a misspelt key is named with the one that was meant",
    yaml: "global:\n    cow_lable: store\n",
    problems: [/^200-store\.yaml:2: .*"cow_lable".*did you mean "cow_label"/],
  },
  {
    name: "broken",
    title: "a YAML file with a broken line is named with the line",
    yaml: 'global:\n    cow_label: "store\n',
    problems: [/^200-store\.yaml:3: .*quote/],
  },
  {
    name: "type",
    title: "a list in place of a text is named",
    yaml: "global:\n    cow_label: [store, other]\n",
    problems: [/^200-store\.yaml:2: .*cow_label.*a list, not a string/],
  },
  {
    name: "binary",
    title: "bytes in place of YAML are named",
    yaml: "\u0000\u0001\u0002global: \u0007\n",
    problems: [/^200-store\.yaml:1: .*control characters/],
  },
  {
    name: "bomb",
    title: "aliases that multiply end in a sentence",
    yaml: `a: &a [${"x,".repeat(50)}x]\nb: &b [${"*a,".repeat(50)}*a]\nc: &c [${"*b,".repeat(50)}*b]\nglobal: { cow_label: *c }\n`,
    problems: [/^200-store\.yaml:4: .*cow_label/],
  },
  {
    name: "shell",
    title: "a value full of shell is only a label",
    yaml: "global:\n    cow_label: \"$(touch /tmp/pwned)'; touch /tmp/pwned; '\"\n",
    problems: [/no device labelled "\$\(touch \/tmp\/pwned\)'; touch \/tmp\/pwned; '"/],
  },
];

export const refused: readonly Scenario[] = [
  {
    name: "missing",
    title: "a label that no file system has: it waits, then a volatile session says so",
    both: true,
    disks: (place) => [medium(place), store(place)],
    cmdline: "cow_label=nowhere backstore=wait=2",
    writes: [],
    boots: forgets({
      rejected: { "<store>": /its label is "store"/ },
      problems: [/no device labelled "nowhere"/],
      console: [/waiting for .*nowhere/, /VOLATILE/, /no device labelled "nowhere"/],
    }),
  },
  {
    name: "vfat",
    title: "vfat under cow_label is refused by its name",
    disks: (place) => [medium(place), store(place, { type: "vfat", label: "STORE" })],
    cmdline: "cow_label=STORE backstore=wait=2",
    writes: [],
    boots: forgets({
      rejected: { "<store>": /vfat/ },
      problems: [/"STORE", but it is vfat/],
      console: [/VOLATILE/, /"STORE", but it is vfat/],
    }),
  },
  {
    name: "twice",
    title: "two file systems with one label: none is taken and both are named",
    disks: (place) => [medium(place), store(place), store(place, {}, { name: "twin" })],
    cmdline: "cow_label=store backstore=wait=2",
    writes: [],
    boots: forgets({
      rejected: { "<store>": /./, "<twin>": /./ },
      problems: [
        /^Cannot keep changes: <store> \(.*\) and <twin> \(.*\) are both labelled "store"/,
      ],
      console: [
        /VOLATILE/,
        /<store> \(32\.0 MiB, cow_device=UUID=\S+\) and <twin> \(32\.0 MiB, cow_device=UUID=\S+\)/,
      ],
    }),
  },
  ...["../../x", "a/../../../x", "..", "a\tb"].map(
    (directory, index): Scenario => ({
      name: `directory-refused-${index}`,
      title: `cow_directory=${JSON.stringify(directory)} is refused and nothing is written`,
      disks: (place) => [medium(place), store(place)],
      cmdline: `cow_label=store "cow_directory=${directory}"`,
      writes: [],
      boots: forgets({ problems: [/cow_directory/], console: [/cow_directory/] }),
    }),
  ),
  ...badYaml.map(
    ({ name, title, yaml, problems }): Scenario => ({
      name: `yaml-${name}`,
      title,
      disks: (place) => [badMedium(place, yaml), store(place)],
      cmdline: "backstore=wait=2",
      writes: [],
      // However a value was interpreted, no shell ran it.
      boots: forgets({ problems, facts: { "list /tmp": /^$/ } }).map((boot) => ({
        ...boot,
        actions: `say_list /tmp\n${boot.actions}`,
      })),
    }),
  ),
  {
    name: "noise",
    title: "a command line of noise does not hinder the boot",
    disks: (place) => [medium(place), usedStore(place)],
    // With a dot in their names, so that the kernel considers them a module's parameters and not
    // init's environment.
    cmdline: `${"x.y=$(id)`;|&'<> ".repeat(100)} cow_label=store '"`,
    boots: usesStore("store"),
  },
];

function badMedium(place: Place, yaml: string) {
  const file = place.file("medium.img");
  writeMedium(file, rescueWithYaml({ "200-store.yaml": yaml }));
  return { name: "medium", file };
}
