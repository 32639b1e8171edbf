// Who boots: our initramfs, those of others with and without our add-on behind them, and the limit,
// which is made by hand. All find the same files on the same disks; what differs is how each is
// told where changes are kept.

import { readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { makeOnce } from "../scripts/lib/cache.ts";
import { runTool } from "../scripts/lib/tool.ts";
import type { Tree } from "../test/machines/disks/media.ts";
import { type DebianInitramfs, generate } from "../test/machines/guest/debian-initramfs.ts";
import { makeInitramfs } from "../test/machines/guest/initramfs.ts";
import type { Kernel } from "../test/machines/guest/kernel.ts";
import { makeHandMade } from "./hand-made.ts";

/** Where the changes of a session are: in memory, in a directory of a disk, or in a file on one. */
export type Kind = "volatile" | "directory" | "file";

export const kinds: readonly Kind[] = ["volatile", "directory", "file"];

/** One way to boot. */
export interface Contender {
  readonly name: string;
  readonly initramfs: string;
  /** The kernel arguments for each kind of session. */
  readonly arguments: Readonly<Record<Kind, string>>;
  /** What it expects in a store. */
  readonly store: Tree;
}

/** The name of the contender that all others are compared with. */
export const limitName = "limit";
/** The name of the contender whose times must keep close to the limit's. */
export const ownName = "backstore";

/** Labels of the medium, the disk with a directory store, and the disk with the file "store". */
export const labels = { medium: "LIVE", store: "store", host: "HOST" } as const;

const ours: Readonly<Record<Kind, string>> = {
  volatile: "",
  directory: `cow_label=${labels.store}`,
  file: `backstore=LABEL=${labels.host},/store`,
};

interface Peer {
  readonly name: string;
  readonly generator: DebianInitramfs["generator"];
  readonly arguments: Readonly<Record<Kind, string>>;
  readonly store: Tree;
}

const liveBoot = "boot=live";
/** As SystemRescue names its medium to its initramfs. */
const named = `archisolabel=${labels.medium}`;
const dracut =
  `root=live:LABEL=${labels.medium} rd.live.image rd.live.dir=live ` +
  "rd.live.squashimg=filesystem.squashfs rd.live.overlay.overlayfs=1";

const peers: readonly Peer[] = [
  {
    name: "live-boot",
    generator: "live-boot",
    arguments: {
      volatile: liveBoot,
      directory: `${liveBoot} persistence persistence-label=store`,
      file: `${liveBoot} persistence persistence-storage=file persistence-label=store`,
    },
    store: { "persistence.conf": "/ union\n" },
  },
  {
    name: "dracut",
    generator: "dracut",
    arguments: {
      volatile: dracut,
      directory: `${dracut} rd.live.overlay=LABEL=${labels.store}:/overlayfs`,
      file: `${dracut} rd.live.overlay=LABEL=${labels.host}:/store`,
    },
    store: { "overlayfs/.keep": "", "ovlwork/.keep": "" },
  },
];

/** Returns all contenders for a kernel, the limit first. */
export function makeContenders(kernel: Kernel): readonly Contender[] {
  return [
    {
      name: limitName,
      initramfs: makeHandMade(kernel),
      arguments: byKind((kind) => `hand-made=${kind}`),
      store: {},
    },
    {
      name: ownName,
      initramfs: makeInitramfs(kernel),
      arguments: byKind((kind) => `${named} ${ours[kind]}`),
      store: {},
    },
    ...peers.flatMap((peer) => makePeer(peer, kernel)),
  ];
}

function makePeer({ name, generator, arguments: own, store }: Peer, kernel: Kernel): Contender[] {
  const alone = repack(generate({ generator, release: "bookworm" }, kernel), name);
  const behind = own.volatile;
  return [
    { name, initramfs: alone, arguments: own, store },
    {
      name: `${name} + add-on`,
      initramfs: appendAddon(alone, name),
      arguments: byKind((kind) => `${behind} ${ours[kind]}`),
      store: {},
    },
  ];
}

/** Tests pack with gzip, which is made fast; Debian's default is unpacked faster. */
function repack(initramfs: string, name: string): string {
  return makeOnce({
    name: `${name}-zstd`,
    inputs: [initramfs],
    make: (path) =>
      runTool(["sh", "-euc", 'gzip -dc "$1" | zstd -q -9 -o "$2"', "sh", initramfs, path]),
  });
}

function appendAddon(initramfs: string, name: string): string {
  const addon = readFileSync(resolve("dist/backstore-addon.img"));
  return makeOnce({
    name: `${name}-zstd-addon`,
    inputs: [initramfs, addon],
    make: (path) => writeFileSync(path, Buffer.concat([readFileSync(initramfs), addon])),
  });
}

function byKind(format: (kind: Kind) => string): Readonly<Record<Kind, string>> {
  return {
    volatile: format("volatile"),
    directory: format("directory"),
    file: format("file"),
  };
}
