// How many guests a file's tests run at a time: vitest runs three files at once, each on half of the
// processors, since guests wait now and then. A guest in QEMU has a thread for each of its
// processors and more for itself, and gets two processors if there are that many; one in User Mode
// Linux runs on one.

import { availableParallelism } from "node:os";
import type { Lane } from "./lane.ts";

/** The capacity of a file: half of the processors, and one at least. */
const places = Math.max(1, Math.floor(availableParallelism() / 2));

/** The places of a guest in QEMU. */
const qemuWeight = Math.min(2, places);

let taken = 0;
const waiting: { readonly weight: number; readonly go: () => void }[] = [];

/** Does a piece of work with a guest when there is a place for it, in the order of requests. */
export async function inTurn<T>(work: () => Promise<T>, lane: Lane = "qemu"): Promise<T> {
  const weight = lane === "uml" ? 1 : qemuWeight;
  if (waiting.length > 0 || !hasRoom(weight))
    await new Promise<void>((go) => waiting.push({ weight, go }));
  else taken += weight;
  try {
    return await work();
  } finally {
    taken -= weight;
    letNextGo();
  }
}

function letNextGo(): void {
  const next = waiting[0];
  if (next === undefined || !hasRoom(next.weight)) return;
  taken += next.weight;
  waiting.shift();
  next.go();
  letNextGo();
}

function hasRoom(weight: number): boolean {
  return taken + weight <= places;
}
