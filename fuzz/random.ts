// Numbers that look random and that a seed repeats.

/** A generator of numbers that a seed repeats. */
export interface Random {
  /** Returns a whole number from 0 to `limit` - 1. */
  below(limit: number): number;
  /** Returns true once in `times` calls, on average. */
  oneIn(times: number): boolean;
  /** Returns one of a list that is not empty. */
  pick<T>(list: readonly T[]): T;
}

/** Starts a generator (xorshift128). */
export function startRandom(seed: number): Random {
  let [a, b, c, d] = [seed | 0, 0x9e3779b9, 0x243f6a88, 0xb7e15162];
  function next(): number {
    const mixed = a ^ (a << 11);
    [a, b, c] = [b, c, d];
    d = d ^ (d >>> 19) ^ mixed ^ (mixed >>> 8);
    return d >>> 0;
  }
  for (let round = 0; round < 16; round++) next();
  const below = (limit: number) => Math.floor((next() / 2 ** 32) * limit);
  return {
    below,
    oneIn: (times) => below(times) === 0,
    pick: <T>(list: readonly T[]) => {
      if (list.length === 0) throw new RangeError("Cannot pick from an empty list");
      // The index is within the list.
      return list[below(list.length)] as T;
    },
  };
}
