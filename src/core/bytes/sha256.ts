// SHA-256 (FIPS 180-4), for the lists of checksums on media.

import { formatHex, padMessage } from "./md5.ts";

/** Returns the SHA-256 of bytes in hexadecimal. */
export function sha256(bytes: Uint8Array): string {
  const { roots, constants } = tables();
  const data = padMessage(bytes, "big");
  const hash = Uint32Array.from(roots);
  const words = new Uint32Array(64);
  for (let at = 0; at < data.byteLength; at += 64) {
    for (let step = 0; step < 16; step++) words[step] = data.getUint32(at + 4 * step);
    for (let step = 16; step < 64; step++) {
      const [first, second] = [word(words, step - 15), word(words, step - 2)];
      const one = turn(first, 7) ^ turn(first, 18) ^ (first >>> 3);
      const other = turn(second, 17) ^ turn(second, 19) ^ (second >>> 10);
      words[step] = word(words, step - 16) + one + word(words, step - 7) + other;
    }
    let [a, b, c, d, e, f, g, h] = [0, 1, 2, 3, 4, 5, 6, 7].map((index) => word(hash, index)) as [
      ...[number, number, number, number],
      ...[number, number, number, number],
    ];
    for (let step = 0; step < 64; step++) {
      const big = turn(e, 6) ^ turn(e, 11) ^ turn(e, 25);
      const chosen = (e & f) ^ (~e & g);
      const first = (h + big + chosen + word(constants, step) + word(words, step)) | 0;
      const second = (turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
      [h, g, f, e, d, c, b, a] = [g, f, e, (d + first) | 0, c, b, a, (first + second) | 0];
    }
    for (const [index, value] of [a, b, c, d, e, f, g, h].entries())
      hash[index] = word(hash, index) + value;
  }
  const result = new DataView(new ArrayBuffer(32));
  for (const [index, value] of hash.entries()) result.setUint32(4 * index, value);
  return formatHex(result);
}

function word(words: Uint32Array, index: number): number {
  return words[index] ?? 0;
}

function turn(value: number, by: number): number {
  return (value >>> by) | (value << (32 - by));
}

let known: { readonly roots: Uint32Array; readonly constants: Uint32Array } | undefined;

/** The first bits of the fractions of the square and cube roots of the first primes. */
function tables() {
  if (known !== undefined) return known;
  const primes: number[] = [];
  for (let number = 2; primes.length < 64; number++)
    if (primes.every((prime) => number % prime !== 0)) primes.push(number);
  const fraction = (value: number) => Math.floor((value - Math.floor(value)) * 2 ** 32);
  known = {
    roots: Uint32Array.from(primes.slice(0, 8), (prime) => fraction(Math.sqrt(prime))),
    constants: Uint32Array.from(primes, (prime) => fraction(Math.cbrt(prime))),
  };
  return known;
}
