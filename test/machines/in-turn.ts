// Two guests run at a time: each keeps one processor busy.

const guestsAtOnce = 2;

let running = 0;
const waiting: (() => void)[] = [];

/** Does a piece of work when a guest's place is free. */
export async function inTurn<T>(work: () => Promise<T>): Promise<T> {
  if (running >= guestsAtOnce) await new Promise<void>((go) => waiting.push(go));
  else running += 1;
  try {
    return await work();
  } finally {
    // The place goes to the next one that waits, or becomes free.
    const next = waiting.shift();
    if (next === undefined) running -= 1;
    else next();
  }
}
