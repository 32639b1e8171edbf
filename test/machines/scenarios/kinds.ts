// The kinds of directory stores: each file system, labels of every kind, and the stores that
// SystemRescue 6 left behind.

import { writeFileSync } from "node:fs";
import { rescueWithYaml } from "../disks/layouts.ts";
import { writeMedium } from "../disks/media.ts";
import { writeOldStore } from "../disks/stores.ts";
import { usedStore, usesStore } from "../disks/used-stores.ts";
import { makeBase } from "../guest/base.ts";
import {
  type Boot,
  defaultDirectory,
  keeps,
  medium,
  type Place,
  type Scenario,
  store,
} from "../scenario.ts";

// The defaults of different SystemRescue kernels; the listing of each must come back file by file.
const oldStores = [
  {
    name: "old-metacopy",
    options: "metacopy=on,redirect_dir=on,index=off",
    attributes: ["metacopy", "redirect", "opaque"],
  },
  {
    name: "old-redirect",
    options: "metacopy=off,redirect_dir=on,index=off",
    attributes: ["redirect", "opaque"],
  },
  { name: "old-plain", options: "metacopy=off,redirect_dir=off,index=off", attributes: ["opaque"] },
] as const;

const labels: readonly (readonly [name: string, label: string])[] = [["utf-8", "Größe ☃ 雪"]];

const record = "/run/backstore/store/kept/backstore.json";

export const kinds: readonly Scenario[] = [
  ...(["ext4", "xfs", "btrfs"] as const).map(
    (type): Scenario => ({
      name: `store-${type}`,
      title: `a store on ${type} keeps changes`,
      disks: (place) => [medium(place), store(place, { type })],
      cmdline: "cow_label=store",
      boots: keeps("store"),
    }),
  ),
  {
    name: "xfs-log",
    title:
      "a record that only the log of an xfs holds is gone on with, and not written over if it is of a newer format",
    disks: (place) => [medium(place), store(place, { type: "xfs" })],
    cmdline: "cow_label=store cow_directory=kept",
    boots: [
      {
        actions: `grep '"id"' ${record} > /srv/id; sync`,
        expect: { session: "persistent", store: "store" },
      },
      {
        actions: `say_done record grep -F -f /srv/id ${record}
say_done count grep '"count"' ${record}
sed -i 's/"format": 1/"format": 2/' ${record}; echo newer > /srv/newer; sync`,
        expect: {
          session: "persistent",
          store: "store",
          facts: { "done record": /status 0$/m, "done count": /"count": 2,/ },
        },
      },
      {
        actions: "say_files /srv/newer",
        expect: {
          session: "readonly",
          store: "store",
          files: { "/srv/newer": "newer\n" },
          isNew: true,
          problems: [/its backstore\.json has format 2, but this version writes only format 1 \(/],
        },
      },
    ],
  },
  ...(["ext2", "ext3", "f2fs"] as const).map(
    (type): Scenario => ({
      name: `store-${type}`,
      title: `a store on ${type} keeps changes`,
      disks: (place) => [medium(place), store(place, { type })],
      cmdline: "cow_label=store",
      boots: type === "f2fs" ? keeps("store").map(withoutUpper) : keeps("store"),
    }),
  ),
  ...labels.map(
    ([name, label]): Scenario => ({
      name: `label-${name}`,
      title: `a store labelled ${JSON.stringify(label)} is found by its label`,
      disks: (place) => [labelledMedium(place, label), usedStore(place, { label })],
      boots: usesStore("store"),
    }),
  ),
  {
    name: "label-on-cmdline",
    title: "a label with spaces and a dollar sign is found by the command line's quoting",
    disks: (place) => [medium(place), usedStore(place, { label: "a b $(id) ü" })],
    cmdline: 'cow_label="a b $(id) ü"',
    boots: usesStore("store"),
  },
  ...oldStores.map(
    ({ name, options, attributes }): Scenario => ({
      name,
      title: `a SystemRescue 6 store written with ${options} shows every file as it was`,
      disks: (place) => [medium(place), oldStore(place, options, attributes)],
      cmdline: "cow_label=old",
      boots: [
        {
          actions:
            "say_tree /etc /srv /usr; echo more > /srv/from-here; chmod 0600 /srv/link-target",
          expect: {
            session: "persistent",
            store: "store",
            directory: defaultDirectory,
            tree: "tree.txt",
          },
        },
        {
          actions:
            "say_files /srv/from-here /srv/to/deep/b /srv/link-target /srv/opaque/old; say_list /srv/to",
          expect: {
            session: "persistent",
            store: "store",
            directory: defaultDirectory,
            files: {
              "/srv/from-here": "more\n",
              "/srv/to/deep/b": "b\n",
              "/srv/link-target": "pointed at\n",
              "/srv/opaque/old": undefined,
            },
            facts: { "list /srv/to": /^a\nc\ndeep$/m },
            upper: { "srv/from-here": "more\n" },
          },
        },
      ],
    }),
  ),
];

/** The kernel that runs the tests may lack f2fs, so its store cannot be inspected from outside. */
function withoutUpper({ expect: { upper: _, ...expect }, ...boot }: Boot): Boot {
  return { ...boot, expect };
}

function labelledMedium(place: Place, label: string) {
  const file = place.file("medium.img");
  // JSON strings are YAML.
  writeMedium(
    file,
    rescueWithYaml({ "200-store.yaml": `global:\n    cow_label: ${JSON.stringify(label)}\n` }),
  );
  return { name: "medium", file };
}

function oldStore(place: Place, options: string, attributes: readonly string[]) {
  const file = place.file("store.img");
  const made = writeOldStore(file, makeBase(), options);
  if (made.attributes.join() !== [...attributes].sort().join()) {
    throw new Error(
      `Cannot make a store with ${attributes.join()}: this kernel wrote ${made.attributes.join()}`,
    );
  }
  writeFileSync(place.file("tree.txt"), made.tree);
  return { name: "store", file };
}
