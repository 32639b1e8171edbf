// What a store's past means for a boot: another base than last time, a session that was
// interrupted, another machine, and directories of other releases beside a new one. The tiny guest
// never ends a session: it is switched off.

import { rescueMedium } from "../disks/layouts.ts";
import { writeMedium } from "../disks/media.ts";
import { makeBase } from "../guest/base.ts";
import { look, medium, type Place, type Scenario, store } from "../scenario.ts";

const onStore = { session: "persistent", store: "store", directory: "kept" } as const;
const kept = { "/srv/kept": "kept\n" };
const keep = "echo kept > /srv/kept";
const older = "archisolabel=RESCUE904";
const newer = "archisolabel=RESCUE1100";
const releases =
  'he base is "RESCUE1100" \\(release "11\\.00"\\), but last time it was "RESCUE904" \\(release "9\\.04"\\)';

/** What kernels of Arch have by default. */
const defaultsOn = ["redirect_dir", "metacopy", "index", "xino_auto"]
  .map((name) => `overlay.${name}=Y`)
  .join(" ");

/** The kernel lists the options that differ from its defaults. */
const sayOverlay = "say_done overlay grep ' / overlay ' /proc/mounts";

/** The place of the program for the end of the session; the tiny system has no other copy. */
const status = "/run/initramfs/shutdown status";

export const histories: readonly Scenario[] = [
  {
    name: "base-changed",
    title: "a store that meets another base than last time is used as base= says, and says so",
    disks: (place) => [
      release(place, { label: "RESCUE904", version: "9.04" }),
      release(place, { label: "RESCUE1100", version: "11.00" }),
      store(place),
    ],
    cmdline: "cow_label=store cow_directory=kept",
    boots: [
      { cmdline: older, actions: keep, expect: onStore },
      {
        cmdline: `${newer} backstore=base=readonly`,
        actions: "say_files /srv/kept; echo lost > /srv/lost",
        expect: {
          session: "readonly",
          store: "store",
          files: kept,
          problems: [new RegExp(`^Cannot keep changes: t${releases} .backstore=base=readonly`)],
          console: [/READ-ONLY SESSION/, new RegExp(`t${releases}`)],
        },
      },
      {
        cmdline: `${newer} backstore=base=volatile`,
        actions: "say_files /srv/kept",
        writes: [],
        expect: {
          session: "volatile",
          files: { "/srv/kept": undefined },
          problems: [new RegExp(`^Cannot keep changes: .*not used .*: t${releases}`)],
          console: [/VOLATILE SESSION/],
        },
      },
      {
        cmdline: `${newer} backstore=base=stop`,
        writes: [],
        expect: {
          session: "stopped",
          console: [
            new RegExp(`backstore=base=stop.: t${releases}`),
            /Which store should keep the changes of this session?/,
            /p {2}power off the machine\n/,
          ],
        },
      },
      {
        cmdline: newer,
        actions: "say_files /srv/kept /srv/lost",
        expect: {
          ...onStore,
          files: { ...kept, "/srv/lost": undefined },
          problems: [new RegExp(`^T${releases}: changed files stay`)],
          console: [new RegExp(`^backstore: T${releases}: changed files`, "m")],
        },
      },
      {
        cmdline: `${newer} backstore=base=stop`,
        actions: "say_files /srv/kept",
        expect: { ...onStore, files: kept },
      },
    ],
  },
  {
    name: "older-directory",
    title: "the directory of an older release beside a new one is named, and can be used",
    disks: (place) => [
      release(place, { label: "RESCUE904", version: "9.04" }),
      release(place, { label: "RESCUE1100", version: "11.00" }),
      store(place),
    ],
    cmdline: "cow_label=store",
    boots: [
      {
        cmdline: older,
        actions: keep,
        expect: { ...onStore, directory: "persistent_RESCUE904/x86_64" },
      },
      {
        cmdline: newer,
        actions: "say_files /srv/kept",
        expect: {
          ...onStore,
          directory: "persistent_RESCUE1100/x86_64",
          files: { "/srv/kept": undefined },
          isNew: true,
          problems: [
            /^The directory "persistent_RESCUE1100\/x86_64" is new, .*; cow_directory=persistent_RESCUE904\/x86_64 uses it$/,
          ],
          console: [/cow_directory=persistent_RESCUE904\/x86_64 uses it/],
        },
      },
      {
        cmdline: `${newer} cow_directory=persistent_RESCUE904/x86_64`,
        actions: "say_files /srv/kept",
        expect: {
          ...onStore,
          directory: "persistent_RESCUE904/x86_64",
          files: kept,
          problems: [new RegExp(`^T${releases}`)],
        },
      },
    ],
  },
  {
    name: "unclean-end",
    title: "a session that another machine may go on with is told, with the machine that it was on",
    disks: (place) => [medium(place), store(place)],
    needs: "a machine with a maker's name",
    cmdline: "cow_label=store cow_directory=kept",
    boots: [
      {
        actions: `${look}; say_files /run/backstore/store/kept/backstore.json
sed -i 's/"machine": .*/"machine": "ACME Box 4",/' /run/initramfs/backstore/store/kept/backstore.json`,
        expect: {
          ...onStore,
          store: "store",
          facts: {
            "file /run/backstore/store/kept/backstore.json":
              /"fingerprint": "squashfs-[\s\S]*"state": "open",\n[\s\S]*"machine": "QEMU .*",\n.*"count": 1,/,
          },
        },
      },
      {
        expect: {
          ...onStore,
          store: "store",
          console: [
            /The last session on .* on "ACME Box 4"\) did not end cleanly or is still running /,
          ],
        },
      },
    ],
  },
  {
    name: "foreign-writes",
    title:
      "what another system has written to a store, with overlay options that are on by default, is found out and told once, and the status notices a record that is wrong",
    disks: (place) => [medium(place), store(place)],
    cmdline: `cow_label=store cow_directory=kept ${defaultsOn}`,
    boots: [
      {
        actions: `${keep}; ${sayOverlay}`,
        expect: {
          ...onStore,
          facts: { "done overlay": /redirect_dir=nofollow,index=off,(.*,)?xino=off,metacopy=off/ },
        },
      },
      {
        cmdline: "backstore=off",
        actions: `mkdir /run/theirs /run/root; mount <store> /run/theirs
mount -t overlay -o lowerdir=/run/backstore/base,upperdir=/run/theirs/kept/upperdir,workdir=/run/theirs/kept/workdir theirs /run/root
cd /run/root; mv srv/from srv/to; chmod 0640 srv/mode; echo theirs > srv/kept; rm -r srv/gone
mkdir srv/gone; echo new > srv/gone/new; cd /; say_done overlay grep /run/root /proc/mounts
umount /run/root; umount /run/theirs`,
        writes: ["store"],
        // What differs from the kernel's defaults would be listed.
        expect: {
          session: "volatile",
          facts: { "done overlay": /workdir=\S*\/workdir(,uuid=\w+)? 0 0$/m },
        },
      },
      ...[
        [
          /^Another system has written to the store .* \(mounted 20.* UTC\): .* redirect_dir=on and metacopy=on now/,
        ],
        [],
      ].map((problems) => ({
        actions: `say_files /srv/to/deep/b /srv/kept /srv/gone/new /srv/gone/one /srv/from/a
say_done mode sh -c "stat -c %a /srv/mode; wc -c < /srv/mode"; ${sayOverlay}`,
        expect: {
          ...onStore,
          problems,
          files: {
            "/srv/to/deep/b": "b\n",
            "/srv/kept": "theirs\n",
            "/srv/gone/new": "new\n",
            "/srv/gone/one": undefined,
            "/srv/from/a": undefined,
          },
          facts: {
            "done mode": /^640\n88000\n/m,
            "done overlay": /workdir=[^,]*,index=off,(uuid=\w+,)?xino=off 0 0$/m,
          },
        },
      })),
      {
        // A record that is wrong: the changes need what it does not have.
        actions: `sed -i 's/"overlay": .*/"overlay": "index=off,metacopy=off,xino=off,redirect_dir=nofollow",/' /run/backstore/store/kept/backstore.json
say_done before ${status}`,
        expect: { ...onStore, facts: { "done before": /^persistent: every change is kept\n/ } },
      },
      {
        actions: `say_done after ${status}`,
        expect: {
          ...onStore,
          facts: {
            "done after":
              /^unknown: new changes are kept, but some earlier ones cannot be read\n[\s\S]*cannot be read here: "\/srv\/(to|mode)": operation not permitted [\s\S]*\nstatus 9$/m,
          },
        },
      },
    ],
  },
];

/** Makes a medium of one release; each has a base of its own. */
function release(place: Place, { label, version }: { label: string; version: string }) {
  const file = place.file(`${label}.img`);
  const { tree, ...rest } = rescueMedium();
  const { "sysresccd/x86_64/airootfs.sfs": squashfs = "", ...others } = tree;
  const base: typeof tree =
    label === "RESCUE1100"
      ? { "sysresccd/x86_64/airootfs.sfs": squashfs }
      : { "sysresccd/x86_64/airootfs.erofs": { file: makeBase("erofs") } };
  writeMedium(file, {
    ...rest,
    label,
    tree: { ...others, ...base, "sysresccd/VERSION": `${version}\n` },
  });
  return { name: label, file };
}
