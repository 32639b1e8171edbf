// Intact stores that nothing may be written to: each is read, and the reason and the remedy are
// reported; backstore=required stops. If it cannot even be read, only memory is left.

import { runTool } from "../../../scripts/lib/tool.ts";
import { asReadonly, usedStore } from "../disks/used-stores.ts";
import type { Disk } from "../machine.ts";
import {
  defaultDirectory,
  look,
  medium,
  type Place,
  type Scenario,
  stopsInstead,
} from "../scenario.ts";

export const onlyRead: readonly Scenario[] = [
  {
    name: "newer-format",
    title: "a store of a newer format is read and not written to, and required stops",
    disks: (place) => [
      medium(place),
      usedStore(place, {
        more: { [`${defaultDirectory}/backstore.json`]: '{ "format": 2 }' },
      }),
    ],
    cmdline: "cow_label=store",
    writes: [],
    boots: [
      {
        actions: look,
        expect: {
          ...asReadonly,
          problems: [
            /format 2, but this version writes only format 1 \(use a newer version of backstore\)$/,
          ],
          console: [/READ-ONLY SESSION/],
        },
      },
      stopsInstead(/is not written to: its backstore\.json has format 2/),
    ],
  },
  {
    name: "write-protected",
    title: "a store on a write-protected disk is read and not written to, and required stops",
    disks: (place) => [medium(place), usedStore(place, {}, { readonly: true })],
    cmdline: "cow_label=store",
    writes: [],
    boots: [
      {
        actions: look,
        expect: {
          ...asReadonly,
          problems: [
            /could not be opened for writing: .*\(check whether it is write-protected: blockdev --getro <store>\)$/,
          ],
          console: [/READ-ONLY SESSION/],
        },
      },
      stopsInstead(/could not be opened for writing: .*blockdev --getro/),
    ],
  },
  {
    name: "overlay-refused",
    title:
      "a store whose overlay the kernel refuses, because another system left it without syncing, is read and not written to",
    disks: (place) => [medium(place), unsyncedStore(place)],
    cmdline: "cow_label=store",
    boots: [
      {
        actions: look,
        expect: {
          ...asReadonly,
          problems: [
            /could not be opened for writing: Cannot mount an overlay .*: invalid argument \(see the kernel log: dmesg\)$/,
          ],
          console: [/READ-ONLY SESSION/, /dmesg/],
        },
      },
    ],
  },
  {
    name: "overlay-unknown",
    title:
      "a store whose record names overlay options that nobody knows is read and not written to, and required stops",
    disks: (place) => [medium(place), recordedStore(place, "index=off,metacopy=off,later=on")],
    cmdline: "cow_label=store",
    writes: [],
    boots: [
      {
        actions: look,
        expect: {
          ...asReadonly,
          problems: [
            /^Cannot read the backstore\.json of .*: its overlay options are unknown: /,
            /^Cannot keep changes: its backstore\.json names overlay options that this version does not know, .*\(use a newer version /,
          ],
          console: [/READ-ONLY SESSION/],
        },
      },
      {
        cmdline: "backstore=required",
        expect: {
          session: "stopped",
          console: [/is not written to: its backstore\.json names overlay options/],
        },
      },
    ],
  },
  {
    name: "overlay-impossible",
    title: "a store that the overlay can neither write to nor read is left for memory alone",
    disks: (place) => [medium(place), foldingStore(place)],
    needs: "a kernel with casefold",
    cmdline: "cow_label=store",
    boots: [
      {
        actions: look,
        expect: {
          session: "volatile",
          files: { "/etc/motd": "as it came\n", "/srv/new/file": undefined },
          problems: [/could not be used: Cannot mount an overlay .*: invalid argument \(/],
          console: [/VOLATILE SESSION/, /could not be used/],
        },
      },
    ],
  },
];

/** Makes a store whose record specifies how the overlay is mounted. */
function recordedStore(place: Place, overlay: string): Disk {
  const record = JSON.stringify({ format: 1, id: "a", overlay });
  return usedStore(place, { more: { [`${defaultDirectory}/backstore.json`]: record } });
}

/** Makes a store that was in use with the overlay's option "volatile" when the machine stopped. */
function unsyncedStore(place: Place): Disk {
  const mark = `${defaultDirectory}/workdir/work/incompat/volatile/dirty`;
  return usedStore(place, { more: { [mark]: "" } });
}

/** Makes a store on a case-insensitive file system, which overlayfs refuses as any layer. */
function foldingStore(place: Place): Disk {
  const disk = usedStore(place);
  runTool(["tune2fs", "-O", "casefold", "-E", "encoding=utf8", disk.file]);
  return disk;
}
