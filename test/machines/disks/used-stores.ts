// Directory stores in which a session has left changes, without a session.

import { withTemporary } from "../guest/base.ts";
import type { Disk } from "../machine.ts";
import { defaultDirectory, type Expected, type Place, store } from "../scenario.ts";
import { writeTree } from "./media.ts";

/** Is what files of a session on such a store hold. */
export const kept = {
  "/etc/motd": "changed\n",
  "/srv/new/file": "kept\n",
};

/** Is what a session that only reads such a store shows. */
export const asReadonly: Expected = { session: "readonly", store: "store", files: kept };

const tree = {
  [`${defaultDirectory}/upperdir/etc/motd`]: "changed\n",
  [`${defaultDirectory}/upperdir/srv/new/file`]: "kept\n",
  [`${defaultDirectory}/upperdir/srv/spoiled`]: "spoiled\n",
};

/** Makes a directory store in which a session has left changes, and what else lies there. */
export function usedStore(
  place: Place,
  more: Readonly<Record<string, string>> = {},
  disk: Partial<Disk> = {},
): Disk {
  return withTemporary((directory) => {
    const contents = `${directory}/contents`;
    writeTree(contents, { ...tree, ...more });
    return store(place, { contents }, disk);
  });
}
