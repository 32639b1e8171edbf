// Tells whether a directory is a layer of an overlay, by the files in it: a regular file that no
// layer above hides has the same inode number through the overlay (Documentation/filesystems/
// overlayfs.rst, "Inode properties").

import type { System } from "../port/system.ts";

/** Where nothing is the same among so many entries, nothing is. */
const mostEntries = 2000;
const comparedBytes = 4096;

/** Returns whether a file of a directory is seen in the root. */
export function isSeenIn(
  system: System,
  { directory, root }: { readonly directory: string; readonly root: string },
): boolean {
  const pending = [""];
  let entries = 0;
  for (let at = pending.shift(); at !== undefined; at = pending.shift())
    for (const name of system.list(`${directory}${at}`)) {
      if (++entries > mostEntries) return false;
      const path = `${at}/${name}`;
      const kind = system.linkStatus(`${directory}${path}`)?.kind;
      if (kind === "directory") pending.push(path);
      if (kind === "file" && isSame(system, `${directory}${path}`, `${root}${path}`)) return true;
    }
  return false;
}

function isSame(system: System, path: string, seen: string): boolean {
  const [one, other] = [path, seen].map((name) => system.linkStatus(name));
  if (one?.kind !== other?.kind || one?.bytes !== other?.bytes || one?.mode !== other?.mode)
    return false;
  if (Number.isSafeInteger(other?.inode)) return one?.inode === other?.inode;
  // With xino the kernel's number has more bits than a number of this language.
  const [text, same] = [path, seen].map((name) => `${system.readBytes(name, 0, comparedBytes)}`);
  return text !== "" && text === same;
}
