// What is done to a file of a medium: texts are inserted in a menu, and digests are replaced in a
// list of checksums. With the file as it was, edits give the file as it is, to the byte.

/** A change of a text: so many characters at a place are replaced by others. */
export interface Edit {
  readonly at: number;
  readonly removed: number;
  readonly text: string;
}

/** Edits a text; edits at the same place happen in the order in which they are given. */
export function editText(text: string, edits: readonly Edit[]): string {
  let edited = "";
  let from = 0;
  for (const edit of inOrder(edits)) {
    edited += text.slice(from, edit.at) + edit.text;
    from = edit.at + edit.removed;
  }
  return edited + text.slice(from);
}

/**
 * Takes inserted texts out again; undefined if one of them is not where it was inserted, or if
 * something else was done than inserting.
 */
export function undoInsertions(text: string, edits: readonly Edit[]): string | undefined {
  let undone = "";
  let from = 0;
  let shift = 0;
  for (const edit of inOrder(edits)) {
    const at = edit.at + shift;
    if (edit.removed > 0 || text.slice(at, at + edit.text.length) !== edit.text) return undefined;
    undone += text.slice(from, at);
    from = at + edit.text.length;
    shift += edit.text.length;
  }
  return undone + text.slice(from);
}

function inOrder(edits: readonly Edit[]): Edit[] {
  return edits.toSorted((one, other) => one.at - other.at);
}
