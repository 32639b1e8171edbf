// The procedures in the first generation's manual, as boots of a live system: create a store,
// reboot without any option, change things, grow the store, reboot. The store is grown in the
// running session, which the manual could not do yet.

import { lookAtChanges, makeChanges } from "./live-changes.ts";
import type { Deed, LiveBoot } from "./live-guest.ts";
import { isFoundAtLogin } from "./login-shells.ts";

/** The place of a store, and how a user who follows the manual gets there. */
export interface StorePlace {
  /** The name of the place in titles. */
  readonly title: string;
  /** Deeds before and after the command that creates or grows. */
  readonly open: readonly Deed[];
  readonly close: readonly Deed[];
  /** The argument of the command: a directory. */
  readonly directory: string;
  /**
   * The type of the file system inside, and the sizes that the commands are given, in megabytes.
   */
  readonly type: "ext4" | "xfs" | "btrfs";
  readonly create: string;
  readonly grow: string;
  readonly megabytes: readonly [number, number];
  /** Growing it once more, as the manual does: in a session without a store. */
  readonly growAside?: { readonly command: string; readonly megabytes: number };
}

/**
 * Returns the boots of the manual's procedure; the first one runs without a store and creates it.
 */
export function planProcedure(place: StorePlace): LiveBoot[] {
  const [created, grown] = place.megabytes;
  const { growAside } = place;
  const aside = growAside === undefined ? [] : [planGrowAside(place, growAside)];
  return [
    {
      title: `create a store on ${place.title}`,
      cmdline: "backstore=off",
      session: "volatile",
      deeds: [
        ...lookAtChanges("before"),
        ...place.open,
        { title: "create", command: place.create },
        isWhole(place, created),
        ...place.close,
      ],
    },
    {
      title: "use it without an option",
      session: "persistent",
      deeds: [
        isShown(place),
        hasRoom(0.8 * created, created),
        ...lookAtChanges("before"),
        ...commandIsThere,
        ...devicesAreLeftAlone,
        ...journalHasVerdict,
        ...makeChanges(),
        writeOldFiles,
      ],
    },
    {
      title: "find what was changed, and grow the store while it is in use",
      session: "persistent",
      deeds: [
        ...lookAtChanges("after"),
        oldFilesAreWhole,
        ...place.open,
        hasRoom(0.8 * created, created),
        { title: "grow", command: place.grow },
        hasRoom(0.8 * grown, grown),
        isWhole(place, grown),
        writeMoreThan(created),
        moreIsThere(created),
        oldFilesAreWhole,
        ...place.close,
      ],
    },
    ...aside,
    {
      title: "find everything in the grown store",
      session: "persistent",
      deeds: [
        isShown(place),
        ...lookAtChanges("after"),
        hasRoom(0.8 * (growAside?.megabytes ?? grown), growAside?.megabytes ?? grown),
        oldFilesAreWhole,
        moreIsThere(created),
      ],
      ending: "poweroff",
    },
  ];
}

function planGrowAside(
  place: StorePlace,
  { command, megabytes }: NonNullable<StorePlace["growAside"]>,
): LiveBoot {
  return {
    title: "grow the store while nobody uses it",
    cmdline: "backstore=off",
    session: "volatile",
    deeds: [...place.open, { title: "grow", command }, isWhole(place, megabytes), ...place.close],
  };
}

const environmentGenerator =
  "/usr/lib/systemd/user-environment-generators/30-systemd-environment-d-generator";

/** udev has given the devices of the session the properties that file managers ask for. */
const devicesAreLeftAlone: readonly Deed[] = [
  {
    title: "udev tells file managers to leave the devices of the session alone",
    command: `for place in store host base; do
node=$(findmnt -fno SOURCE /run/initramfs/backstore/$place)
echo $place $(udevadm info --query=property --name=$node | grep UDISKS_ | sort)
done`,
    says: /^store UDISKS_AUTO=0 UDISKS_IGNORE=1 UDISKS_SYSTEM=1\nhost UDISKS_AUTO=0 UDISKS_IGNORE=1 UDISKS_SYSTEM=1\nbase UDISKS_AUTO=0 UDISKS_IGNORE=1 UDISKS_SYSTEM=1$/m,
  },
  {
    title: "and says nothing of other devices, nor of the rules",
    command: `node=$(findmnt -fno SOURCE /run/initramfs/backstore/medium)
udevadm info --query=property --name=$node | grep -c UDISKS_
journalctl -b --no-pager -u systemd-udevd | grep -i backstore.rules; true`,
    says: /^0\nstatus 0\n$/,
  },
];

/** The journal has the verdict, and no time of an initramfs, which only systemd in it can give. */
const journalHasVerdict: readonly Deed[] = [
  {
    title: "the journal has the verdict by its name, and as no warning",
    command:
      "journalctl -b -t backstore -o cat --no-pager; journalctl -b -t backstore -p warning -q -o cat --no-pager",
    says: /^session persistent\nstatus 0\n$/,
  },
  {
    title: "the base's os-release is the release of a medium without one",
    command: `grep -o '"release": "[^"]*"' /run/backstore/boot.json; . /etc/os-release; grep -c "\\"release\\": \\"$PRETTY_NAME\\"" /run/backstore/boot.json`,
    says: /^1$/m,
  },
  {
    title: "systemd knows no time of the initramfs",
    command: "systemctl show -p InitRDTimestampMonotonic",
    says: /^InitRDTimestampMonotonic=0$/m,
  },
];

/** The program of the initramfs can be called, and means the session's store. */
const commandIsThere: readonly Deed[] = [
  isFoundAtLogin,
  {
    title: "the boot has left its command, and nothing of it in the store",
    command:
      "PATH=/run/backstore/bin:$PATH; which backstore; ls -R /run/backstore/bin; ! find /mnt/memory/upperdir | grep -w bin/backstore",
    says: /^\/run\/backstore\/bin\/backstore$/m,
  },
  {
    title: "status, check and grow without a path mean the session's store",
    command:
      "cd /run/backstore/bin; ./backstore status; ./backstore check -q; echo $?; ./backstore grow max -n; ./backstore list -J | grep tool",
    says: /^persistent: .*\n0\nEnlarge the store "\/run\/backstore\/host\/sysrcd\.bs" from .*"tool": "backstore /s,
  },
  {
    title: "what systemd starts for a user has it in its PATH",
    command: `PATH=$PATH ${environmentGenerator}`,
    says: /^PATH=.*:\/run\/backstore\/bin$/m,
  },
];

const mebibyte = 1024 * 1024;

// A sparse file would lose changes when the stick is full; hosts count in blocks of 512 bytes,
// rounded up.
function isWhole({ directory }: StorePlace, megabytes: number): Deed {
  const bytes = megabytes * mebibyte;
  return {
    title: `the store's file has ${megabytes} MiB, all of them allocated`,
    command: `cd ${directory} && stat -c '%s %b' sysrcd.bs && [ $(stat -c %s sysrcd.bs) = ${bytes} ] && [ $(stat -c %b sysrcd.bs) -ge ${bytes / 512} ] && ls -A`,
  };
}

function isShown({ type }: StorePlace): Deed {
  return {
    title: "the store is mounted on /mnt/memory, where nobody can write",
    command:
      "findmnt -no FSTYPE,VFS-OPTIONS /mnt/memory; ls /mnt/memory; ! touch /mnt/memory/upperdir/x",
    says: new RegExp(`^${type} +ro\\b[^]*^upperdir$`, "m"),
  };
}

function hasRoom(least: number, most: number): Deed {
  return {
    title: `the size of / is about ${most} MiB`,
    command: `size=$(df -BM --output=size / | tail -n 1 | tr -dc 0-9); echo $size; [ $size -ge ${Math.floor(least)} ] && [ $size -le ${most} ]`,
  };
}

const sums = "/root/old.sums";

// Everything in the store by then, a package's files and whiteouts, besides forty files of random
// bytes.
const writeOldFiles: Deed = {
  title: "write files and note the hashes of all that were changed",
  command: `set -e
mkdir /root/old
for number in $(seq 40); do head -c $((number * 20001)) /dev/urandom > /root/old/$number; done
cd /mnt/memory/upperdir
find root usr srv -type f -print0 | xargs -0 sha256sum > /tmp/sums
cp /tmp/sums ${sums}
wc -l < ${sums}`,
  says: /^(?:4[1-9]|[5-9]\d)$/m,
};

const oldFilesAreWhole: Deed = {
  title: "every file has the hash that was noted",
  command: `cd / && sha256sum --check ${sums} | grep -c ': OK$'; sha256sum --check --quiet ${sums}`,
  says: /^(?:4[1-9]|[5-9]\d)$/m,
};

function formatMore(megabytes: number): string {
  return `yes 'more than the old store could hold' | head -c ${(megabytes + 40) * mebibyte}`;
}

function writeMoreThan(megabytes: number): Deed {
  return {
    title: `write ${megabytes + 40} MiB, more than the store could hold before`,
    command: `${formatMore(megabytes)} > /root/more && sync`,
  };
}

function moreIsThere(megabytes: number): Deed {
  return {
    title: "what was written is there",
    command: `${formatMore(megabytes)} | cmp - /root/more`,
  };
}
