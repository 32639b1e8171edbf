// What became of a search for a store: choosing gives it, a session takes it.
import type { Device } from "../devices/device.ts";
import type { StoreFile } from "./file-store.ts";
import type { DirectoryFacts } from "./store-directory.ts";

/** Says what became of the search for a store. */
export type StoreFinding = MissingStore | FoundStore;

/** Says why there is no store, and whether somebody wanted one or something stands in its place. */
export interface MissingStore {
  readonly kind: "none";
  readonly reason: string;
  readonly isMissed: boolean;
  /** A problem of the options is the reason. */
  readonly isRefused?: true;
}

/** Is the device that was chosen, and what was seen in the store's directory; in the file's top with a `file`. */
export interface FoundStore {
  readonly kind: "found";
  readonly device: Device;
  readonly file?: StoreFile;
  readonly facts: DirectoryFacts;
}
