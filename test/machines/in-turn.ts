// How many guests run at a time. One in QEMU has a thread for each of its processors and more for
// itself, and gets two processors if there are that many; one in User Mode Linux runs on one.

import { availableParallelism } from "node:os";
import type { Lane } from "./lane.ts";

/** The shared capacity: a place for each processor, and two at least. */
const places = Math.max(2, availableParallelism());

const guestsInQemu = Math.max(2, Math.floor(availableParallelism() / 2));

let taken = 0;
const waiting: { readonly weight: number; readonly go: () => void }[] = [];

/** Does a piece of work with a guest when there is a place for it, in the order of requests. */
export async function inTurn<T>(work: () => Promise<T>, lane: Lane = "qemu"): Promise<T> {
  const weight = lane === "uml" ? 1 : places / guestsInQemu;
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
  // A third of the places, three times, is all of them.
  return taken + weight < places + 0.001;
}
