// The names of a file store and of the files beside it. Those are named after the store, so that it
// is clear which one they belong to, and a later run can remove them.

/** The name that a boot looks for if no option gives another (the first generation's). */
export const defaultStoreName = "sysrcd.bs";

/** Returns whether a path ends as the names of stores do, whatever is there. */
export function isNamedAsStore(path: string): boolean {
  return path.endsWith(".bs");
}

/** The paths that a store's commands use beside it while they are running. */
interface BesideStore {
  /** A store that is not complete yet; a later run removes it. */
  readonly temporary: string;
  /** The record of the stage of a resize. */
  readonly intent: string;
  /** What a resize is about to write into the store. */
  readonly changes: string;
  /** A directory for a resize's temporary files. */
  readonly scratch: string;
}

/** Returns the paths that may exist beside a store. */
export function namesBeside(store: string): BesideStore {
  return {
    temporary: `${store}.backstore-new`,
    intent: `${store}.backstore-intent`,
    changes: `${store}.backstore-changes`,
    scratch: `${store}.backstore-work`,
  };
}

/**
 * Returns whether a name at a file system's top is one that boots give to the directory of a store.
 */
export function namesStoreDirectory(name: string): boolean {
  return name.startsWith("persistent_");
}

/** The name of the ballast file, beside the upper directory. */
export const ballastFile = "backstore.ballast";

/** The directory to which reverts move what they remove, beside the upper directory. */
export const asideDirectory = "upperdir.reverted";

/** The directory of empty files whose inodes are kept back, beside the upper directory. */
export const inodeReserve = "backstore.inodes";

/** The name of an upper directory that a command has not filled yet, beside its own. */
export const unfinishedUpper = "upperdir.import";
