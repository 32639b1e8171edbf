// The result of a search for a store: choosing returns it, a session uses it.

import type { Device } from "../devices/device.ts";
import type { StoreFile } from "./file-store.ts";
import type { SeenStore } from "./seen-store.ts";
import type { DirectoryFacts } from "./store-directory.ts";

/** The result of the search for a store. */
export type StoreFinding = MissingStore | FoundStore;

/** The reason why there is no store, and whether one was wanted or something is in its place. */
export interface MissingStore {
  readonly kind: "none";
  readonly reason: string;
  readonly isMissed: boolean;
  /** Set if a problem of the options is the reason. */
  readonly isRefused?: true;
}

/** A store that a session can use or create. */
export interface FoundStore extends SeenStore {
  readonly directory: DirectoryFacts;
  readonly obstacle: undefined;
}

/** Returns a directory store on a device. */
export function foundDirectory(device: Device, directory: DirectoryFacts): FoundStore {
  const path = `/${directory.directory}`;
  return { kind: "directory", device, path, file: undefined, directory, obstacle: undefined };
}

/** Returns a file store on a host. */
export function foundFile(
  device: Device,
  { file, directory }: { readonly file: StoreFile; readonly directory: DirectoryFacts },
): FoundStore {
  return { kind: "file", device, path: file.path, file, directory, obstacle: undefined };
}
