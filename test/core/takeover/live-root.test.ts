import { describe, expect, test } from "vitest";
import { parseMountInfo } from "../../../src/core/kernel/mount-table.ts";
import {
  addTraces,
  identifyRoot,
  isLeftAlone,
  type LiveRoot,
} from "../../../src/core/takeover/live-root.ts";

const traces = { metacopy: false, redirect: false, incomplete: false };

/** A mount table, with the lines that every initramfs has, and the loop devices in it. */
interface Given {
  readonly root: string;
  readonly lines: readonly string[];
  readonly loops?: Readonly<Record<string, string>>;
  /** Symbolic links, and what they lead to. */
  readonly links?: Readonly<Record<string, string>>;
  /** Directories whose files are seen in the root. */
  readonly seen?: readonly string[];
}

function identify({ root, lines, loops = {}, links = {}, seen = [] }: Given) {
  const common = [
    "1 1 0:2 / / rw - rootfs rootfs rw",
    "20 1 0:18 / /run rw,nosuid,nodev,noexec,relatime - tmpfs tmpfs rw,size=49140k,mode=755",
  ];
  const usual = (path: string) => links[path] ?? (path.replace(/\/+$/, "") || "/");
  return identifyRoot({
    root,
    mounts: parseMountInfo([...common, ...lines].join("\n")),
    loops: new Map(Object.entries(loops)),
    resolve: (path) => (path.includes("missing") ? undefined : usual(path)),
    isSeen: (directory) => seen.includes(directory),
  });
}

const vfat = "vfat /dev/sda1 ro,fmask=0022,errors=remount-ro";
const liveBoot: Given = {
  root: "/root",
  lines: [
    `21 20 8:1 / /run/live/medium ro,noatime - ${vfat}`,
    "22 20 7:0 / /run/live/rootfs/filesystem.squashfs ro,noatime - squashfs /dev/loop0 ro",
    "23 20 0:19 / /run/live/overlay rw,noatime - tmpfs tmpfs rw,size=245688k",
    "24 1 0:20 / /root rw,noatime - overlay overlay rw,lowerdir=/run/live/rootfs/filesystem.squashfs/,upperdir=/run/live/overlay/rw,workdir=/run/live/overlay/work,redirect_dir=on",
  ],
  loops: { "/dev/loop0": "/run/live/medium/live/filesystem.squashfs" },
};
const dracut: Given = {
  root: "/sysroot",
  lines: [
    "21 20 11:0 / /run/initramfs/live ro,relatime - iso9660 /dev/sr0 ro",
    "22 20 7:1 / /run/rootfsbase ro,relatime - squashfs /dev/loop1 ro",
    "24 1 0:20 / /sysroot rw,relatime shared:1 - overlay LiveOS_rootfs rw,lowerdir=/run/rootfsbase,upperdir=/run/overlayfs,workdir=/run/ovlwork",
  ],
  loops: { "/dev/loop1": "/run/initramfs/live/LiveOS/squashfs.img" },
};
const archiso: Given = {
  root: "/new_root",
  lines: [
    "21 20 8:1 / /run/archiso/bootmnt ro,relatime - vfat /dev/sda1 rw",
    "22 20 0:19 / /run/archiso/cowspace rw - tmpfs cowspace rw,size=262144k",
    "23 20 7:0 / /run/archiso/sfs/airootfs ro - squashfs /dev/loop0 ro",
    "25 20 7:1 / /run/archiso/sfs/srm0 ro - squashfs /dev/loop1 ro",
    "24 1 0:20 / /new_root rw - overlay airootfs rw,lowerdir=/run/archiso/sfs/srm0:/run/archiso/sfs/airootfs,upperdir=/run/archiso/cowspace/persistent_RESCUE/x86_64/upperdir,workdir=/run/archiso/cowspace/persistent_RESCUE/x86_64/workdir",
  ],
  loops: {
    "/dev/loop0": "/run/archiso/bootmnt/sysresccd/x86_64/airootfs.sfs",
    "/dev/loop1": "/run/archiso/bootmnt/sysresccd/x.srm",
  },
};
const kiwi: Given = {
  root: "/sysroot",
  lines: [
    "21 20 0:30 / /run/overlay rw - tmpfs tmpfs rw",
    "22 21 8:2 / /run/overlay/live ro - iso9660 /dev/sda2 ro",
    "25 21 7:0 / /run/overlay/squashfs_container ro - squashfs /dev/loop0 ro",
    "23 21 7:1 / /run/overlay/rootfsbase ro - ext4 /dev/loop1 ro",
    "24 1 0:20 / /sysroot rw - overlay LiveOS_rootfs rw,lowerdir=/run/overlay/rootfsbase,upperdir=/run/overlay/overlayfs/rw,workdir=/run/overlay/overlayfs/work",
  ],
  loops: {
    "/dev/loop0": "/run/overlay/live/LiveOS/squashfs.img",
    "/dev/loop1": "/run/overlay/squashfs_container/LiveOS/rootfs.img",
  },
};
const casper: Given = {
  root: "/root",
  lines: [
    "21 1 0:30 / /cow rw - tmpfs tmpfs rw",
    "22 1 11:0 / /cdrom ro - iso9660 /dev/sr0 ro",
    "24 1 0:20 / /root rw - overlay /cow rw,lowerdir=/filesystem.squashfs,upperdir=/cow/upper,workdir=/cow/work",
    "23 24 7:0 / /root/rofs ro - squashfs /dev/loop0 ro",
  ],
  loops: { "/dev/loop0": "/cdrom/casper/filesystem.squashfs" },
  seen: ["/root/rofs"],
};
/** Its mounts as they are after all of /live was moved. */
const oldLiveBoot: Given = {
  root: "/root",
  lines: [
    "24 1 0:20 / /root rw - overlay overlay rw,lowerdir=//missing.squashfs,upperdir=/live/missing/rw,workdir=/live/missing/work",
    "21 24 8:1 / /root/lib/live/mount/medium ro - iso9660 /dev/sda1 ro",
    "23 24 7:0 / /root/lib/live/mount/rootfs/missing.squashfs ro - squashfs /dev/loop0 ro",
    "22 24 0:30 / /root/lib/live/mount/missing rw - tmpfs tmpfs rw",
  ],
  loops: { "/dev/loop0": "/root/lib/live/mount/medium/live/missing.squashfs" },
  seen: [
    "/root/lib/live/mount/rootfs/missing.squashfs",
    "/root/lib/live/mount/missing/rw",
    "/root/lib/live/mount/medium",
  ],
};
const linuxLive: Given = {
  root: "/memory/union",
  lines: [
    "21 1 8:1 / /memory/data rw - vfat /dev/sda1 rw",
    "22 1 7:0 / /memory/bundles/01-core.sb ro - squashfs /dev/loop0 ro",
    "23 1 7:1 / /memory/bundles/02-two.sb ro - squashfs /dev/loop1 ro",
    "15 1 0:31 / / rw - tmpfs tmpfs rw",
    "24 1 0:20 / /memory/union rw - overlay overlay rw,lowerdir=/memory/bundles/02-two.sb:/memory/bundles/01-core.sb,upperdir=/memory/changes/changes,workdir=/memory/changes/workdir",
  ],
  loops: {
    "/dev/loop0": "/memory/data/slax/01-core.sb",
    "/dev/loop1": "/memory/data/slax/02-two.sb",
  },
};

describe("identifyRoot()", () => {
  const known: readonly (readonly [name: string, given: Given, expected: object])[] = [
    [
      "live-boot",
      liveBoot,
      {
        root: "/root",
        family: "live-boot",
        layers: ["/run/live/rootfs/filesystem.squashfs"],
        upper: "/run/live/overlay/rw",
        unnamed: [],
        medium: {
          target: "/run/live/medium",
          source: "/dev/sda1",
          deviceNumber: "8:1",
          isWritable: false,
          flags: ["noatime"],
        },
      },
    ],
    [
      "dracut, whose changes are in a directory of /run",
      dracut,
      {
        root: "/sysroot",
        family: "dracut",
        layers: ["/run/rootfsbase"],
        upper: "/run/overlayfs",
        unnamed: [],
        medium: {
          target: "/run/initramfs/live",
          source: "/dev/sr0",
          deviceNumber: "11:0",
          isWritable: false,
          flags: ["relatime"],
        },
      },
    ],
    [
      "archiso with a module of SystemRescue, on a medium mounted for writing",
      archiso,
      {
        root: "/new_root",
        family: "archiso",
        layers: ["/run/archiso/sfs/srm0", "/run/archiso/sfs/airootfs"],
        upper: "/run/archiso/cowspace/persistent_RESCUE/x86_64/upperdir",
        unnamed: ["/run/archiso/cowspace/persistent_RESCUE/x86_64/upperdir"],
        medium: {
          target: "/run/archiso/bootmnt",
          source: "/dev/sda1",
          deviceNumber: "8:1",
          isWritable: true,
          flags: ["relatime"],
        },
      },
    ],
    [
      "kiwi, through an image in an image",
      kiwi,
      {
        root: "/sysroot",
        family: "kiwi",
        layers: ["/run/overlay/rootfsbase"],
        upper: "/run/overlay/overlayfs/rw",
        unnamed: [],
        medium: {
          target: "/run/overlay/live",
          source: "/dev/sda2",
          deviceNumber: "8:2",
          isWritable: false,
          flags: [],
        },
      },
    ],
    [
      "casper, whose only image was moved into the root",
      casper,
      {
        root: "/root",
        family: "casper",
        layers: ["/root/rofs"],
        upper: "/cow/upper",
        unnamed: ["/cow/upper", "/root/rofs"],
        hidden: ["/cow"],
        medium: {
          target: "/cdrom",
          source: "/dev/sr0",
          deviceNumber: "11:0",
          isWritable: false,
          flags: [],
        },
      },
    ],
    [
      "an old release of live-boot, which has moved everything into the root",
      oldLiveBoot,
      {
        root: "/root",
        family: "live-boot",
        layers: ["/root/lib/live/mount/rootfs/missing.squashfs"],
        upper: "/root/lib/live/mount/missing/rw",
        unnamed: [
          "/root/lib/live/mount/missing/rw",
          "/root/lib/live/mount/rootfs/missing.squashfs",
        ],
        medium: {
          target: "/root/lib/live/mount/medium",
          source: "/dev/sda1",
          deviceNumber: "8:1",
          isWritable: false,
          flags: [],
        },
      },
    ],
    [
      "linux-live, with several layers outside /run",
      linuxLive,
      {
        root: "/memory/union",
        family: "linux-live",
        layers: ["/memory/bundles/02-two.sb", "/memory/bundles/01-core.sb"],
        upper: "/memory/changes/changes",
        unnamed: [
          "/memory/changes/changes",
          "/memory/bundles/02-two.sb",
          "/memory/bundles/01-core.sb",
        ],
        medium: {
          target: "/memory/data",
          source: "/dev/sda1",
          deviceNumber: "8:1",
          isWritable: true,
          flags: [],
        },
      },
    ],
  ];
  for (const [name, given, expected] of known)
    test(`identifyRoot() knows that of ${name}`, () => {
      expect(identify(given)).toEqual(expected);
    });

  test("identifyRoot() knows no medium where the base was copied into memory", () => {
    const [, ...rest] = liveBoot.lines;
    const copied = "21 20 0:40 / /run/live/medium rw,noatime - tmpfs /dev/shm rw";
    expect(identify({ ...liveBoot, lines: [copied, ...rest] })).toMatchObject({
      layers: ["/run/live/rootfs/filesystem.squashfs"],
      medium: undefined,
    });
    // The image was moved into a file of the initramfs, whose mount is gone.
    expect(
      identify({ ...dracut, loops: { "/dev/loop1": "/run/squashfs.img (deleted)" } }),
    ).toMatchObject({ medium: undefined });
  });

  test("identifyRoot() takes the last mount on a root, and ends on a loop that backs itself", () => {
    const below = "19 1 8:9 / /root rw - ext4 /dev/sdz9 rw";
    expect(identify({ ...liveBoot, lines: [below, ...liveBoot.lines] })).toMatchObject({
      family: "live-boot",
    });
    const circle = { "/dev/loop0": "/run/live/rootfs/filesystem.squashfs/file" };
    expect(identify({ ...liveBoot, loops: circle })).toMatchObject({ medium: undefined });
  });

  const edited = (given: Given, from: string | RegExp, to: string): Given => ({
    ...given,
    lines: given.lines.map((line) => line.replace(from, to)),
  });
  const refused: readonly (readonly [kind: string, name: string, given: Given, reason: string])[] =
    [
      [
        "no-root",
        "nothing",
        { ...liveBoot, root: "/elsewhere" },
        'nothing is mounted on "/elsewhere"',
      ],
      [
        "not-overlay",
        "a device-mapper snapshot",
        {
          root: "/sysroot",
          lines: ["24 1 254:0 / /sysroot rw - ext4 /dev/mapper/live-rw rw"],
        },
        "the root is ext4 and no overlay",
      ],
      [
        "not-overlay",
        "aufs",
        edited(liveBoot, "overlay overlay", "aufs none"),
        "the root is aufs and no overlay",
      ],
      [
        "no-upper",
        "an overlay without changes",
        edited(liveBoot, /,upperdir.*/, ""),
        "the root cannot be changed",
      ],
      [
        "own-store",
        "a store of live-boot's own",
        edited(
          liveBoot,
          "0:19 / /run/live/overlay rw,noatime - tmpfs tmpfs",
          "8:2 / /run/live/overlay rw - ext4 /dev/sda2",
        ),
        'the distribution keeps changes itself, on "/dev/sda2"',
      ],
      [
        "own-store",
        "a store of dracut's own, which a link leads to",
        {
          ...dracut,
          lines: [...dracut.lines, "30 20 8:3 / /run/initramfs/overlay rw - ext4 /dev/sda3 rw"],
          links: { "/run/overlayfs": "/run/initramfs/overlay/overlay-LIVE-1" },
        },
        'the distribution keeps changes itself, on "/dev/sda3"',
      ],
      [
        "lost-layer",
        "changes of which nobody knows where they are",
        edited(liveBoot, "upperdir=/run/live", "upperdir=/missing"),
        'the layer "/missing/overlay/rw" of the root cannot be found',
      ],
      [
        "lost-layer",
        "a directory of the initramfs itself",
        edited(liveBoot, "lowerdir=", "lowerdir=/filesystem.squashfs:"),
        'the layer "/filesystem.squashfs" of the root cannot be found',
      ],
      [
        "lost-layer",
        "a layer that is gone",
        edited(liveBoot, "lowerdir=", "lowerdir=/run/missing:"),
        'the layer "/run/missing" of the root cannot be found',
      ],
      [
        "lost-layer",
        "an image of the right name whose files are not those of the root",
        { ...casper, seen: [] },
        'the layer "/filesystem.squashfs" of the root cannot be found',
      ],
    ];
  // Their upper directory was found in memory.
  const lost = [
    "a directory of the initramfs itself",
    "a layer that is gone",
    "an image of the right name whose files are not those of the root",
  ];
  for (const [kind, name, given, reason] of refused)
    test(`identifyRoot() leaves alone: ${name}`, () => {
      const changes = name.startsWith("a store")
        ? "kept"
        : lost.includes(name)
          ? "lost"
          : "unknown";
      const family = name.includes("dracut") || name.includes("mapper") ? "dracut" : undefined;
      expect(identify(given)).toEqual({
        root: given.root,
        family: family ?? (name.includes("image of") ? "casper" : "live-boot"),
        kind,
        reason,
        changes,
      });
    });
});

test("addTraces() leaves alone what needs metacopy=on, and takes redirects", () => {
  const found = identify(liveBoot);
  if (isLeftAlone(found)) throw new Error(found.reason);
  expect(addTraces(found, { ...traces, metacopy: true })).toMatchObject({
    ...{ root: "/root", family: "live-boot", kind: "metacopy", changes: "lost" },
  });
  const redirected: LiveRoot = { ...found, traces: { ...traces, redirect: true } };
  expect(addTraces(found, { ...traces, redirect: true })).toEqual(redirected);
});
