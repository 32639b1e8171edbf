// What inputs begin with: valid ones of each format. What reached more code since is in corpus/.

import { endOfTar, formatHead, formatTail } from "../src/core/exchange/format-tar.ts";
import type { TarEntry } from "../src/core/exchange/tar-entry.ts";
import { dataBytes } from "../src/core/exchange/tar-entry.ts";
import { formatParameter } from "../src/core/options/cmdline.ts";
import { optionNames } from "../src/core/options/options-table.ts";
import { formatChanges } from "../src/core/resize/kept-changes.ts";
import { formatResizeRecord } from "../src/core/stores/resize-record.ts";
import { formElf, formProgram } from "../test/support/elf.ts";
import * as formats from "../test/support/formats.ts";
import { fatImage, isoImage } from "../test/support/iso.ts";

const allFormats: readonly Uint8Array[] = [
  formats.ext("ext4", "data"),
  formats.xfs("data"),
  formats.btrfs("data"),
  formats.f2fs("data"),
  formats.squashfs(),
  formats.vfat(16, "DATA"),
  formats.exfat("data"),
  formats.ntfs("data"),
  formats.luks(2, "data"),
  formats.swap("data"),
  formats.lvm(),
  formats.md("1.2"),
  formats.iso9660("DATA", "data"),
];

const record = {
  format: 1,
  id: "0d7a4a0e-9f0c-4b9c-8d0a-2f7f3f3f3f3f",
  created: "2026-01-31T10:20:00Z",
  tool: "backstore 0.1.0",
  overlay: "index=off,metacopy=off,xino=off,redirect_dir=nofollow",
  base: { label: "RESCUE1100", image: "sysresccd/x86_64/airootfs.sfs", release: "11.00" },
  session: { state: "open", boot: "b", machine: "m", count: 3, started: "2026-01-31T10:20:00Z" },
};

const bootRecord = {
  version: "0.1.0",
  session: "persistent",
  reason: "there is a store",
  store: { kind: "file", device: "/dev/sda1", type: "ext4", directory: "", file: "/sysrcd.bs" },
  medium: { device: "/dev/sdb1", label: "RESCUE", layout: "archiso", image: "a/b.sfs" },
  room: { totalBytes: 1000, usedBytes: 500, measured: 1 },
  problems: [{ message: "Cannot use x", file: "a.yaml", line: 1, column: 2, isReason: true }],
};

const mountTable = `22 1 0:21 / / rw,relatime shared:1 - overlay overlay rw,lowerdir+=/base,lowerdir+=/more,upperdir=/run/backstore/store/upperdir,workdir=/run/backstore/store/workdir
23 22 0:22 / /proc rw,nosuid - proc proc rw
24 22 8:1 /media /run/backstore/store rw,noatime shared:2 master:3 - ext4 /dev/sda1 rw
25 22 7:0 / /media/a\\040b ro - vfat /dev/loop0 rw,fmask=0022
`;

const yaml = `---
global:
    cow_label: data
    cow_directory: "persistent \\u00e9"
    copytoram: true
    backstore: 'alldev,wait=5'
    cow_spacesize: 2G
autorun:
    ar_disable: false
    exec:
        - &a one
        - *a
`;

const resizeRecord = {
  operation: "grow",
  from: 1048576,
  to: 2097152,
  stage: "applying",
  scratch: "/media/.x",
} as const;

const aliases = `pci:v00008086d00002922sv*
alias pci:v00008086d00002922sv*sd*bc*sc*i* ahci
alias pci:v*d*sv*sd*bc01sc06i01* ahci
alias usb:v*p*d*dc*dsc*dp*ic08isc06ip50in* usb_storage
alias fs-ext4 ext4
alias dmi:*:svnAcme[0-9]*:pn?x-y* acme-wmi
`;

const digest = `sha256:${"0123456789abcdef".repeat(4)}`;
const ociType = "application/vnd.oci.image";
const layout = [
  {
    schemaVersion: 2,
    manifests: [
      {
        ...{ mediaType: `${ociType}.manifest.v1+json`, digest, size: 9 },
        annotations: { "org.opencontainers.image.ref.name": "latest" },
      },
    ],
  },
  {
    schemaVersion: 2,
    config: { mediaType: `${ociType}.config.v1+json`, digest, size: 9 },
    layers: [{ mediaType: `${ociType}.layer.v1.tar+gzip`, digest, size: 9 }],
  },
  { architecture: "amd64", rootfs: { type: "layers", diff_ids: [digest] } },
];

const texts: Readonly<Record<string, readonly string[]>> = {
  "oci-layout": [layout.map((part) => JSON.stringify(part)).join("\n")],
  "foreign-store": [
    ".wh..wh.aufs .wh..wh.plnk .wh.a a etc\n",
    ".wh..wh..opq .wh.. rw upper\n# a\n/ union\n/home source=a,bind\n",
  ],
  "store-record": [JSON.stringify(record), JSON.stringify({ ...record, format: 2 }), "{}"],
  "past-boots": [
    '[{"started":"2026-01-30T10:20:00Z","session":"persistent","phases":{"before":1,"medium":2,"store":3,"mounting":4},"totalBytes":5,"usedBytes":6,"note":"a","ended":"2026-01-30T11:00:00Z","endUsedBytes":7}]',
    '[{"started":"2026-01-30T10:20:00Z","session":"volatile","phases":{}},{"started":1}]',
  ],
  "next-steps": [
    '[{"do":"remove-same","path":"/etc/motd","inode":12},{"do":"later"},{"do":"remove-same","path":"/../a","inode":1}]',
    '[{"do":"remove-same","path":"/a","inode":1},{"do":"remove-same","path":"/a","inode":2}]',
  ],
  packages: [
    "Package: a\nStatus: install ok installed\nMulti-Arch: same\nArchitecture: amd64\nVersion: 1-2\n\nPackage: ../b\nStatus: deinstall ok config-files\nVersion: 1\n",
    "a-b-1.0-1\n%FILES%\netc/\netc/a\n\n%BACKUP%\netc/a\t0\n",
    "/.\n/etc\n/etc/a\n",
  ],
  secrets: [
    "-----BEGIN OPENSSH PRIVATE KEY-----\nb3Bl\n-----END OPENSSH PRIVATE KEY-----\n",
    "[wifi-security]\npsk=secret word\npassword=x\n[Interface]\nPrivateKey = AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n",
    "machine a login b password c\nhttps://a:b@c\nroot:$6$a$bcdef:1:0:9:7:::\noauth_token: x\n",
  ],
  "resize-record": [formatResizeRecord(resizeRecord), "{}", ""],
  "boot-record": [JSON.stringify(bootRecord)],
  "overlay-settings": [record.overlay, "index=on,metacopy=on,xino=auto,redirect_dir=on"],
  "kept-changes": [
    formatChanges([
      { offset: 0, bytes: 4096 },
      { offset: 8192, bytes: 100 },
    ]),
  ],
  layout: [
    "sysresccd\nsysresccd/x86_64/airootfs.sfs",
    "arch\narch/x86_64/airootfs.erofs\nother/x86_64/airootfs.sfs",
    "live/filesystem.squashfs",
    "LiveOS/squashfs.img\nLiveOS/rootfs.img",
    "casper/filesystem.squashfs\ncasper/a.squashfs",
    "casper/minimal.squashfs\ncasper/minimal.standard.squashfs",
    "sysrcd.dat",
  ],
  "store-directory": [
    `upperdir workdir lost+found\n${JSON.stringify(record)}`,
    "lost+found\n",
    ".wh..wh.aufs\n",
    "photos\n",
  ],
  "command-line": [
    'BOOT_IMAGE=/vmlinuz quiet archisolabel=RESCUE cow_label="my data" backstore=alldev,wait=5 -- single',
    optionNames.map((name) => formatParameter({ name, value: "x y" })).join(" "),
    "usbcore.quirks=0x1:0x2:m module_blacklist=a,b-c snd.index=1",
  ],
  "backstore-words": [
    "off",
    'alldev,readonly,required,ask,wait=5,base=stop,/my.bs,LABEL="a,b"',
    "/dev/disk/by-label/a\\x20b",
    "reqiured,base=other,wait=9999",
  ],
  yaml: [yaml, "global: {cow_label: data, copytoram: [a, {b: c}]}\n", "a: |\n  b\n c: >-\n  d\n"],
  options: [
    `quiet\ncow_label=data cow_directory=a copytoram cow_spacesize=50% backstore=alldev\n${yaml}`,
    `cow_device=/dev/sda1\ncow_lable=x docache ro cow_flags=noatime,ro archisobasedir=arch\n${yaml}`,
    "cow_label=a\ncow_device=UUID=x cow_directory=../x backstore=/../x\nglobal:\n  cow_label: ''\n",
  ],
  "grub-menu": [
    "set l=\"/i /j\"\nsubmenu x {\nmenuentry 'a' --class b {\nlinux /live/vmlinuz boot=live ---\ninitrd /u /live/initrd\n}\n}\n",
    "eval \"\nmenuentry 'a' {\nif cpuid; then linux ($root)/v boot=live; initrd ($root)/live/initrd; fi\n}\n\"\n",
  ],
  "syslinux-menu": [
    "DEFAULT a\nLABEL a\nMENU LABEL ^a\nTEXT HELP\nx\nENDTEXT\nLINUX /v\nINITRD /u,/live/initrd\nAPPEND boot=live\n",
    "label a\r\nkernel /v\r\nappend initrd=/live/initrd boot=live --\r\n",
  ],
  "loader-entry": ["title a\nlinux /v\ninitrd /u\ninitrd /live/initrd\noptions boot=live\n"],
  "checksum-list": ["00000000000000000000000000000000  ./loader/entries/a.conf\n"],
  "install-record": [
    '{"format":1,"version":"1","family":"a","files":[{"path":"a/b","kept":"0","bytes":1,"crc32":2,"edits":[{"at":0,"removed":0,"text":"x"}]}]}',
  ],
  "option-names": ["cow_label", "cow_lable", "Backstore", "copytorma"],
  "device-reference": [
    "/dev/sda1",
    'LABEL="my data"',
    "/dev/disk/by-label/a\\x20b\\xc3\\xa9",
    "PARTUUID=1a2b3c4d-02",
    "/dev/disk/by-id/x",
  ],
  "inner-path": ["/a/b/../c", "a//./b", "sysrcd.bs"],
  size: ["256", "1.5G", "500MB", " 50 % ", "2 GiB"],
  "mount-options": ['noatime,commit=60,ro,context="a,b",x-gvfs', "rw,lazytime,nodev"],
  credential: [
    "\u0001\u0004\0\0QEMU\0\0\u000b\u0005\u0001\0\u0001io.systemd.credential:backstore.cmdline=cow_label=a backstore=wait=5\0\0\u007f\u0004\u0002\0\0\0",
    "\u000b\u0005\0\0\u0001io.systemd.credential.binary:backstore.cmdline=Y293X2xhYmVsPWE=\0\0",
  ],
  "menu-answer": ["1", "v", "again", " POWEROFF "],
  label: ["data", "a label that is too long", "é", "\u0007"],
  quoted: ["data", "\u001b[2Ja\u202eb", `a "b" \\c\n${"d".repeat(120)}`],
  utf: ["data é 雪 \ud83d\ude00"],
  "mount-table": [mountTable],
  memory: ["MemTotal:  1000 kB\nMemAvailable:  900 kB\nDirty:  5 kB\nWriteback:  1 kB\n"],
  processes: [
    `${mountTable}1: FLOCK  ADVISORY  WRITE 7 08:01:12 0 EOF\n2: POSIX  ADVISORY  WRITE 1 08:01:12 0 EOF\nino:\t12\n`,
  ],
  devices: ["2048\nDEVNAME=sda1;PARTN=1;DISKSEQ=3\nStick\n", "0\nDEVNAME=sr0\n\n"],
  release: ["11.00\n", "Debian GNU/Linux 12\nmore", 'PRETTY_NAME="a \\"b"\nIMAGE_VERSION=\'1\'\n'],
  "image-sum": [`${"0123456789abcdef".repeat(8)}  airootfs.sfs\n# more\n`],
  "checker-output": [
    "\x40Pass 1: Checking inodes\nInode 12 has an invalid mode.  Clear? no\n/dev/loop0: ** WARNING\n",
    "\x21bad magic number\nwould reset\nvaluable metadata changes in a log\n",
    "\x22ERROR: root 5 inode 257 errors 1\nchecksum verify failed\n",
    "\xc3[ASSERT] (x)\r[Fail] y\n",
    "\xe0e2fsck: nothing",
  ],
  "module-files": [
    "kernel/fs/ext4/ext4.ko.xz: kernel/fs/jbd2/jbd2.ko.xz kernel/lib/crc16.ko\n/x/y.ko:\n../z.ko: a\n",
    "softdep btrfs pre: crc32c-intel post: xor\nsoftdep btrfs pre: zstd\n",
  ],
  "module-aliases": [aliases],
  "known-libraries": [
    "2 libs found\n\tlibc.so.6 (libc6,x86-64, hwcap: avx2) => /lib/x/libc.so.6\n\tlibm.so.6 (libc6) => /lib/libm.so.6\n",
  ],
};

function ofWidth(width: 32 | 64, value: number): Uint8Array {
  const bytes = new Uint8Array(width / 8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(value), true);
  return bytes;
}

/** A file system of one group, with its descriptor and bitmap. */
function plainExt(): Uint8Array {
  const image = new Uint8Array(16 * 1024);
  formats.write(
    image,
    1024,
    ["u32le", 0x00, 16],
    ["u32le", 0x04, 16],
    ["u32le", 0x14, 1],
    ["u32le", 0x20, 8192],
    ["u32le", 0x28, 16],
    ["u16le", 0x38, 0xef53],
    ["u32le", 0x4c, 1],
    ["u16le", 0x58, 128],
    ["u32le", 0x5c, 0x10],
    ["u16le", 0xce, 4],
  );
  formats.write(image, 2048, ["u32le", 0, 5], ["u32le", 4, 6], ["u32le", 8, 7]);
  formats.write(image, 5 * 1024, ["u16le", 0, 0x1fff]);
  return join([image, ofWidth(64, 4096)]);
}

function undoFile(): Uint8Array {
  const image = new Uint8Array(8 * 1024);
  formats.write(image, 0, ["text", 0, "E2UNDO02"], ["u64le", 8, 2], ["u64le", 24, 2]);
  formats.write(image, 0, ["u32le", 32, 1024]);
  formats.write(image, 2048, ["u32le", 0, 0xcadecade]);
  formats.write(image, 2064, ["u64le", 0, 7], ["u32le", 12, 1024]);
  return formats.write(image, 2080, ["u64le", 0, 2], ["u32le", 12, 3072]);
}

function logicalDisk(): Uint8Array {
  const image = new Uint8Array(64 * 512);
  formats.writeMbr(image, 0, [
    { type: 0x83, start: 2, sectors: 8 },
    { type: 0x05, start: 16, sectors: 32 },
  ]);
  formats.writeMbr(image, 16 * 512, [
    { type: 0x83, start: 1, sectors: 4 },
    { type: 0x05, start: 8, sectors: 8 },
  ]);
  formats.writeMbr(image, 24 * 512, [{ type: 0x07, start: 1, sectors: 4 }]);
  return join([new Uint8Array(1), image]);
}

/** The checksums are made right after each change. */
function guidDisk(): Uint8Array {
  const image = new Uint8Array(64 * 512);
  formats.writeMbr(image, 0, [{ type: 0xee, start: 1, sectors: 63 }]);
  formats.write(
    image,
    512,
    ["text", 0, "EFI PART"],
    ["u32le", 12, 92],
    ["u64le", 24, 1],
    ["u64le", 72, 2],
    ["u32le", 80, 4],
    ["u32le", 84, 128],
  );
  formats.write(
    image,
    1024,
    ["bytes", 0, formats.uuidBytes],
    ["bytes", 16, formats.uuidBytes],
    ["u64le", 32, 8],
    ["u64le", 40, 15],
    ["text", 56, "d\0a\0t\0a\0"],
  );
  return join([new Uint8Array(1), image]);
}

function join(parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}

const tarMember: TarEntry = {
  ...{ kind: "file", path: "etc/motd", mode: 0o644, uid: 0, gid: 0 },
  modified: { seconds: 1_700_000_000, nanoseconds: 5 },
  ...{ bytes: 0, data: [], to: "", device: { major: 0, minor: 0 }, xattrs: [] },
};

function tarOf(...members: readonly Partial<TarEntry>[]): Uint8Array {
  const parts = members.flatMap((given) => {
    const member = { ...tarMember, ...given };
    return [formatHead(member), new Uint8Array(dataBytes(member)), formatTail(member)];
  });
  return join([...parts, endOfTar]);
}

const archives: readonly Uint8Array[] = [
  tarOf(
    { kind: "directory", path: "" },
    { bytes: 600, data: [{ offset: 0, bytes: 600 }] },
    { kind: "hard-link", path: "etc/again", to: "etc/motd" },
    { path: "etc/.wh.issue", modified: { seconds: 0, nanoseconds: 0 } },
    { kind: "character", path: "null", device: { major: 1, minor: 3 } },
  ),
  tarOf({ path: "n".repeat(200), xattrs: [{ name: "user.a", value: Uint8Array.of(0, 255, 10) }] }),
  tarOf({
    bytes: 9000,
    data: [
      { offset: 512, bytes: 100 },
      { offset: 8000, bytes: 1 },
    ],
  }),
];

const images: Readonly<Record<string, readonly Uint8Array[]>> = {
  tar: archives,
  bcache: [formats.bcache("data")],
  btrfs: [formats.btrfs("data")],
  erofs: [formats.erofs("data")],
  exfat: [formats.exfat("data"), formats.exfat()],
  ext: [formats.ext("ext2", "data"), formats.ext("ext3"), formats.ext("ext4", "0123456789abcdef")],
  f2fs: [formats.f2fs("data"), formats.f2fs("", [1, 0])],
  iso9660: [formats.iso9660("DATA"), formats.iso9660("DATA", "data")],
  "iso-image": [
    isoImage({ files: { "boot/grub.cfg": "a", "live/initrd": "b" }, joliet: true }),
    isoImage({ files: { a: "1" }, rockRidge: false }),
  ],
  "fat-tree": [fatImage("loader", "a long name.conf", "title x\n")],
  luks: [formats.luks(1), formats.luks(2, "data")],
  lvm: [formats.lvm(), formats.lvm(0)],
  md: (["0.90", "1.0", "1.1", "1.2"] as const).map((version) => formats.md(version, "h:a", 80)),
  ntfs: [formats.ntfs("data", 1)],
  squashfs: [formats.squashfs()],
  swap: [formats.swap("data"), formats.swap("", "S1SUSPEND")],
  vfat: [formats.vfat(12), formats.vfat(16, "DATA"), formats.vfat(32, "DATA")],
  xfs: [formats.xfs("data")],
  identify: allFormats,
  partitions: [logicalDisk(), guidDisk()],
  "ext-layout": [plainExt(), formats.ext("ext4", "data")],
  "undo-file": [undoFile()],
  fingerprint: [formats.squashfs(), formats.erofs("data")],
  modinfo: [formElf(["license=GPL", "firmware=a.bin", "alias=pci:*"])],
  elf: [
    formProgram({
      interpreter: "/lib64/ld-linux-x86-64.so.2",
      needed: ["libc.so.6", "libm.so.6"],
      runpath: "$ORIGIN/../lib:/opt/lib",
      names: ["pthread_exit"],
    }),
    formProgram({ needed: ["libc.so"], rpath: "/usr/lib", is32: true }),
  ],
};

/** Returns the valid inputs that a reader begins with. */
export function seedsOf(reader: string): readonly Uint8Array[] {
  const found = texts[reader]?.map(bytesOf) ?? images[reader];
  if (found === undefined) throw new Error(`Cannot fuzz "${reader}": there is no seed for it`);
  return found;
}

/** Characters below U+0100 of a checker's first byte are bytes; all else is UTF-8. */
function bytesOf(text: string): Uint8Array {
  const first = text.charCodeAt(0);
  if (first >= 0x80 && first < 0x100)
    return join([Uint8Array.of(first), Buffer.from(text.slice(1))]);
  return new Uint8Array(Buffer.from(text));
}
