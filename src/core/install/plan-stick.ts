// Installing on a stick that an ISO image was written onto whole, and undoing it: the order of
// writes is such that the stick boots the old or the new way after each of them. A session lies
// behind the image, where nothing is; it is complete and read back before a descriptor names it,
// and the partition covers it before that shows it. The primary descriptor of the whole stick comes
// last; all that changes in it is in its first sector.

import { decodeByteText } from "../bytes/byte-text.ts";
import { joinBytes } from "../bytes/join.ts";
import type { Source } from "../bytes/source.ts";
import { type Patch, patchSource } from "../iso/patches.ts";
import type { Change, Session } from "../iso/session.ts";
import { blockBytes, firstDescriptor } from "../iso/volume.ts";
import type { DiskPart } from "../steps/disk-steps.ts";
import type { Plan, Step, StepArguments } from "../steps/step.ts";
import { Failure } from "../text/failure.ts";
import { formatPath } from "../text/quoted.ts";
import { formatSize, roundDown, roundUp } from "../text/size.ts";
import type { Undoing } from "./undo-stick.ts";

/** A stick, and what lies on it besides the image. */
export interface StickFacts {
  readonly path: string;
  readonly bytes: number;
  /** The end of the image as it was. */
  readonly imageBytes: number;
  /** The session that is in force. */
  readonly session: DiskPart | undefined;
  /** The partitions behind the image. */
  readonly partitions: readonly DiskPart[];
  /** Those of them that are stores. */
  readonly stores: readonly StickStore[];
  readonly identity: Pick<StepArguments["check-disk"], "type" | "uuid">;
}

/** A store in a partition. */
export interface StickStore extends DiskPart {
  readonly number: number;
  readonly type: string;
  readonly label: string | undefined;
}

/** Sessions lie at one of two places: a new one is complete before the old one is given up. */
const leastPlaceBytes = 32 * 2 ** 20;
const alignment = 2 ** 20;

/** Returns the bytes of a place for sessions of a size, and where the first one begins. */
function placesOf({ imageBytes }: StickFacts, sessionBytes: number) {
  return {
    first: roundUp(imageBytes, blockBytes),
    bytes: Math.max(leastPlaceBytes, roundUp(sessionBytes, alignment)),
  };
}

/** Returns the byte behind the places for sessions of a size, where a store may begin. */
export function endOfPlaces(stick: StickFacts, sessionBytes: number): number {
  const { first, bytes } = placesOf(stick, sessionBytes);
  return roundUp(first + 2 * bytes, alignment);
}

/**
 * Returns the blocks at which the first descriptor of a session is if it is at one of the places:
 * behind the image, or, where a store has changed what the tables say of its end, before that.
 */
export function findDescriptorBlocks(
  imageBytes: number,
  store: number | undefined,
): readonly { readonly from: number; readonly to: number }[] {
  const [from, to] =
    store === undefined
      ? [imageBytes, imageBytes + blockBytes]
      : [store - 2 * leastPlaceBytes - alignment, store - 2 * leastPlaceBytes + blockBytes];
  return [0, leastPlaceBytes].map((place) => ({
    from: Math.max(0, Math.ceil((from + place) / blockBytes)) + firstDescriptor,
    to: Math.ceil((to + place) / blockBytes) + firstDescriptor,
  }));
}

/**
 * Chooses where a session of at most so many bytes is written; throws Failure "no-room" that begins
 * with `cannot` if it has no place.
 */
export function chooseSessionBlock(
  stick: StickFacts,
  sessionBytes: number,
  cannot: string,
): number {
  const { session, partitions } = stick;
  const { first, bytes } = placesOf(stick, sessionBytes);
  const isFree = session === undefined || session.offset >= first + bytes;
  const at = isFree
    ? first
    : Math.max(first + bytes, roundUp(session.offset + session.bytes, alignment));
  const room = Math.min(stick.bytes, ...partitions.map(({ offset }) => offset)) - at;
  if (room >= sessionBytes) return at / blockBytes;
  const behind = partitions.length > 0 ? "before the next partition" : "behind the image";
  throw new Failure(
    "no-room",
    `${cannot}: it needs ${formatSize(sessionBytes)} ${behind}, and ${formatSize(Math.max(0, room))} are free`,
    session === undefined ? "use a larger stick" : "undo what is installed first",
  );
}

/** What a store on a stick is made from. */
interface StoreRequest {
  readonly size: number | "max";
  /** The most that a session needs. */
  readonly sessionBytes: number;
  /** The byte behind all that a partition may have. */
  readonly endOfRoom: number;
  readonly leastBytes: number;
}

/** Chooses where the partition of a store is; throws Failure "no-room" that begins so. */
export function chooseStorePart(
  stick: StickFacts,
  { size, sessionBytes, endOfRoom, leastBytes }: StoreRequest,
  cannot: string,
): DiskPart {
  const ends = stick.partitions.map(({ offset, bytes }) => offset + bytes);
  const offset = roundUp(Math.max(endOfPlaces(stick, sessionBytes), ...ends), alignment);
  const room = Math.max(0, roundDown(endOfRoom - offset, alignment));
  const bytes = size === "max" ? room : roundUp(size, alignment);
  if (bytes <= room && bytes >= leastBytes) return { offset, bytes };
  const wanted = size === "max" || size < leastBytes ? leastBytes : size;
  throw new Failure(
    "no-room",
    `${cannot}: a store needs ${formatSize(wanted)}, and ${formatSize(room)} are free behind the image and its sessions`,
    "choose a smaller store, or a larger stick",
  );
}

/** Chooses a label for a store that no other file system of the machine has. */
export function chooseStoreLabel(taken: readonly string[]): string {
  for (let number = 1; ; number++) {
    const label = number === 1 ? storeLabel : `${storeLabel}-${number}`;
    if (!taken.includes(label)) return label;
  }
}

const storeLabel = "backstore";

/** Returns the kernel's path of a partition; that of the disk without a number. */
export function partitionPath(disk: string, number: number): string {
  if (number === 0) return disk;
  return /\d$/.test(disk) ? `${disk}p${number}` : `${disk}${number}`;
}

/** Plans writing a session; `file` has its bytes. */
export function planStickSession(
  { path, bytes, identity }: StickFacts,
  session: Session,
  { file, image }: { readonly file: string; readonly image: Source },
): Plan<undefined> {
  const copy = {
    ...{ path, from: file, at: 0 },
    ...{ offset: session.block * blockBytes, bytes: session.bytes.length },
  };
  const { partition, view, descriptors, efi } = session;
  return {
    title: `Install on ${formatPath(path)}`,
    steps: [
      { do: "check-disk", path, bytes, ...identity },
      { do: "copy-to-disk", ...copy },
      { do: "check-on-disk", ...copy },
      ...patchSteps(path, image, efi),
      ...(partition === undefined ? [] : changeSteps(path, partition, words.partition)),
      ...(view === undefined ? [] : changeSteps(path, view, words.view)),
      ...changeSteps(path, descriptors, words.descriptors),
    ],
    result: undefined,
  };
}

const words = {
  partition: "the boot record",
  view: "the volume descriptors of the first partition",
  descriptors: "the volume descriptors",
  efi: "the EFI partition",
};

const sectorBytes = 512;

/** Plans the sectors of a change that differ, the first one last: it commits the others. */
export function changeSteps(path: string, change: Change, what: string): Step[] {
  const { block, before, bytes } = change;
  const steps: Step[] = [];
  for (let at = 0; at < bytes.length; at += sectorBytes) {
    const [from, to] = [before, bytes].map((all) =>
      decodeByteText(all.subarray(at, at + sectorBytes)),
    ) as [string, string];
    if (from !== to)
      steps.push({ do: "change-disk", path, offset: block * blockBytes + at, from, to, what });
  }
  return steps.reverse();
}

/**
 * Plans patches in their order. Those of blocks side by side that come only once, as the contents
 * of a new file do, are one write.
 */
function patchSteps(path: string, image: Source, patches: readonly Patch[]): Step[] {
  const counts = new Map<number, number>();
  for (const { block } of patches) counts.set(block, (counts.get(block) ?? 0) + 1);
  const isOnce = ({ block, bytes }: Patch) => bytes.length <= blockBytes && counts.get(block) === 1;
  const runs: Patch[][] = [];
  for (const patch of patches) {
    const last = runs.at(-1)?.at(-1);
    const isNext = last !== undefined && last.block + 1 === patch.block;
    if (isNext && isOnce(last) && isOnce(patch)) runs.at(-1)?.push(patch);
    else runs.push([patch]);
  }
  const groups = runs.flatMap(joinBlocks);
  return groups.map(({ block, bytes }, index): Step => {
    const before = patchSource(image, groups.slice(0, index), image.bytes);
    const offset = block * blockBytes;
    return {
      ...{ do: "change-disk", path, offset, what: words.efi },
      from: decodeByteText(before.at(offset, bytes.length) ?? new Uint8Array()),
      to: decodeByteText(bytes),
    };
  });
}

function joinBlocks(run: readonly Patch[]): Patch[] {
  const [first] = run;
  if (first === undefined) return [];
  return [{ block: first.block, bytes: joinBytes(run.map(({ bytes }) => bytes)) }];
}

/** Plans that a stick is as it was; no steps if it is. */
export function planStickUninstall(
  { path, bytes, identity }: StickFacts,
  image: Source,
  { descriptors, efi, tables }: Undoing,
): Plan<undefined> {
  const steps = [
    // The old tree is in force before anything that shows the new one ends.
    ...descriptors.flatMap((change) => changeSteps(path, change, words.descriptors).reverse()),
    ...patchSteps(path, image, efi),
    ...tables.flatMap((change) => changeSteps(path, change, words.partition)),
  ];
  return {
    title: `Undo what was installed on ${formatPath(path)}`,
    steps: steps.length === 0 ? [] : [{ do: "check-disk", path, bytes, ...identity }, ...steps],
    result: undefined,
  };
}
