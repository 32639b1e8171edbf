// Which of many owners a path belongs to, in little memory: there may be a million paths, so no
// path is kept, but 64 bits that are made of it.

/** The number of an owner, from 1. */
export type Owner = number;

/** The owner of a path that several have. */
export const severalOwners: Owner = -1;

/** Owners by paths. */
export interface PathIndex {
  /**
   * Notes an owner of a path, in the place of one that `yields`; another one and this one are
   * several. Returns whether there was room.
   */
  readonly add: (path: string, owner: Owner, yields?: (owner: Owner) => boolean) => boolean;
  readonly find: (path: string) => Owner | undefined;
}

/** Far more than any system has; they take 24 MiB. */
const mostPaths = 1_500_000;

interface Table {
  readonly high: Int32Array;
  readonly low: Int32Array;
  readonly owners: Int32Array;
}

/** Opens an index without paths. */
export function openPathIndex(most = mostPaths): PathIndex {
  let table = makeTable(1024);
  let count = 0;
  return {
    add(path, owner, yields) {
      const [high, low] = hash(canonical(path));
      let at = findSlot(table, high, low);
      const before = table.owners[at] ?? 0;
      if (before === 0) {
        if (count === most) return false;
        if (++count > table.owners.length * mostFilled) {
          table = grow(table);
          at = findSlot(table, high, low);
        }
        table.high[at] = high;
        table.low[at] = low;
      }
      const isFree = before === 0 || before === owner || yields?.(before) === true;
      table.owners[at] = isFree ? owner : severalOwners;
      return true;
    },
    find(path) {
      const [high, low] = hash(canonical(path));
      const owner = table.owners[findSlot(table, high, low)] ?? 0;
      return owner === 0 ? undefined : owner;
    },
  };
}

const mostFilled = 0.75;

/** The number of slots is a power of two. */
function makeTable(slots: number): Table {
  const make = () => new Int32Array(slots);
  return { high: make(), low: make(), owners: make() };
}

function grow(from: Table): Table {
  const to = makeTable(from.owners.length * 2);
  for (let index = 0; index < from.owners.length; index++) {
    const owner = from.owners[index] ?? 0;
    if (owner === 0) continue;
    const [high, low] = [from.high[index] ?? 0, from.low[index] ?? 0];
    const at = findSlot(to, high, low);
    to.high[at] = high;
    to.low[at] = low;
    to.owners[at] = owner;
  }
  return to;
}

/** Returns the slot of a path, or the one that it would get. */
function findSlot({ high: highs, low: lows, owners }: Table, high: number, low: number): number {
  const mask = owners.length - 1;
  let at = low & mask;
  while (owners[at] !== 0 && (lows[at] !== low || highs[at] !== high)) at = (at + 1) & mask;
  return at;
}

/** Two hashes of 32 bits (FNV-1a, and the finish of MurmurHash3). */
function hash(path: string): readonly [high: number, low: number] {
  let high = 0x811c9dc5 | 0;
  let low = 0x2166f00d;
  for (let at = 0; at < path.length; at++) {
    const unit = path.charCodeAt(at);
    high = Math.imul(high ^ unit, 0x01000193);
    low = Math.imul(low ^ unit, 0x5bd1e995);
    low ^= low >>> 15;
  }
  return [mix(high), mix(low)];
}

function mix(value: number): number {
  let mixed = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}

/** Packages name files by the links at the top that lead to /usr as well. */
function canonical(path: string): string {
  const first = path.charAt(1);
  if (first !== "b" && first !== "l" && first !== "s") return path;
  return /^\/(?:bin|sbin|lib(?:32|64|x32)?)\//.test(path) ? `/usr${path}` : path;
}
