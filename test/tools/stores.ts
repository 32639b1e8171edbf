// Stores with everything in them that an overlay's upper directory has, for tests that change the
// file around it: how one is created once and restored quickly, its contents as text, and whether
// its file system's own checker is content. Everything is mounted in a private namespace.
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  rmSync,
  statSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { makeProgram } from "../../scripts/lib/c-program.ts";
import { copyProgram, run, temporaryDirectory, tryRun } from "./programs.ts";

// In memory if possible: a kill loop syncs ten thousand times.
const memory = existsSync("/dev/shm") ? "/dev/shm" : tmpdir();
/** Where the stores are. */
export const directory = temporaryDirectory(memory);

/** The program under test. */
export const program = copyProgram(directory);

/** A store that is restored before each case. */
export interface StoreModel {
  readonly type: string;
  readonly bytes: number;
  /** The file that is restored. */
  readonly model: string;
  /** Its contents. */
  readonly contents: string;
}

const mebibyte = 2 ** 20;

/**
 * Runs a line of shell in a private mount namespace; "$1" is a file, "$2" an empty directory to
 * mount it on.
 */
function inMounts(file: string, script: string): string {
  return run(["unshare", "--mount", "sh", "-euc", script, "sh", file, directory]);
}

// What is at the end of a store has to move when it shrinks, so the first file is large, and
// removed.
const fill = `
mount -o loop "$1" /mnt
cd /mnt
mkdir -p upperdir/etc/deep workdir
head -c $((FILLER * 1048576)) /dev/zero > filler
for name in a b c; do head -c 50000 /dev/urandom > upperdir/$name; done
head -c 5000 /dev/urandom > upperdir/etc/deep/d
: > upperdir/empty
ln upperdir/a upperdir/etc/a-again
ln -s ../a upperdir/etc/link
mknod upperdir/etc/gone c 0 0
truncate -s 1M upperdir/sparse
echo end >> upperdir/sparse
setfattr -n trusted.overlay.opaque -v y upperdir/etc
setfattr -n user.comment -v "some words" upperdir/b
chmod 4711 upperdir/b
chown 65534:12 upperdir/c
touch -d 2020-02-02T02:02:02 upperdir/a
sync
rm filler
cd /
umount /mnt`;

/** Makes a store of a type, fills it, and keeps it to be restored. */
export function makeModel(
  type: string,
  megabytes: number,
  { filler = 0, options = [] as readonly string[] } = {},
): StoreModel {
  const bytes = megabytes * mebibyte;
  const model = join(directory, `${type}-${megabytes}.model`);
  run(["truncate", "-s", String(bytes), model]);
  run([`mkfs.${type}`, "-q", ...options, model]);
  inMounts(model, fill.replace("FILLER", String(filler)));
  return { type, bytes, model, contents: readContents(type, model) };
}

/** Restores a store, fully allocated, with nothing beside it; a file that is there is kept. */
export function putBack({ model }: StoreModel, store: string): void {
  mkdirSync(dirname(store), { recursive: true });
  for (const entry of readdirSync(dirname(store), { withFileTypes: true }))
    if (entry.name !== basename(store) || !entry.isFile())
      rmSync(join(dirname(store), entry.name), { recursive: true });
  makeSame(model, store, "-a");
  chownSync(store, 0, 0);
  chmodSync(store, 0o644);
}

/**
 * Gives a file the contents of another one, and writes only what differs; "-a" allocates all of it.
 */
export function makeSame(from: string, to: string, ...options: readonly "-a"[]): void {
  run([makeMakeSame(), ...options, from, to]);
}

function makeMakeSame(): string {
  return makeProgram("test/tools/make-same.c");
}

const list = `
mount -o ro,loop$OPTIONS "$1" /mnt
cd /mnt
find . -xdev ! -name lost+found ! -path . -printf '%P %y %m %U:%G %s links %n at %TY-%Tm-%Td -> %l\\n' | sed 's/^\\(.* d .*\\) [0-9]* links/\\1 links/' | sort
find . -xdev -type f -exec sha256sum {} + | sort -k 2
find . -xdev -type c -exec stat -c '%n %t:%T' {} +
find . -xdev ! -type l ! -type c | sort | while read -r name; do getfattr --absolute-names -d -m - "$name"; done
test upperdir/a -ef upperdir/etc/a-again && echo hard link
cd /
umount /mnt`;

/** Lists everything in a store: names, kinds, modes, owners, times, contents, attributes. */
export function readContents(type: string, store: string): string {
  return inMounts(store, list.replace("$OPTIONS", type === "xfs" ? ",norecovery,nouuid" : ""));
}

const checkers: Readonly<Record<string, readonly string[]>> = {
  ext2: ["e2fsck", "-f", "-n"],
  ext3: ["e2fsck", "-f", "-n"],
  ext4: ["e2fsck", "-f", "-n"],
  xfs: ["xfs_repair", "-n"],
  btrfs: ["btrfs", "check", "--readonly"],
};

/** Returns the complaints of the file system's own checker; "" if there are none. */
export function complaints(type: string, store: string): string {
  const ended = tryRun([...(checkers[type] ?? []), store]);
  return ended.status === 0 ? "" : `${ended.status}: ${ended.stdout}${ended.stderr}`;
}

/** Returns the size of the file system in a store according to its superblock. */
export function innerBytes(type: string, store: string): number {
  const [, number = "0", unit = "1"] = /^(\d+) (\d+)$/m.exec(askedSize[type]?.(store) ?? "") ?? [];
  return Number(number) * Number(unit);
}

const askedSize: Readonly<Record<string, (store: string) => string>> = {
  ext2: askExt,
  ext3: askExt,
  ext4: askExt,
  xfs: (store) => {
    const said = run(["xfs_db", "-r", "-c", "sb 0", "-c", "p dblocks blocksize", store]);
    return said.replace(/dblocks = (\d+)\s+blocksize = (\d+)/, "$1 $2");
  },
  btrfs: (store) => {
    const said = run(["btrfs", "inspect-internal", "dump-super", store]);
    return `${/^total_bytes\s+(\d+)/m.exec(said)?.[1]} 1`;
  },
};

function askExt(store: string): string {
  const said = run(["dumpe2fs", "-h", store]);
  return `${/^Block count:\s+(\d+)/m.exec(said)?.[1]} ${/^Block size:\s+(\d+)/m.exec(said)?.[1]}`;
}

/** Lists what is beside a store, and what was left in memory for it. */
export function findRemains(store: string): string[] {
  const beside = readdirSync(dirname(store)).filter((name) => name !== basename(store));
  return [...beside, ...findScratch(store).map((path) => basename(path))];
}

/** Removes what was left in memory for a store whose killed run nobody will complete. */
export function removeScratch(store: string): void {
  for (const path of findScratch(store)) rmSync(path, { recursive: true });
}

const inodes = new Map<string, Set<string>>();

/** Finds the directories in memory that runs have made for a store, by each inode it has had. */
export function findScratch(store: string): string[] {
  const { dev, ino } = statSync(store);
  const had = inodes.get(store) ?? new Set();
  inodes.set(store, had.add(`backstore-${dev}-${ino}`));
  return readdirSync(memory)
    .filter((name) => had.has(name.replace(/-\d+$/, "")))
    .map((name) => join(memory, name));
}

/** Returns how much of a file is allocated. */
export function allocatedBytes(store: string): number {
  return statSync(store).blocks * 512;
}

/** Returns whether a store is byte for byte what was restored. */
export function isUntouched({ model }: StoreModel, store: string): boolean {
  const { status, stderr } = tryRun([makeMakeSame(), "-n", model, store]);
  if (status !== 0 && status !== 1) throw new Error(stderr);
  return status === 0;
}
