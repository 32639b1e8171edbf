// The add-on behind the real initramfs of Debian's releases, each made by its own generator.

import { writeMedium } from "../disks/media.ts";
import { makeUsedStore } from "../disks/store-files.ts";
import { finds } from "../file-scenario.ts";
import { makeBase } from "../guest/base.ts";
import type { DebianInitramfs } from "../guest/debian-initramfs.ts";
import { makeToolBase } from "../guest/tool-base.ts";
import type { Disk } from "../machine.ts";
import { type Boot, type Expected, keeps, type Place, type Scenario, store } from "../scenario.ts";

/** What is particular to an initramfs. */
interface Family {
  readonly name: string;
  readonly title: string;
  readonly initramfs: DebianInitramfs;
  /** Where it finds its base on a medium. */
  readonly image: string;
  /** The arguments with which it boots from the medium. */
  readonly cmdline: string;
  /** Where it mounts the medium, and the directory for changes in memory. */
  readonly medium: string;
  readonly upper: string;
  /** A file that it writes into its root. */
  readonly writes: string;
  /**
   * What differs in the last boot: the initramfs is made where our package is installed, or the
   * program is started first as well.
   */
  readonly last: "inside" | "rdinit";
  /** Set if the base has checkers; the initramfs has none. */
  readonly checks?: true;
  /** What the kernel warns of without the add-on as well. */
  readonly warnings: readonly string[];
}

/** The label of the medium. */
export const label = "LIVE";
const storeFile = "/stores/my.bs";

/** What Debian's live-boot expects, writes and mounts. */
export const liveBoot = {
  image: "live/filesystem.squashfs",
  cmdline: "boot=live",
  medium: "/run/live/medium",
  upper: "/run/live/overlay/rw",
  writes: "/etc/fstab",
  warnings: [],
} as const;

/** What dracut's dmsquash-live expects and mounts. */
export const dracut = {
  image: "LiveOS/squashfs.img",
  cmdline: `root=live:LABEL=${label} rd.live.image rd.live.overlay.overlayfs=1`,
  medium: "/run/initramfs/live",
  upper: "/run/overlayfs",
  writes: "/etc/early",
  warnings: [],
} as const;

const families: readonly Family[] = [
  {
    ...liveBoot,
    name: "addon-live-boot",
    last: "rdinit",
    title: "Debian 12's live-boot",
    checks: true,
    initramfs: { generator: "live-boot", release: "bookworm" },
  },
  {
    ...liveBoot,
    name: "addon-live-boot-13",
    last: "inside",
    title: "Debian 13's live-boot",
    initramfs: { generator: "live-boot", release: "trixie" },
  },
  {
    ...dracut,
    name: "addon-dracut",
    last: "inside",
    title: "Debian 12's dracut",
    initramfs: { generator: "dracut", release: "bookworm" },
  },
  {
    ...dracut,
    name: "addon-dracut-systemd",
    last: "rdinit",
    title: "Debian 13's dracut with systemd",
    initramfs: { generator: "dracut-systemd", release: "trixie" },
  },
];

/**
 * What the distribution has written is a layer from then on. The overlay that it has made holds
 * that directory until the new one is in its place; overlayfs notices, and has no other way to say
 * that nothing uses both.
 */
const inUse = "overlayfs: lowerdir is in-use as upperdir/workdir of another mount, .*";

/** Looking into a store that a session has left in use, without changing it. */
const pending = "EXT4-fs \\(loop\\d+\\): write access unavailable, cannot proceed .*";

/** Matches warnings of the kernel, which are these alone. */
function warns(...lines: readonly string[]): RegExp {
  const all = lines.map((line) => `<[34]>\\[ *[\\d.]+\\] ${line}\n`).join("");
  return new RegExp(`^${all}status ${lines.length === 0 ? 1 : 0}\n$`);
}

// Neither initramfs nor base has checkers.
const unchecked = /was not checked although it/;

export const debianAddons: readonly Scenario[] = [
  ...families.map(planBoots),
  {
    name: "addon-f2fs",
    title:
      "behind Debian's live-boot without f2fs, a store on it keeps changes: driver and checker are the base's",
    disks: (place) => [
      liveMedium(place, { ...liveBoot, checks: true }),
      store(place, { type: "f2fs" }),
    ],
    initramfs: { generator: "live-boot", release: "bookworm" },
    cmdline: `${liveBoot.cmdline} cow_label=store`,
    // The machine that runs the tests may not be able to mount it.
    boots: keeps("store", { directory: `persistent_${label}/x86_64` }).map(
      ({ expect: { upper: _, ...expect }, ...boot }, index) => ({
        ...boot,
        expect: { ...expect, check: index === 0 ? "none" : "clean" },
      }),
    ),
  },
];

/**
 * As without the add-on first, then twice with a store, and then with one on the medium that the
 * distribution has mounted read-only.
 */
function planBoots(family: Family): Scenario {
  const { name, title, initramfs, cmdline, upper, checks, warnings, last } = family;
  const directory = `persistent_${label}/x86_64`;
  const volatile: Boot = {
    actions: `echo changed > /etc/motd; say_files /etc/motd
say_done upper grep '^overlay\\|^LiveOS_rootfs' /proc/mounts
${tellLeft(family, undefined)}`,
    writes: [],
    expect: {
      session: "volatile",
      files: { "/etc/motd": "changed\n" },
      facts: {
        ...factsLeft(family),
        "done upper": new RegExp(`upperdir=${upper},`),
        "done warnings": warns(...warnings),
      },
    },
  };
  const facts = {
    ...factsLeft(family),
    "done kept": /^status 1$/m,
    "done end": /^status 0$/m,
    "done shown": /status 0$/m,
    "done warnings": warns(...warnings, inUse),
  };
  const afterwards = (expect: Expected): Expected => ({
    ...expect,
    ...(checks ? { check: "clean" } : { problems: [unchecked] }),
    facts: { ...expect.facts, "done warnings": warns(...warnings, pending, inUse) },
  });
  const inDirectory = keeps("store", { directory, facts }).map(
    (boot, index): Boot => ({
      ...boot,
      cmdline: "cow_label=store",
      actions: `${boot.actions}\n${tellLeft(family, directory)}`,
      expect: index === 0 ? boot.expect : afterwards(boot.expect),
    }),
  );
  const found = finds("persistent", { store: "medium", file: storeFile, facts });
  const onMedium: Boot = {
    ...found,
    ...(last === "inside" ? { initramfs: { ...initramfs, isInside: true } } : {}),
    cmdline: `${last === "rdinit" ? "rdinit=/backstore-init " : ""}backstore=${storeFile}`,
    writes: ["medium"],
    actions: `${found.actions}\n${tellLeft(family, "")}`,
  };
  return {
    name,
    title: `behind ${title}, a session is volatile without an option, and a store keeps changes`,
    disks: (place) => [liveMedium(place, family), store(place)],
    initramfs,
    cmdline: `${cmdline} guest.early=24`,
    boots: [volatile, ...inDirectory, onMedium],
  };
}

function liveMedium(place: Place, { image, checks }: Pick<Family, "image" | "checks">): Disk {
  const file = place.file("medium.img");
  const tree = {
    [image]: { file: checks ? makeToolBase() : makeBase() },
    [storeFile.slice(1)]: { file: makeUsedStore() },
  };
  writeMedium(file, { kind: "vfat", label, tree });
  return { name: "medium", file };
}

/** Tells what the distribution has written and mounted, and what has become of it. */
function tellLeft({ writes, upper, medium }: Family, directory: string | undefined): string {
  const kept = `say_done kept test -e /run/backstore/store/${directory}/upperdir${writes}
say_done end test -x /run/initramfs/shutdown
say_done shown grep ' /mnt/memory ' /proc/self/mountinfo`;
  return `
say_done written test -s ${writes}
${directory === undefined ? "" : kept}
say_done way grep -o '"way": "addon"' /run/backstore/boot.json
say_done medium grep ' ${medium} ' /proc/self/mountinfo
warnings() { dmesg -r | sed '1,/ as init process$/d' | grep '^<[0-4]>' | grep -v 'epollctl add err'; }
say_done warnings warnings
memory() {
  used=$(sed -n 's/^Shmem: *\\([0-9]*\\) kB$/\\1/p' /proc/meminfo)
  written=$(du -sk ${upper}) 
  echo "$used kB in memory, $written written early"
  test $((used - \${written%%[!0-9]*})) -lt 4096
}
say_done memory memory`;
}

function factsLeft({ medium }: Family) {
  return {
    "done written": /^status 0$/m,
    "done way": /status 0$/m,
    "done medium": new RegExp(` ${medium} ro,.*\nstatus 0$`, "m"),
    "done memory": /^status 0$/m,
  };
}
