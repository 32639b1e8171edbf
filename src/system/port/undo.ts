// Undoing the completed part of an operation that failed.
import { ifPossible } from "./errors.ts";

/** Undoes one change. */
export type Undo = () => void;

/** Does something; if it fails, undoes what was done before it. */
export function undoing<T>(undo: Undo, action: () => T): T {
  try {
    return action();
  } catch (error) {
    undoQuietly(undo);
    throw error;
  }
}

/** Undoes what can be undone; an error in doing so must not hide the original one. */
export function undoQuietly(undo: Undo): void {
  ifPossible(undo);
}
