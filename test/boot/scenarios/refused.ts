// What must not become a store, and input that is wrong or hostile: each gives a sentence and a session, and no disk is
// written to.

import { rescueWithYaml } from "../layouts.ts";
import { writeMedium } from "../media.ts";
import {
  type Expected,
  forgets,
  keeps,
  medium,
  type Place,
  type Scenario,
  store,
} from "../scenario.ts";

const pwned: Pick<Expected, "facts"> = { facts: { "list /tmp": /^$/ } };

/** Each YAML file, and the problems that must be named for it. */
const badYaml: readonly (readonly [
  name: string,
  title: string,
  yaml: string,
  problems: readonly RegExp[],
])[] = [
  [
    "typo",
    "a misspelt key is named with the one that was meant",
    "global:\n    cow_lable: store\n",
    [/cow_lable.*cow_label/],
  ],
  [
    "broken",
    "a YAML file with a broken line is named with the line",
    'global:\n    cow_label: "store\n',
    [/200-store\.yaml|quote/i],
  ],
  [
    "type",
    "a list in place of a text is named",
    "global:\n    cow_label: [store, other]\n",
    [/cow_label/],
  ],
  ["binary", "bytes in place of YAML are named", "\u0000\u0001\u0002global: \u0007\n", [/./]],
  [
    "bomb",
    "aliases that multiply are refused",
    `a: &a [${"x,".repeat(50)}x]\nb: &b [${"*a,".repeat(50)}*a]\nc: &c [${"*b,".repeat(50)}*b]\nglobal: { cow_label: *c }\n`,
    [/./],
  ],
  [
    "shell",
    "a value full of shell is only a label",
    "global:\n    cow_label: \"$(touch /tmp/pwned)'; touch /tmp/pwned; '\"\n",
    [/touch \/tmp\/pwned/],
  ],
];

export const refused: readonly Scenario[] = [
  {
    name: "missing",
    title: "a label that no file system has: it waits, then a volatile session says so",
    disks: (place) => [medium(place), store(place)],
    cmdline: "cow_label=nowhere backstore=wait=2",
    writes: [],
    boots: forgets({
      rejected: { "/dev/vdb": /its label is "store"/ },
      console: [/waiting for .*nowhere/, /VOLATILE/, /no device that is labelled "nowhere"/],
    }),
  },
  {
    name: "vfat",
    title: "vfat under cow_label is refused by its name",
    disks: (place) => [medium(place), store(place, { type: "vfat", label: "STORE" })],
    cmdline: "cow_label=STORE backstore=wait=2",
    writes: [],
    boots: forgets({
      rejected: { "/dev/vdb": /vfat/ },
      problems: [/vfat|STORE/],
      console: [/vfat/],
    }),
  },
  {
    name: "twice",
    title: "two file systems with one label: none is taken and both are named",
    disks: (place) => [medium(place), store(place), store(place, {}, { name: "twin" })],
    cmdline: "cow_label=store backstore=wait=2",
    writes: [],
    boots: forgets({
      rejected: { "/dev/vdb": /./, "/dev/vdc": /./ },
      console: [/VOLATILE/, /\/dev\/vdb and \/dev\/vdc/, /cow_device=UUID=.* or cow_device=UUID=/],
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
    ([name, title, yaml, problems]): Scenario => ({
      name: `yaml-${name}`,
      title,
      disks: (place) => [badMedium(place, yaml), store(place)],
      cmdline: "backstore=wait=2",
      writes: [],
      boots: forgets({ problems, ...pwned }).map((boot) => ({
        ...boot,
        actions: `say_list /tmp\n${boot.actions}`,
      })),
    }),
  ),
  {
    name: "noise",
    title: "a command line of noise does not hinder the boot",
    disks: (place) => [medium(place), store(place)],
    // With a dot in their names, so that the kernel takes them for a module's and not for init's environment.
    cmdline: `${"x.y=$(id)`;|&'<> ".repeat(100)} cow_label=store '"`,
    boots: keeps("/dev/vdb"),
  },
];

function badMedium(place: Place, yaml: string) {
  const file = place.file("medium.img");
  writeMedium(file, rescueWithYaml({ "200-store.yaml": yaml }));
  return { name: "medium", file };
}
