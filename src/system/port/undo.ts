// Taking back what was done of something that failed half-way.
import { ifPossible } from "./errors.ts";

/** Takes back one change. */
export type Undo = () => void;

/** Does something; where it fails, takes back first what was done before it. */
export function undoing(undo: Undo, action: () => void): void {
  try {
    action();
  } catch (error) {
    undoQuietly(undo);
    throw error;
  }
}

/** Takes back what can be; what cannot must not hide why it had to be. */
export function undoQuietly(undo: Undo): void {
  ifPossible(undo);
}
