// What is only asked where it can be had: a refusal of the kernel is then no news.
import { errnoOf } from "./system.ts";

/** Does something; undefined where the system refuses it. */
export function ifPossible<T>(action: () => T): T | undefined {
  try {
    return action();
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
    return undefined;
  }
}
