// Which file store is used if several are found, or if it is beside the base.

import { rescueMedium } from "../disks/layouts.ts";
import { writeMedium } from "../disks/media.ts";
import { makeUsedStore } from "../disks/store-files.ts";
import { finds, host, usedHost } from "../file-scenario.ts";
import { forgets, medium, type Place, type Scenario } from "../scenario.ts";

export const fileChoices: readonly Scenario[] = [
  {
    name: "file-on-the-medium",
    title: "the store may lie beside the base on the stick that was booted",
    disks: (place) => [{ ...stick(place, makeUsedStore()), bus: "usb" }],
    writes: ["stick"],
    boots: [finds("persistent", { store: "stick", upper: { "srv/new/more": "more\n" } })],
  },
  {
    name: "file-medium-first",
    title: "the store on the medium is taken before one on another disk",
    disks: (place) => [stick(place, makeUsedStore()), host(place, {}, { name: "other" })],
    cmdline: "backstore=alldev",
    writes: ["stick"],
    boots: [finds("persistent", { store: "stick" })],
  },
  {
    name: "file-twice",
    title: "two disks with a store each: none is taken, and the option that is told chooses one",
    disks: (place) => [
      medium(place),
      usedHost(place, { uuid: "AAAA0001" }),
      host(place, { uuid: "BBBB0002" }, { name: "other" }),
    ],
    boots: [
      ...forgets({
        rejected: { "<store>": /UUID=/, "<other>": /UUID=/ },
        problems: [/<store>.*<other>/],
        console: [/VOLATILE/, /backstore=UUID=AAAA-0001/, /backstore=UUID=BBBB-0002/],
      }).map((boot) => ({ ...boot, cmdline: "backstore=alldev", writes: [] })),
      {
        ...finds("persistent", { store: "store" }),
        cmdline: "backstore=UUID=AAAA-0001",
      },
    ],
  },
  {
    name: "file-on-a-disc",
    title: "a store on the disc that was booted is shown, and new changes are in memory",
    disks: (place) => [{ ...stick(place, makeUsedStore(), "iso9660"), bus: "scsi-disc" }],
    writes: [],
    boots: [
      finds("readonly", {
        store: "stick",
        problems: [/<stick>/],
        console: [/READ-ONLY SESSION/],
      }),
    ],
  },
  {
    name: "file-write-protected",
    title: "a store on a write-protected disk is shown, and new changes are in memory",
    disks: (place) => [medium(place), usedHost(place, {}, { readonly: true })],
    cmdline: "backstore=alldev",
    writes: [],
    boots: [
      finds("readonly", {
        store: "store",
        problems: [/<store> could not be opened for writing/],
        console: [/READ-ONLY SESSION/, /permission denied \(check whether it is write-protected/],
      }),
    ],
  },
];

/** A stick as SystemRescue's own writer makes it, with a store's file beside the base. */
function stick(place: Place, store: string, kind: "vfat" | "iso9660" = "vfat") {
  const file = place.file("stick.img");
  const { tree, ...rest } = rescueMedium();
  writeMedium(file, { ...rest, kind, tree: { ...tree, "sysrcd.bs": { file: store } } });
  return { name: "stick", file };
}
