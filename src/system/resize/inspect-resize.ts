// The facts needed to resize a store: its contents, its users, how small it can become, and where
// there is space for temporary files. Inspection changes nothing.

import { sumRanges } from "../../core/bytes/ranges.ts";
import type { ReadBytes } from "../../core/bytes/source.ts";
import { unknownDevice } from "../../core/devices/device.ts";
import { notThere } from "../../core/devices/missing.ts";
import { findStoreType, type StoreType } from "../../core/file-systems/store-types.ts";
import {
  type ExtLayout,
  findMovingData,
  readExtLayout,
  readUsedRanges,
} from "../../core/resize/ext-layout.ts";
import type { InnerFacts, ResizeFacts } from "../../core/resize/resize-facts.ts";
import { nameInSession, places } from "../../core/session/places.ts";
import { namesBeside } from "../../core/stores/store-names.ts";
import { Failure } from "../../core/text/failure.ts";
import { formatPath, formatShellWord } from "../../core/text/quoted.ts";
import { readSectorBytes } from "../devices/sector-size.ts";
import { lookInto } from "../looking/look.ts";
import { withLookingPlace } from "../looking/looking-place.ts";
import { readSuperblock } from "../looking/read-superblock.ts";
import { orFail } from "../port/errors.ts";
import { sayIfSlow } from "../port/say-if-slow.ts";
import type { FileStatus, System } from "../port/system.ts";
import { damagedStore, orDamaged } from "../steps/damaged-store.ts";
import type { StorePlace } from "../stores/locate-store.ts";
import { findWritableHost } from "../stores/writable-host.ts";
import { findLastingLoops } from "../usage/loops-on.ts";
import { nameHolder, nameLoop } from "../usage/name-holder.ts";

/** The part of a resize request that inspection depends on. */
interface ResizeQuestion {
  readonly operation: "grow" | "shrink";
  /** The new size; undefined for the largest or smallest possible. */
  readonly to: number | undefined;
  readonly isRoot: boolean;
}

/** Inspects a store; throws a Failure if it cannot be resized. */
export function inspectResize(
  system: System,
  place: StorePlace,
  question: ResizeQuestion,
): ResizeFacts {
  const { store, host } = place;
  const status = checkFile(place, question.operation);
  const session = findSession(system, place, question.operation);
  const inner = inspectInner(system, { place, status, question, isUsed: session !== undefined });
  const { sharedBytes } = orFail(`Cannot ${question.operation} ${formatPath(store)}`, () =>
    system.ownership(store),
  );
  const writable = findWritableHost(system, place, question.operation);
  return {
    store,
    writable,
    bytes: status.bytes,
    allocatedBytes: Math.max(0, status.allocatedBytes - sharedBytes),
    sharedBytes,
    inner,
    session,
    isRoot: question.isRoot,
    host: {
      type: host.type,
      target: nameInSession(host.mount.target),
      source: host.mount.source,
      totalBytes: host.room.totalBytes,
      availableBytes: host.room.availableBytes,
      sectorBytes: readSectorBytes(system, host.mount.source),
    },
    scratch: chooseScratch(system, { store: writable.store, host }, { status, inner }),
  };
}

/** Returns the facts about the file; throws a Failure if there is none. */
export function checkFile({ store, status }: StorePlace, operation: string): FileStatus {
  const cannot = `Cannot ${operation} ${formatPath(store)}`;
  if (status === undefined) {
    throw notThere(cannot, store, "list the stores: backstore list");
  }
  if (status.kind !== "file")
    throw new Failure("usage", `${cannot}: it is not a file`, "name the file of a file store");
  return status;
}

/**
 * Finds where the running session uses the store; throws Failure "in-use" if anything else does.
 */
function findSession(
  system: System,
  { store }: StorePlace,
  operation: string,
): ResizeFacts["session"] {
  const loops = findLastingLoops(system, store);
  const cannot = `Cannot ${operation} ${formatPath(store)}`;
  if (loops.length === 0) {
    const holder = nameHolder(system, store);
    if (holder === undefined) return undefined;
    throw new Failure("in-use", `${cannot}: ${holder.reason}`, holder.hint);
  }
  const mounts = system.mounts().filter(({ source }) => loops.includes(source));
  const own = mounts.find(({ target }) => target === places.store);
  const [other] = mounts.filter(({ source }) => source !== own?.source);
  if (own && loops.length === 1) {
    if (system.loopStatus(own.source)?.readonly) {
      throw new Failure(
        "in-use",
        `${cannot}: the session uses it read-only`,
        `boot with backstore=off, then ${operation} it`,
      );
    }
    return { device: own.source, target: own.target };
  }
  if (other) {
    throw new Failure(
      "in-use",
      `${cannot}: it is mounted on ${formatPath(other.target)} through ${other.source}`,
      `unmount it first: umount ${formatPath(other.target)}`,
    );
  }
  const [loop = ""] = loops.filter((one) => one !== own?.source);
  const { reason, hint } = nameLoop(system, loop);
  throw new Failure("in-use", `${cannot}: ${reason}`, hint);
}

interface InnerQuestion {
  readonly place: StorePlace;
  readonly status: FileStatus;
  readonly question: ResizeQuestion;
  readonly isUsed: boolean;
}

function inspectInner(system: System, inquiry: InnerQuestion): InnerFacts {
  const { place, status, question } = inquiry;
  const { store } = place;
  const tick = sayIfSlow(system, () => `looking at how ${formatPath(store)} is laid out`);
  const read = (offset: number, length: number) => {
    tick();
    return system.readBytes(store, offset, length);
  };
  const cannot = `Cannot ${question.operation} ${formatPath(store)}`;
  const superblock = orFail(cannot, () => readSuperblock(system, store, status.bytes));
  const known = findStoreType(superblock?.type ?? "");
  if (superblock === undefined || known === undefined) {
    throw new Failure(
      "unsafe",
      superblock === undefined
        ? `${cannot}: no file system was recognised in it`
        : `${cannot}: ${superblock.type} cannot be resized`,
    );
  }
  const { type } = known;
  if (superblock.protection !== undefined && !inquiry.isUsed)
    throw new Failure(
      "unsafe",
      `${cannot}: its ${type} file system has multiple mount protection (mmp), with which e2fsck cannot work in a copy`,
      `if no other machine ever mounts it, remove that: tune2fs -O ^mmp ${formatShellWord(store)}`,
    );
  const bytes = superblock.bytes ?? 0;
  if (bytes > status.bytes || bytes === 0) {
    throw new Failure(
      "damaged",
      `${cannot}: its ${type} file system is larger than the file`,
      "restore the file from a complete copy",
    );
  }
  const isExt = type === "ext2" || type === "ext3" || type === "ext4";
  const layout = isExt ? orDamaged(store, type, () => readExtLayout(read)) : undefined;
  if (isExt && layout === undefined)
    throw new Failure(
      "damaged",
      `${cannot}: the superblock of its ${type} file system is inconsistent`,
    );
  if (layout?.isPlain === false && !inquiry.isUsed) {
    throw new Failure(
      "unsafe",
      `${cannot}: its ${type} file system has features (bigalloc, meta_bg or sparse_super2) that allow resizing only while it is in use`,
      "create another store and copy its contents",
    );
  }
  const common = { type, bytes, label: superblock.label, uuid: superblock.uuid, layout };
  if (question.operation === "grow" || inquiry.isUsed)
    return {
      ...common,
      smallestBytes: undefined,
      surelyBytes: undefined,
      movingBytes: layout ? movingBytes(place, { read, type, layout, to: question.to ?? 0 }) : 0,
    };
  const { smallestBytes, surelyBytes } = layout
    ? askResize2fs(system, store, layout)
    : question.isRoot
      ? askMounted(system, { store, type, bytes: status.bytes })
      : unknownSmallest;
  const to = question.to ?? surelyBytes ?? status.bytes;
  return {
    ...common,
    smallestBytes,
    surelyBytes,
    movingBytes: layout ? movingBytes(place, { read, type, layout, to }) : 0,
  };
}

type Smallest = Pick<InnerFacts, "smallestBytes" | "surelyBytes">;

const unknownSmallest: Smallest = { smallestBytes: undefined, surelyBytes: undefined };

interface Moving {
  readonly read: ReadBytes;
  readonly type: StoreType;
  readonly layout: ExtLayout;
  readonly to: number;
}

/** No checker has seen the tables that this is read from. */
function movingBytes({ store }: StorePlace, { read, type, layout, to }: Moving): number {
  const from = findMovingData(layout, to);
  if (from === undefined || !layout.isPlain) return 0;
  return orDamaged(store, type, () => {
    const used = readUsedRanges(read, layout, from);
    if (used === undefined) throw damagedStore(store, type);
    return sumRanges(used);
  });
}

/** It prints the size in a sentence only; if that is missing, it will refuse later, in the copy. */
function askResize2fs(system: System, store: string, { blockBytes }: ExtLayout): Smallest {
  const ended = system.run(["resize2fs", "-P", store]);
  const [, blocks] = /: (\d{1,15})\s*$/.exec(ended.stdout) ?? [];
  if (ended.status !== 0 || blocks === undefined) return unknownSmallest;
  const bytes = Number(blocks) * blockBytes;
  return { smallestBytes: bytes, surelyBytes: bytes };
}

const mebibyte = 2 ** 20;
/** What xfs needs for its log and for working. */
const roomOfXfs = 96 * mebibyte;

function askMounted(
  system: System,
  { store, type, bytes }: { store: string; type: StoreType; bytes: number },
): Smallest {
  const device = {
    ...unknownDevice(store, bytes),
    superblock: { type, label: undefined, uuid: undefined, bytes, unclean: [] },
  };
  return withLookingPlace(system, (place) => {
    if (place === undefined) return unknownSmallest;
    return orFail(`Cannot inspect ${formatPath(store)}`, () =>
      lookInto(system, { device, at: `${place}/store` }, (root) => {
        const { totalBytes, freeBytes } = system.room(root);
        const usedBytes = totalBytes - freeBytes;
        if (type === "xfs") {
          const least = Math.ceil(usedBytes * 1.05) + roomOfXfs;
          return { smallestBytes: least, surelyBytes: least };
        }
        const least = findStoreType(type)?.leastResizedBytes ?? 0;
        const ended = system.run(["btrfs", "inspect-internal", "min-dev-size", root]);
        const [, surely] = /^(\d{1,15}) bytes/.exec(ended.stdout) ?? [];
        return {
          smallestBytes: Math.max(least, usedBytes),
          surelyBytes: surely === undefined ? undefined : Math.max(least, Number(surely)),
        };
      }),
    );
  });
}

/** Hosts that keep holes, so that a copy of the metadata takes only its own space. */
const sparse = new Set(["ext2", "ext3", "ext4", "xfs", "btrfs", "f2fs", "tmpfs"]);

/**
 * In memory, if that is at least twice as large as needed, because it is gone after a power failure
 * and writes nothing to a stick; otherwise beside the store.
 */
function chooseScratch(
  system: System,
  { store, host }: Pick<StorePlace, "store" | "host">,
  { status, inner }: { status: FileStatus; inner: InnerFacts },
): string {
  const needed = inner.layout ? inner.bytes / 16 + 3 * inner.movingBytes : 0;
  const memory = ["/dev/shm", "/tmp"].find((path) => system.status(path)?.kind === "directory");
  const beside = namesBeside(store).scratch;
  if (memory === undefined) return beside;
  if (sparse.has(host.type) && system.room(memory).availableBytes < 2 * needed) return beside;
  for (let attempts = 0; attempts < 100; attempts++) {
    const path = `${memory}/backstore-${status.device}-${status.inode}-${attempts}`;
    if (system.linkStatus(path) === undefined) return path;
  }
  return beside;
}

/** Returns whether a directory named in a record is one that chooseScratch() could have chosen. */
export function isOwnScratch(
  store: string,
  status: Pick<FileStatus, "device" | "inode"> | undefined,
  path: string,
): boolean {
  if (path === namesBeside(store).scratch) return true;
  const [, device, inode] = /^\/(?:dev\/shm|tmp)\/backstore-(\d+)-(\d+)-\d+$/.exec(path) ?? [];
  // Another store's is another run's, which may be at work.
  return device === String(status?.device) && inode === String(status?.inode);
}
