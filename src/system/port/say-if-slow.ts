// Work that a disk makes as long as it likes says what it is about, so that nobody thinks it hangs.
import type { System } from "./system.ts";

const patienceMs = 1000;

/**
 * Returns a function to be called during the work: the first time that more than a second has
 * passed, it says on standard error what is being done.
 */
export function sayIfSlow(system: System, doing: () => string): () => void {
  const began = system.uptimeMs();
  let isSaid = false;
  return () => {
    if (isSaid || system.uptimeMs() - began < patienceMs) return;
    isSaid = true;
    system.say("stderr", `backstore: ${doing()}\n`);
  };
}
