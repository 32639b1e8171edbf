import { expect, describe as group, test } from "vitest";
import {
  describe,
  matchStep,
  type Step,
  type StepArguments,
} from "../../../src/core/steps/step.ts";
import { directoryFacts, storeFile } from "../../support/devices.ts";

const cases: readonly (readonly [step: Step, words: string])[] = [
  [{ do: "make-directory", path: "/run/x" }, 'create the directory "/run/x"'],
  [
    { do: "make-directory-like", path: "/a/upperdir", like: "/base" },
    'create the directory "/a/upperdir" like "/base", unless it exists',
  ],
  [{ do: "make-link", path: "/a", to: "/b" }, 'create the link "/a" to "/b"'],
  [{ do: "write-file", path: "/a", text: "x".repeat(2048) }, 'write "/a" (2.0 KiB)'],
  [{ do: "overwrite-file", path: "/a", text: "x".repeat(20) }, 'write over "/a" (20 B)'],
  [{ do: "append-file", path: "/a", text: "x".repeat(20) }, 'append 20 B to "/a"'],
  [
    {
      do: "write-record",
      path: "/s/backstore.json",
      text: "{}",
      work: "/s/workdir",
      store: "/s",
      type: "ext4",
    },
    `write "/s/backstore.json" (2 B), with the times of the boot and of the overlay's mount`,
  ],
  [
    {
      do: "mount",
      source: "/dev/sda",
      target: "/a",
      type: "ext4",
      readonly: true,
      guarded: true,
      data: "noload",
    },
    'mount "/dev/sda" (ext4) on "/a" read-only,noload, with writes to it blocked by the kernel',
  ],
  [
    { do: "mount", source: "/dev/sda", target: "/a", type: "ext4", readonly: false },
    'mount "/dev/sda" (ext4) on "/a" read-write',
  ],
  [
    {
      do: "mount",
      source: "/dev/sda",
      target: "/a",
      type: "ext4",
      readonly: true,
      flags: ["nodev", "noatime"],
      data: "noload",
    },
    'mount "/dev/sda" (ext4) on "/a" read-only,nodev,noatime,noload',
  ],
  [
    { do: "mount-image", file: "/m/base.sfs", target: "/b", type: "squashfs" },
    'mount the image "/m/base.sfs" (squashfs) on "/b" read-only',
  ],
  [
    { do: "mount-image", file: "/dev/sda", target: "/b", type: "ext4", data: "noload" },
    'mount the image "/dev/sda" (ext4) on "/b" read-only,noload',
  ],
  [
    { do: "mount-file", file: "/h/sysrcd.bs", target: "/s", type: "ext4", readonly: false },
    'mount the file "/h/sysrcd.bs" (ext4) on "/s" read-write',
  ],
  [
    {
      do: "mount-file",
      file: "/h/sysrcd.bs",
      target: "/s",
      type: "xfs",
      readonly: true,
      data: "norecovery",
    },
    'mount the file "/h/sysrcd.bs" (xfs) on "/s" read-only,norecovery',
  ],
  [
    { do: "check-sum", root: "/m", path: "a.sfs", bytes: 2 ** 20, sha512: "0123456789abcdef01" },
    'make sure that the SHA-512 of "/m/a.sfs" (1.0 MiB) is 0123456789abcdef…',
  ],
  [
    { do: "mount-srm", medium: "/m", path: "sysresccd/a.srm", target: "/srm1", type: "squashfs" },
    'mount the module "/m/sysresccd/a.srm" (squashfs) on "/srm1" read-only',
  ],
  [
    { do: "make-configuration", base: "/b", medium: "/m", files: ["sysrescue.d/1.yaml"], at: "/c" },
    'write "/run/archiso/config/sysrescue-effective-config.json" with "/usr/bin/sysrescue-configuration.lua" of "/b", if that is there',
  ],
  [
    { do: "show-inside", source: "/s", root: "/r", path: "/mnt/memory" },
    'bind "/s" to "/mnt/memory" in "/r" read-only',
  ],
  [{ do: "bind", source: "/a", target: "/b", readonly: false }, 'bind "/a" to "/b"'],
  [{ do: "bind", source: "/a", target: "/b", readonly: true }, 'bind "/a" to "/b" read-only'],
  [{ do: "move-mount", source: "/a", target: "/b" }, 'move the mount "/a" to "/b"'],
  [
    {
      do: "mount-overlay",
      target: "/root",
      lower: ["/old", "/base"],
      upper: "/u",
      work: "/w",
      options: "index=off",
    },
    'mount an overlay on "/root" that keeps changes to "/old" over "/base" in "/u" (index=off)',
  ],
  [
    {
      do: "mount-overlay",
      target: "/root",
      lower: ["/base"],
      upper: "/u",
      work: "/w",
      options: "",
    },
    'mount an overlay on "/root" that keeps changes to "/base" in "/u"',
  ],
  [
    { do: "make-directory", path: '/my "own"\n\u001b[2J' },
    'create the directory "/my \\"own\\"\\n\\u001b[2J"',
  ],
  [
    { do: "mount", source: "/dev/a", target: "/b", type: "ext4", readonly: false, data: "a\nb" },
    'mount "/dev/a" (ext4) on "/b" read-write,a\\nb',
  ],
  [{ do: "remount", target: "/m", readonly: true }, 'remount "/m" read-only'],
  [{ do: "remount", target: "/m", readonly: false, flags: ["nodev"] }, 'remount "/m" read-write'],
  [{ do: "create-file", path: "/m/a", mode: 0o600 }, 'create the file "/m/a"'],
  [
    { do: "reserve", path: "/m/a", from: 2 ** 29, bytes: 2 ** 30 },
    'reserve room for "/m/a" from 512.0 MiB to 1.0 GiB',
  ],
  [
    { do: "allocate", path: "/m/a", from: 0, bytes: 2 ** 30, pieceBytes: 2 ** 20 },
    'allocate 1.0 GiB for "/m/a"',
  ],
  [
    { do: "allocate", path: "/m/a", from: 2 ** 29, bytes: 2 ** 30, pieceBytes: 2 ** 20 },
    'allocate "/m/a" from 512.0 MiB to 1.0 GiB',
  ],
  [
    { do: "unshare", path: "/m/a", bytes: 2 ** 30 },
    'rewrite "/m/a" (1.0 GiB) where it shares blocks with other files',
  ],
  [
    { do: "check-allocated", path: "/m/a", bytes: 2 ** 30 },
    'make sure that all 1.0 GiB of "/m/a" is allocated',
  ],
  [
    {
      do: "run-tool",
      action: "make a file system",
      argv: ["mkfs", "-L", "", "-b", "4096", "/a b"],
    },
    'make a file system (mkfs -L "" -b 4096 "/a b")',
  ],
  [{ do: "sync-file", path: "/m/a" }, 'sync "/m/a" to disk'],
  [{ do: "sync-file-system", path: "/m/a" }, 'sync the file system of "/m/a" to disk'],
  [{ do: "rename", from: "/a", to: "/b", replaces: false }, 'rename "/a" to "/b"'],
  [
    { do: "rename", from: "/a", to: "/b", replaces: true },
    'rename "/a" to "/b", replacing the existing file',
  ],
  [{ do: "remove-file", path: "/a" }, 'remove "/a"'],
  [
    { do: "copy-file", from: "/m/a", to: "/c/a", bytes: 3 * 2 ** 20 },
    'copy "/m/a" (3.0 MiB) to "/c/a"',
  ],
  [{ do: "unmount", target: "/m" }, 'unmount "/m"'],
  [{ do: "unmount", target: "/m", lazily: true }, 'unmount "/m" lazily'],
  [{ do: "detach-loop", device: "/dev/loop1" }, 'detach "/dev/loop1" from its file'],
  [{ do: "truncate", path: "/a", bytes: 2 ** 20 }, 'truncate "/a" to 1.0 MiB'],
  [
    {
      ...{ do: "mount-partition", device: "/dev/sda3", target: "/a", type: "ext4" },
      ...{ readonly: false, flags: ["noatime"] },
    },
    'mount "/dev/sda3" (ext4) on "/a" read-write,noatime through a loop device, because its disk is in use as a whole',
  ],
  [
    { do: "check-disk", path: "/dev/sdb", bytes: 2 ** 30, type: undefined, uuid: undefined },
    'check that "/dev/sdb" has not changed (1.0 GiB, nothing recognised)',
  ],
  [
    { do: "clear-disk", path: "/dev/sdb", parts: [{ offset: 0, bytes: 2 ** 20 }] },
    'write zeros to "/dev/sdb": 1.0 MiB at 0',
  ],
  [
    {
      do: "copy-to-disk",
      path: "/dev/sdb",
      from: "/a.iso",
      at: 4096,
      offset: 4096,
      bytes: 2 ** 20,
    },
    'write "/a.iso" to "/dev/sdb": 1.0 MiB at 4096',
  ],
  [
    { do: "check-on-disk", path: "/dev/sdb", from: "/blob", at: 0, offset: 4096, bytes: 2 ** 20 },
    'read back "/blob" from 0 to "/dev/sdb": 1.0 MiB at 4096',
  ],
  [
    { do: "change-disk", path: "/dev/sdb", offset: 32768, from: "a", to: "b", what: "the catalog" },
    'change the catalog on "/dev/sdb" (1 B at 32768)',
  ],
  [
    { do: "check-device", path: "/dev/sdb", bytes: 2 ** 30, type: "vfat", uuid: "1A2B-3C4D" },
    'check that "/dev/sdb" has not changed (1.0 GiB, vfat) and is not in use',
  ],
  [
    { do: "set-loop-capacity", device: "/dev/loop1" },
    'update "/dev/loop1" to the new size of its file',
  ],
  [
    {
      do: "ensure-room",
      path: "/s",
      type: "ext4",
      ballast: "/s/kept",
      bytes: 524288,
      advice: "delete something",
    },
    'make sure that 512.0 KiB is free on "/s"; remove "/s/kept" if less is free than it reserves',
  ],
  [
    { do: "make-ballast", path: "/s/kept", type: "ext4" },
    'reserve some room in "/s/kept" if ten times as much is free',
  ],
  [
    { do: "check-copy", store: "/m/a", copy: "/t/copy", undo: "/t/undo" },
    'check "/t/copy" and replay its journal',
  ],
  [
    { do: "resize-copy", store: "/m/a", copy: "/t/copy", undo: "/t/undo", bytes: 2 ** 30 },
    'resize the file system in "/t/copy" to 1.0 GiB and check it',
  ],
  [
    { do: "copy-used", store: "/m/a", copy: "/t/copy", undo: "/t/undo", from: 2 ** 20 },
    'copy the used blocks of "/m/a" from 1.0 MiB on to "/t/copy"',
  ],
  [
    {
      do: "keep-changes",
      store: "/m/a",
      copy: "/t/copy",
      undos: ["/t/undo"],
      changes: "/m/a.changes",
      from: 2 ** 20,
      to: 2 ** 21,
    },
    'save the changed blocks in "/m/a.changes"',
  ],
  [
    { do: "apply-changes", changes: "/m/a.changes", store: "/m/a" },
    'write the blocks saved in "/m/a.changes" to "/m/a"',
  ],
  [
    { do: "check-file-system", store: "/m/a", type: "xfs" },
    'check the xfs file system in "/m/a" without changing it',
  ],
  [
    { do: "repair-file-system", path: "/m/a", type: "ext4", thoroughly: false },
    'repair the ext4 file system in "/m/a" if everything can be repaired safely (e2fsck -f -p /m/a)',
  ],
  [
    { do: "repair-file-system", path: "/m/a", type: "xfs", thoroughly: true },
    'repair the xfs file system in "/m/a" completely (xfs_repair /m/a)',
  ],
  [
    {
      do: "resize-mounted",
      store: "/m/a",
      type: "xfs",
      scratch: "/t",
      bytes: "all",
    },
    'mount the xfs file system in "/m/a" temporarily and grow it to fill its file',
  ],
  [
    {
      do: "resize-mounted",
      store: "/m/a",
      type: "btrfs",
      scratch: "/t",
      bytes: 2 ** 30,
    },
    'mount the btrfs file system in "/m/a" temporarily and shrink it to 1.0 GiB',
  ],
  [
    {
      do: "resize-mounted",
      store: "/m/a",
      type: "xfs",
      scratch: "/t",
      bytes: undefined,
    },
    'mount the xfs file system in "/m/a" temporarily to replay its journal',
  ],
  [
    { do: "copy-store", store: "/m/a", to: "/m/b", type: "xfs", scratch: "/t" },
    'copy everything in "/m/a" to "/m/b" and compare the totals',
  ],
  [
    { do: "grow-mounted", store: "/m/a", argv: ["xfs_growfs", "-d", "/s"] },
    "grow the file system in use to fill it (xfs_growfs -d /s)",
  ],
  [
    { do: "confirm-file", root: "/host", seen: storeFile({ path: "/a/b.bs" }) },
    'make sure that "/host/a/b.bs" is unchanged, or inspect it again',
  ],
  [
    { do: "confirm-store", root: "/store", seen: directoryFacts({ directory: "kept" }) },
    'make sure that what is in "/store/kept" is unchanged, or inspect it again',
  ],
  [
    {
      do: "check-store",
      path: "/dev/sdb",
      type: "ext4",
      because: "it was not cleanly unmounted",
      hasErrors: false,
      store: "the store",
      remedy: "check it",
      scratch: "/t",
      base: "/base",
    },
    'check the ext4 file system in "/dev/sdb" and repair what can be repaired safely, because it was not cleanly unmounted',
  ],
  [
    { do: "protect-mount", target: "/run/live/medium", flags: ["noatime"] },
    'make the mount "/run/live/medium" read-only again',
  ],
  [
    { do: "replace-root", root: "/root", by: "/run/new" },
    'put the mount "/run/new" in the place of the root "/root"',
  ],
  [
    { do: "put-file", path: "/m/backstore/kept/0", text: "set timeout=1\n" },
    'create the file "/m/backstore/kept/0" (14 B)',
  ],
  [
    { do: "put-copy", from: "/tmp/addon.img", to: "/m/addon1.img", bytes: 2048, mode: 0o644 },
    'copy "/tmp/addon.img" (2.0 KiB) to "/m/addon1.img"',
  ],
  [
    { do: "change-text", path: "/m/grub.cfg", from: "linux /a\n", to: "linux /a b\n" },
    'change "/m/grub.cfg" from 9 to 11 bytes',
  ],
  [{ do: "remove-put", path: "/m/addon1.img" }, 'remove "/m/addon1.img"'],
  [
    { do: "remove-empty", path: "/m/backstore" },
    'remove the directory "/m/backstore" if it is empty',
  ],
  [
    { do: "take-out", upper: "/s/upperdir", path: "/etc/hosts", aside: "/s/upperdir.reverted" },
    'remove "/etc/hosts" from "/s/upperdir"',
  ],
  [
    {
      ...{ do: "describe-directory", upper: "/s/upperdir", path: "/etc" },
      ...{ mode: 0o755, uid: 0, gid: 0, xattrs: {} },
    },
    'give "/etc" in "/s/upperdir" the attributes of the base\'s directory',
  ],
  [
    {
      ...{ do: "forget-origin", upper: "/s/upperdir", path: "/b" },
      attribute: "trusted.overlay.origin",
    },
    'make "/b" in "/s/upperdir" independent of the file that it was copied from',
  ],
  [
    {
      ...{ do: "take-out-same", upper: "/s/upperdir", lower: ["/b"], aside: "/s/aside" },
      copies: [
        { path: "/etc/a", inode: 7 },
        { path: "/etc/b", inode: 8 },
      ],
    },
    'remove from "/s/upperdir" what is like the base\'s: "/etc/a" and "/etc/b"',
  ],
  [
    { do: "remove-aside", path: "/s/upperdir.reverted" },
    'remove what was moved to "/s/upperdir.reverted"',
  ],
  [{ do: "make-scratch", path: "/t" }, 'create the temporary directory "/t"'],
  [{ do: "remove-scratch", path: "/t" }, 'remove "/t"'],
];

group("describe()", () => {
  for (const [step, words] of cases) {
    test(`describe() says: ${words}`, () => {
      expect(describe(step)).toBe(words);
    });
  }

  test("describe() shortens no path", () => {
    const path = `/${"x".repeat(3000)}`;
    expect(describe({ do: "make-directory", path })).toBe(`create the directory "${path}"`);
  });

  test("every kind of step is described above", () => {
    const kinds: Record<keyof StepArguments, true> = {
      "check-store": true,
      reserve: true,
      "make-directory": true,
      "make-directory-like": true,
      "make-link": true,
      "write-file": true,
      "overwrite-file": true,
      "write-record": true,
      mount: true,
      "mount-image": true,
      "mount-file": true,
      "mount-partition": true,
      "mount-srm": true,
      "make-configuration": true,
      "show-inside": true,
      bind: true,
      "move-mount": true,
      "mount-overlay": true,
      remount: true,
      "protect-mount": true,
      "replace-root": true,
      "append-file": true,
      "create-file": true,
      allocate: true,
      unshare: true,
      "check-allocated": true,
      "run-tool": true,
      "sync-file": true,
      "sync-file-system": true,
      rename: true,
      "remove-file": true,
      "copy-file": true,
      "check-sum": true,
      unmount: true,
      "detach-loop": true,
      truncate: true,
      "check-device": true,
      "check-disk": true,
      "clear-disk": true,
      "copy-to-disk": true,
      "check-on-disk": true,
      "change-disk": true,
      "set-loop-capacity": true,
      "ensure-room": true,
      "make-ballast": true,
      "check-copy": true,
      "resize-copy": true,
      "copy-used": true,
      "keep-changes": true,
      "apply-changes": true,
      "check-file-system": true,
      "resize-mounted": true,
      "repair-file-system": true,
      "confirm-file": true,
      "confirm-store": true,
      "copy-store": true,
      "grow-mounted": true,
      "make-scratch": true,
      "remove-scratch": true,
      "put-file": true,
      "put-copy": true,
      "change-text": true,
      "remove-put": true,
      "remove-empty": true,
      "take-out": true,
      "describe-directory": true,
      "remove-aside": true,
      "take-out-same": true,
      "forget-origin": true,
    };
    expect(Object.keys(kinds).sort()).toEqual([...new Set(cases.map(([step]) => step.do))].sort());
  });

  test("a step survives JSON", () => {
    for (const [step, words] of cases)
      expect(describe(JSON.parse(JSON.stringify(step)))).toBe(words);
  });
});

test("matchStep() calls the function of the step's kind with the step", () => {
  const other = () => "another kind";
  const said = matchStep<string>(
    { do: "make-link", path: "/a", to: "/b" },
    {
      "check-store": other,
      reserve: other,
      "make-directory": other,
      "make-directory-like": other,
      "make-link": ({ path, to }) => `${path} ${to}`,
      "write-file": other,
      "overwrite-file": other,
      "write-record": other,
      mount: other,
      "mount-image": other,
      "mount-file": other,
      "mount-partition": other,
      "mount-srm": other,
      "make-configuration": other,
      "show-inside": other,
      bind: other,
      "move-mount": other,
      "mount-overlay": other,
      remount: other,
      "protect-mount": other,
      "replace-root": other,
      "append-file": other,
      "create-file": other,
      allocate: other,
      unshare: other,
      "check-allocated": other,
      "run-tool": other,
      "sync-file": other,
      "sync-file-system": other,
      rename: other,
      "remove-file": other,
      "copy-file": other,
      "check-sum": other,
      unmount: other,
      "detach-loop": other,
      truncate: other,
      "check-device": other,
      "check-disk": other,
      "clear-disk": other,
      "copy-to-disk": other,
      "check-on-disk": other,
      "change-disk": other,
      "set-loop-capacity": other,
      "ensure-room": other,
      "make-ballast": other,
      "check-copy": other,
      "resize-copy": other,
      "copy-used": other,
      "keep-changes": other,
      "apply-changes": other,
      "check-file-system": other,
      "resize-mounted": other,
      "repair-file-system": other,
      "confirm-file": other,
      "confirm-store": other,
      "copy-store": other,
      "grow-mounted": other,
      "make-scratch": other,
      "remove-scratch": other,
      "put-file": other,
      "put-copy": other,
      "change-text": other,
      "remove-put": other,
      "remove-empty": other,
      "take-out": other,
      "describe-directory": other,
      "remove-aside": other,
      "take-out-same": other,
      "forget-origin": other,
    },
  );
  expect(said).toBe("/a /b");
});
