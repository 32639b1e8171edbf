// Which kind of store the options ask for: `off` beats everything, a refused place means none, and a directory store
// goes before a file store.

import type { DeviceReference } from "./device-reference.ts";
import type { Options } from "./options.ts";

/** Is the file that holds a file store where no other is named, from the top of its host. */
export const defaultStoreFile = "/sysrcd.bs";

/** Is the store to look for. */
export type AskedStore =
  /** None; `reason` says why, as half a sentence or a sentence. */
  | { readonly kind: "none"; readonly reason: string }
  | {
      readonly kind: "directory";
      readonly device: DeviceReference;
      /** Without a leading slash; undefined for the default, which the medium's label is needed for. */
      readonly directory: string | undefined;
    }
  | {
      readonly kind: "file";
      /** With a leading slash, from the top of the host. */
      readonly path: string;
      /** The only device to look on; undefined for all that are removable, or for all with `alldev`. */
      readonly device: DeviceReference | undefined;
      readonly alldev: boolean;
    };

/** Chooses the kind of store that the options ask for. */
export function chooseAskedStore(options: Options): AskedStore {
  const { off, path, device, alldev } = options.backstore.value;
  if (off) return { kind: "none", reason: "backstore=off" };
  if (options.refused !== undefined) return { kind: "none", reason: options.refused };
  const label = options.cow_label.value;
  const target: DeviceReference | undefined =
    label === undefined ? options.cow_device.value : { kind: "label", value: label };
  if (target !== undefined) {
    return { kind: "directory", device: target, directory: options.cow_directory.value };
  }
  return { kind: "file", path: path ?? defaultStoreFile, device, alldev };
}

/** Tells whether anybody asked for a store, so that waiting for slow devices is worth its time. */
export function isStoreAskedFor(options: Options): boolean {
  const asked = chooseAskedStore(options);
  return asked.kind === "directory" || (asked.kind === "file" && options.backstore.value.explicit);
}
