// Sticks and stores that somebody made to do harm. The boot goes on, says of each why it was not
// used, and disks that were not chosen are the same, byte for byte. A way to do harm is a row: a
// disk, and what must be said of it. Many are in one guest, because a boot looks at every disk.

import { copyFileSync } from "node:fs";
import { formatResizeRecord } from "../../../src/core/stores/resize-record.ts";
import {
  type Claims,
  makeCrowded,
  type Traps,
  writeOverlapping,
  writeTraps,
} from "../disks/hostile-disks.ts";
import { usesStore } from "../disks/used-stores.ts";
import { finds } from "../file-scenario.ts";
import { makeBase } from "../guest/base.ts";
import { makeIdentity } from "../guest/identity.ts";
import type { Disk } from "../machine.ts";
import { defaultDirectory, medium, type Place, type Scenario, store } from "../scenario.ts";

/** A disk that its owner made to do harm. */
interface Way {
  readonly name: string;
  /** By default its name. */
  readonly label?: string;
  /** What is at each path of its file system, and what that claims to be. */
  readonly traps: Traps;
  readonly claims?: Claims;
  /** Makes the image where it is not a file system of traps. */
  readonly write?: (path: string) => void;
  /** What must be said of it. */
  readonly told: RegExp;
}

/** The disk that most ways aim at: the second, which is where User Mode Linux numbers it. */
const victim = { path: "/dev/ubdb", number: [98, 16] } as const;
const toVictim = { link: victim.path } as const;
const nodeOfVictim = { node: "b", number: victim.number } as const;
const endless = { link: "/proc/kmsg" } as const;
const zeros = { node: "c", number: [1, 5] } as const;
const pipe = { pipe: true } as const;

const image = "sysresccd/x86_64/airootfs.sfs";
const base = { file: makeBase } as const;

/** Sticks that look like media, and whose base is none. */
const media: readonly Way[] = [
  { name: "base-link", traps: { [image]: endless }, told: /it is a link/ },
  { name: "base-zeros", traps: { [image]: zeros }, told: /it is a device/ },
  { name: "base-disk", traps: { [image]: nodeOfVictim }, told: /it is a device/ },
  { name: "base-pipe", traps: { [image]: pipe }, told: /it is a pipe/ },
  { name: "base-directory", traps: { [`${image}/x`]: "" }, told: /it is a directory/ },
  {
    name: "base-magic",
    traps: { [image]: "hsqs".repeat(999) },
    told: /neither squashfs nor erofs/,
  },
  {
    name: "top-link",
    traps: { "real/deep/x86_64/airootfs.sfs": base, sysresccd: { link: "real/deep" } },
    told: /no known live system/,
  },
  {
    name: "top-names",
    traps: {},
    write: (path) => copyFileSync(makeCrowded("top-names", { [image]: base }), path),
    told: /file too large/,
  },
  {
    name: "groups",
    traps: { [image]: base },
    claims: { inodes_per_group: 0xffff_fff8 },
    told: /cannot be inspected: /,
  },
  { name: "partitions", traps: {}, write: writeOverlapping, told: /cannot be inspected: / },
];

/** What is in the configuration of the medium that is used, and what is told of each. */
const configurations: readonly { readonly trap: Traps; readonly told: RegExp }[] = [
  // The first is on the console as well.
  {
    trap: { "0\u001b]0;title\u0007\nx.yaml": "global: [\n" },
    told: /^0[\s\S]*x\.yaml:2: Cannot use/,
  },
  { trap: { "1-link.yaml": endless }, told: /^1-link\.yaml:.*links are not followed/ },
  { trap: { "2-zeros.yaml": zeros }, told: /^2-zeros\.yaml:.*it is not a file/ },
  { trap: { "3-pipe.yaml": pipe }, told: /^3-pipe\.yaml:.*it is not a file/ },
  {
    trap: { ".": { names: 300, beginning: "many-", ending: ".yaml" } },
    told: /more than 100, and what comes after that is left out \(\d+ more\)/,
  },
];

const upper = { "upperdir/etc/motd": "changed\n", "upperdir/srv/new/file": "kept\n" };
const file = "kept/store.bs";
const intent = `${file}.backstore-intent`;
const growth = { operation: "grow", stage: "preparing", to: 2 ** 40, scratch: "/" } as const;

/** Hosts whose store is none, or not to be believed. */
const hosts: readonly Way[] = [
  { name: "file-link", traps: { [file]: toVictim }, told: /it is a link, and links are not/ },
  { name: "file-disk", traps: { [file]: nodeOfVictim }, told: /it is a device/ },
  { name: "file-pipe", traps: { [file]: pipe }, told: /it is a pipe/ },
  {
    name: "path-link",
    traps: { "real/store.bs": { inside: upper }, kept: { link: "real" } },
    told: /it is behind the link "\/kept"/,
  },
  {
    name: "intent",
    traps: { [file]: { inside: upper }, [intent]: formatResizeRecord({ ...growth, from: 1 }) },
    told: /too small for a file system/,
  },
  {
    name: "upper-link",
    traps: { [file]: { inside: { upperdir: { link: "/run" } } } },
    told: /"upperdir" is not a directory, and links are not followed/,
  },
  {
    name: "work-disk",
    traps: { [file]: { inside: { ...upper, workdir: nodeOfVictim } } },
    told: /"workdir" is not a directory/,
  },
  {
    name: "blocks",
    traps: { [file]: { inside: upper, claims: { blocks_count: 2 ** 31 } } },
    told: /it is truncated/,
  },
  {
    name: "inodes",
    traps: { [file]: { inside: upper, claims: { inodes_per_group: 0xffff_fff8 } } },
    told: /it cannot be inspected/,
  },
  { name: "partitions", traps: {}, write: writeOverlapping, told: /it was left out/ },
  {
    name: "file-names",
    traps: { [file]: { file: () => makeCrowded("file-names", upper) } },
    told: /file too large/,
  },
];

/** A directory store with something left in it. */
interface Leaving {
  readonly name: string;
  /** What is in the store's directory, beside its changes, and at the top of its file system. */
  readonly traps: Traps;
  readonly top?: Traps;
  /** Set if there are more names at the top than are listed. */
  readonly isCrowded?: true;
  /** What is told of it after the configuration. */
  readonly told: readonly RegExp[];
  readonly actions?: string;
  readonly facts?: Readonly<Record<string, RegExp>>;
}

const settings = "index=off,metacopy=off,xino=off,redirect_dir=nofollow";
const deep = `${"[".repeat(10_000)}${"]".repeat(10_000)}`;
const identity = { file: makeIdentity, mode: 0o4755 } as const;
const program = "/usr/local/bin/identity";

/** Stores that are used whatever their owner left in them; each is the store of a boot. */
const leavings: readonly Leaving[] = [
  {
    name: "record-link",
    traps: { "backstore.json": endless, "backstore.ballast": toVictim },
    isCrowded: true,
    told: [/it is not JSON/],
  },
  {
    name: "record-deep",
    traps: {
      "backstore.json": `{"format":1,"id":"x","overlay":"${settings}","k":${deep}}`,
      "backstore.json.new": toVictim,
    },
    told: [/nested deeper than 32 levels/],
  },
  {
    name: "record-new",
    traps: { "backstore.json.new": nodeOfVictim, [`upperdir${program}`]: identity },
    top: { identity, disk: nodeOfVictim },
    told: [],
    actions: `
say_done root ${program}
say_done nobody ${program} ${program}
say_done inside ${program} /run/backstore/store/${defaultDirectory}/upperdir${program}
say_done beside ${program} /run/backstore/store/identity
say_done shown ${program} /mnt/memory/upperdir${program}
say_done disk head -c 1 /run/backstore/store/disk
say_done directory stat -c %a /run/initramfs/backstore`,
    facts: {
      "done root": /^user 0\n/,
      // The session's own programs keep the rights that the overlay gives them.
      "done nobody": /^user 0\n/,
      "done inside": /Permission denied/,
      "done beside": /Permission denied/,
      "done shown": /^user 65534\n/,
      "done disk": /Permission denied/,
      "done directory": /^700\n/,
      "mounts ": / \/run\/initramfs\/backstore\/store ext4 rw,(?=.*nosuid)(?=.*nodev)/,
    },
  },
];

export const hostile: readonly Scenario[] = [
  {
    name: "hostile-media",
    title:
      "sticks that look like media, but are links, devices, pipes, lies and hundreds of partitions: of each the boot says why it is none",
    disks: (place) => [victimDisk(place), ...media.map((way) => make(place, way))],
    cmdline: "backstore=wait=1",
    writes: [],
    boots: [
      {
        expect: {
          session: "stopped",
          console: media.map(
            ({ name, told }) =>
              new RegExp(
                `<${name}${name === "partitions" ? ":32" : ""}> is not the medium: .*${told.source}`,
              ),
          ),
        },
      },
    ],
  },
  {
    name: "hostile-hosts",
    title:
      "files that look like stores, but are links, devices, pipes and lies: of each the boot says why it is none, and uses the one that is",
    disks: (place) => [
      medium(place),
      victimDisk(place),
      make(place, { name: "store", traps: { [file]: { inside: upper } }, told: /./ }),
      ...hosts.map((way) => make(place, way)),
    ],
    cmdline: `backstore=alldev,/${file}`,
    boots: [
      finds("persistent", {
        store: "store",
        file: `/${file}`,
        rejected: Object.fromEntries(
          hosts.map(({ name, told }) => [
            name === "partitions" ? "<partitions:33>" : `<${name}>`,
            told,
          ]),
        ),
        problems: [/<partitions:33> and 95 more were left out, because/, /sparse/],
      }),
    ],
  },
  {
    name: "hostile-stores",
    title:
      "stores with links, devices and names that lead elsewhere, on a system whose configuration is hostile too: each is used, and of each is told what is left out",
    disks: (place) => [
      hostileMedium(place),
      victimDisk(place),
      ...leavings.map((one) => leave(place, one)),
    ],
    boots: leavings.flatMap(({ name, told, actions, facts = {} }) =>
      usesStore(name, {
        problems: [...configurations.map((one) => one.told), ...told],
        console: [
          /^backstore: 0\\u001b\]0;title\\u0007\\nx\.yaml:2:1: Cannot use all of the file/m,
        ],
        facts,
      }).map((boot) => ({
        ...boot,
        cmdline: `cow_label=${name}`,
        writes: [name],
        actions: `${boot.actions}\n${actions ?? ""}`,
      })),
    ),
  },
  {
    name: "hostile-label",
    title: "a store whose label would set the title of a terminal is shown in the menu, escaped",
    disks: (place) => [
      medium(place),
      make(place, {
        name: "store",
        label: "a\u001b]0;title\u0007",
        traps: { [file]: { inside: upper } },
        told: /./,
      }),
    ],
    cmdline: `backstore=alldev,ask,/${file}`,
    writes: [],
    boots: [
      {
        expect: {
          session: "stopped",
          console: [/labelled "a\\u001b\]0;title\\u0007"[\s\S]*\n> $/],
        },
      },
    ],
  },
];

function victimDisk(place: Place): Disk {
  return store(place, {}, { name: "victim" });
}

/** The medium of makeLayout(), with a hostile configuration. */
function hostileMedium(place: Place): Disk {
  const traps = Object.assign({}, ...configurations.map(({ trap }) => below("sysrescue.d", trap)));
  return make(place, {
    name: "medium",
    label: "RESCUE1100",
    traps: { [image]: base, ...traps },
    told: /./,
  });
}

function leave(place: Place, { name, traps, top = {}, isCrowded }: Leaving): Disk {
  const all = { ...below(defaultDirectory, { ...upper, ...traps }), ...top };
  const write = (path: string) => copyFileSync(makeCrowded(name, all), path);
  return make(place, { name, traps: all, told: /./, ...(isCrowded && { write }) });
}

function below(directory: string, traps: Traps): Traps {
  return Object.fromEntries(
    Object.entries(traps).map(([at, trap]) => [`${directory}/${at}`, trap]),
  );
}

function make(place: Place, { name, label = name, traps, claims = {}, write }: Way): Disk {
  const path = place.file(`${name}.img`);
  if (write) write(path);
  else writeTraps({ path, traps, claims, label });
  return { name, file: path };
}
