// Directory stores in which a session has left changes, without a session.

import { withTemporary } from "../guest/base.ts";
import type { Disk } from "../machine.ts";
import {
  type Boot,
  defaultDirectory,
  type Expected,
  look,
  type Place,
  store,
} from "../scenario.ts";
import { writeTree } from "./media.ts";
import type { StoreRequest } from "./stores.ts";

/** The contents of files that a session left on such a store. */
export const kept = {
  "/etc/motd": "changed\n",
  "/srv/new/file": "kept\n",
};

/** The files that a session which only reads such a store shows. */
export const asReadonly: Expected = { session: "readonly", store: "store", files: kept };

/** A used store to make: the place of its changes, and the files beside them. */
export interface UsedStoreRequest extends Partial<StoreRequest> {
  readonly directory?: string;
  readonly more?: Readonly<Record<string, string>>;
}

/**
 * Makes a directory store on ext4 in which a session has left changes, and other files beside it.
 */
export function usedStore(
  place: Place,
  { directory = defaultDirectory, more = {}, ...request }: UsedStoreRequest = {},
  disk: Partial<Disk> = {},
): Disk {
  return withTemporary((temporary) => {
    const contents = `${temporary}/contents`;
    writeTree(contents, { ...treeIn(directory), ...more });
    return store(place, { contents, ...request }, disk);
  });
}

function treeIn(directory: string) {
  const upper = `${directory}/upperdir`;
  return {
    [`${upper}/etc/motd`]: "changed\n",
    [`${upper}/srv/new/file`]: "kept\n",
    [`${upper}/srv/spoiled`]: "spoiled\n",
  };
}

/**
 * One boot on a used store, by the disk's name: the old changes are there, and new ones are on the
 * disk.
 */
export function usesStore(name: string, more: Partial<Expected> = {}): readonly Boot[] {
  const expect: Expected = {
    session: "persistent",
    store: name,
    directory: defaultDirectory,
    ...more,
    files: { ...kept, "/srv/new/more": "more\n" },
    upper: { "etc/motd": "changed\n", "srv/new/more": "more\n" },
  };
  return [{ actions: `${look}\necho more > /srv/new/more; say_files /srv/new/more`, expect }];
}
