// The base in memory: the medium can be removed, unless the store is on it; and what happens with
// too little memory.

import { truncateSync, writeFileSync } from "node:fs";
import { rescueMedium } from "../disks/layouts.ts";
import { type Tree, writeMedium } from "../disks/media.ts";
import { makeNewStore } from "../disks/store-files.ts";
import { keepsInFile, warnsAfterwards } from "../file-scenario.ts";
import { forgets, type Place, type Scenario } from "../scenario.ts";

/** The files that scripts look for on the medium are there without it. */
const showCopy = `
say_files /run/archiso/bootmnt/autorun0 /run/backstore/medium/sysrescue.d/100-defaults.yaml
say_list /run/archiso/bootmnt/sysresccd
say_done link readlink /run/archiso/bootmnt`;

const copied = {
  "done link": /^\/run\/initramfs\/backstore\/copy\nstatus 0$/m,
  "list /run/archiso/bootmnt/sysresccd": /^tools\.srm\nx86_64$/m,
};

export const copies: readonly Scenario[] = [
  {
    name: "copytoram",
    title: "with copytoram the stick can be pulled out, and everything goes on",
    disks: (place) => [
      {
        ...stick(place, { autorun0: "#!/bin/sh\n", "sysresccd/tools.srm": "tools\n" }),
        bus: "usb",
      },
    ],
    cmdline: "copytoram",
    writes: [],
    boots: forgets({
      facts: { ...copied, "list /dev": /^(?![\s\S]*\bsda\b)/ },
      files: {
        "/run/archiso/bootmnt/autorun0": "#!/bin/sh\n",
        "/run/backstore/medium/sysrescue.d/100-defaults.yaml":
          "---\nglobal:\n    copytoram: false\n    loadsrm: false\n",
        "/usr/local/bin/tool": "#!/bin/sh\necho the new tool\n",
      },
      console: [/the base is in memory/],
    }).map((boot) => ({
      ...boot,
      actions: `
echo pull the stick now > /dev/console
while [ -e <stick> ]; do sleep 0.1; done
echo 3 > /proc/sys/vm/drop_caches
${boot.actions}
${showCopy}
say_list /dev
say_files /usr/local/bin/tool`,
      hands: [{ when: /pull the stick now/, pulls: "stick" }],
    })),
  },
  {
    name: "docache-and-store",
    title: "docache works together with a store on the same stick",
    disks: (place) => [
      stick(place, { "sysrcd.bs": { file: makeNewStore() }, "sysresccd/tools.srm": "tools\n" }),
    ],
    cmdline: "docache backstore=alldev",
    writes: ["stick"],
    boots: warnsAfterwards(keepsInFile("stick", { facts: copied })).map((boot) => ({
      ...boot,
      actions: `${boot.actions}\n${showCopy}`,
    })),
  },
  {
    name: "copytoram-no-room",
    title: "with too little memory copytoram says so, and the base is used on the medium",
    disks: (place) => [
      stick(place, { "sysresccd/large.srm": { file: emptyFile(place, 100 * 1024 * 1024) } }),
    ],
    cmdline: "copytoram",
    memoryMegabytes: 128,
    writes: [],
    boots: forgets({
      problems: [/do not remove the medium: 10\d\.\d MiB is needed/],
      console: [/do not remove the medium/],
      facts: { "mounts ": /^<stick> \/run\/initramfs\/backstore\/medium vfat ro/m },
    }),
  },
];

function stick(place: Place, more: Tree) {
  const file = place.file("stick.img");
  const { tree, ...rest } = rescueMedium();
  writeMedium(file, { ...rest, tree: { ...tree, ...more } });
  return { name: "stick", file };
}

function emptyFile(place: Place, bytes: number): string {
  const file = place.file("empty");
  writeFileSync(file, "");
  truncateSync(file, bytes);
  return file;
}
