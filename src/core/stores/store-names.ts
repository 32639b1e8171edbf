// The names of a file store and of what may lie beside it. What is beside is named after the store, so that it is known
// whose it is, and a later run can take it away.

/** Is the name that a boot looks for when no option gives another (the first generation's). */
export const defaultStoreName = "sysrcd.bs";

/** Are the names of what a store's commands keep beside it while they are at work. */
interface BesideStore {
  /** A store that is not whole yet; a later run removes it. */
  readonly temporary: string;
  /** How far a resize has come. */
  readonly intent: string;
  /** What a resize is about to write into the store. */
  readonly changes: string;
  /** A directory for what a resize needs meanwhile. */
  readonly scratch: string;
}

/** Names what may lie beside a store. */
export function namesBeside(store: string): BesideStore {
  return {
    temporary: `${store}.backstore-new`,
    intent: `${store}.backstore-intent`,
    changes: `${store}.backstore-changes`,
    scratch: `${store}.backstore-work`,
  };
}

/** Tells whether a name at a file system's top is one that boots give to the directory of a store. */
export function namesStoreDirectory(name: string): boolean {
  return name.startsWith("persistent_");
}

/** Is the name of the file that keeps the room, beside the upper directory. */
export const ballastFile = "backstore.ballast";
