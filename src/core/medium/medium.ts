// What is known of the medium that carries the base, once it was looked into.
import { type Device, unknownDevice } from "../devices/device.ts";
import type { Layout } from "./layout.ts";

/** Is a medium that carries a base that can be used. */
export interface Medium {
  readonly device: Device;
  readonly layout: Layout;
  /** The base image's type, "squashfs" or "erofs". */
  readonly imageType: string;
  /** What the medium says of the base's release, in one line. */
  readonly release: string | undefined;
  /** Tells this build of the base from all others; undefined where it could not be read. */
  readonly fingerprint: string | undefined;
  /** The image inside the base that holds the system, where the layout has one and it is there. */
  readonly nested:
    | {
        readonly path: string;
        readonly type: string;
        /** Options that leave it as it is. */
        readonly data: string;
      }
    | undefined;
  readonly yaml: readonly YamlFile[];
  /** What is copied into memory where that is asked for: the base's image first, then what scripts look for beside it. */
  readonly files: readonly MediumFile[];
}

/** Is a file of the medium: its path from the top, without a leading slash. */
export interface MediumFile {
  readonly path: string;
  readonly bytes: number;
}

/** Is a file of sysrescue.d: its text, or why it could not be read. */
export type YamlFile =
  | { readonly file: string; readonly text: string }
  | { readonly file: string; readonly problem: string };

/** Says what a look into a device found. */
export type MediumFinding = { readonly medium: Medium } | { readonly reason: string };

/** Stands in for a medium that could not be looked into, so that what depends on the store alone can be explained. */
export function unknownMedium(device: Device | undefined): Medium {
  return {
    device: device ?? { ...unknownDevice("MEDIUM", 0), removable: true },
    layout: { name: "unknown", image: "BASE", nested: [] },
    imageType: "squashfs",
    release: undefined,
    fingerprint: undefined,
    nested: undefined,
    yaml: [],
    files: [{ path: "BASE", bytes: 0 }],
  };
}
