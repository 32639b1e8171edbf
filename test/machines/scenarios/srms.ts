// SystemRescue's modules over the base: which are layers, which are not, and what a store says that
// meets others than last time.

import { copyFileSync, statSync, truncateSync } from "node:fs";
import { runTool } from "../../../scripts/lib/tool.ts";
import { rescueMedium } from "../disks/layouts.ts";
import { type Tree, writeMedium, writeTree } from "../disks/media.ts";
import { type Boot, defaultDirectory, type Place, type Scenario, store } from "../scenario.ts";

const show = `
say_files /etc/motd /etc/module /srv/new
say_done place readlink /run/archiso/sfs/srm1
say_done shown cat /run/archiso/sfs/srm2/etc/motd`;

const broken = [
  /^Cannot load the module "sysresccd\/40-text\.srm": it is neither squashfs nor erofs; the session goes on without it$/,
  /^Cannot mount the module "\/run\/initramfs\/backstore\/(?:medium|copy)\/sysresccd\/20-cut\.srm" \(squashfs\) on ".*\/srm2" .*; the session goes on without it$/,
];
const kept = { session: "persistent", store: "store", directory: defaultDirectory } as const;
const files = { "/etc/module": "from the first\n", "/srv/new": "kept\n" };
const facts = {
  "done place": /^\/run\/initramfs\/backstore\/srm1\nstatus 0$/m,
  "done shown": /^from the last\nstatus 0$/m,
};

const boots: readonly Boot[] = [
  {
    cmdline: "loadsrm",
    actions: `echo kept > /srv/new\n${show}`,
    expect: {
      ...kept,
      problems: broken,
      files: { ...files, "/etc/motd": "from the first\n" },
      facts,
    },
  },
  {
    actions: show,
    expect: {
      ...kept,
      problems: [
        /with other modules than last time \(without "10-first\.srm" and without "30-last\.srm"\)/,
      ],
      files: { "/etc/motd": "as it came\n", "/etc/module": undefined, "/srv/new": "kept\n" },
    },
  },
  {
    cmdline: "loadsrm copytoram",
    actions: show,
    expect: {
      ...kept,
      problems: [...broken, /with other modules than last time \(with "10-first\.srm" and with/],
      files: { ...files, "/etc/motd": "from the first\n" },
      facts: { ...facts, "mounts ": /\/run\/initramfs\/backstore\/srm2 squashfs ro/ },
    },
  },
];

export const srms: readonly Scenario[] = [
  {
    name: "loadsrm",
    title: "with loadsrm modules are layers over the base, and those that are broken are named",
    disks: (place) => [stick(place), store(place)],
    cmdline: "cow_label=store",
    boots,
  },
];

function stick(place: Place) {
  const file = place.file("stick.img");
  const { tree, ...rest } = rescueMedium();
  const first = makeSrm(place, "first", {
    "etc/motd": "from the first\n",
    "etc/module": "from the first\n",
  });
  const last = makeSrm(place, "last", {
    "etc/motd": "from the last\n",
    "etc/module": "from the last\n",
  });
  const modules = {
    "sysresccd/10-first.srm": { file: first },
    "sysresccd/20-cut.srm": { file: cutOff(place, first) },
    "sysresccd/30-last.srm": { file: last },
    "sysresccd/40-text.srm": "no module\n",
  };
  writeMedium(file, { ...rest, tree: { ...tree, ...modules } });
  return { name: "stick", file };
}

function makeSrm(place: Place, name: string, tree: Tree): string {
  const root = place.file(name);
  const path = place.file(`${name}.srm`);
  writeTree(root, tree);
  runTool(["mksquashfs", root, path, "-comp", "zstd", "-all-root", "-no-progress", "-quiet"]);
  return path;
}

/** Its superblock is whole, so that only the kernel sees that its tables are missing. */
function cutOff(place: Place, from: string): string {
  const path = place.file("cut.srm");
  copyFileSync(from, path);
  truncateSync(path, Math.min(256, statSync(path).size));
  return path;
}
