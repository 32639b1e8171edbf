// The medium that carries the base, as known after its inspection.
import { type Device, unknownDevice } from "../devices/device.ts";
import type { YamlFile } from "../options/option-source.ts";
import type { ImageSum } from "./image-sum.ts";
import type { Layout } from "./layout.ts";
import type { Srm } from "./srm.ts";

/** A medium that carries a usable base. */
export interface Medium {
  readonly device: Device;
  readonly layout: Layout;
  /** The base image's type, "squashfs" or "erofs". */
  readonly imageType: string;
  /** The release of the base as the medium, or else the base itself, names it, in one line. */
  readonly release: string | undefined;
  /** Distinguishes this build of the base from all others; undefined if it could not be read. */
  readonly fingerprint: string | undefined;
  /** The image inside the base that contains the system, if the layout has one and it exists. */
  readonly nested:
    | {
        readonly path: string;
        readonly type: string;
        /** Mount options that leave it unchanged. */
        readonly data: string;
      }
    | undefined;
  readonly yaml: readonly YamlFile[];
  /** The checksum of the base's image. */
  readonly sum: ImageSum;
  /** SystemRescue's modules beside the base, in the order of their names. */
  readonly srms: readonly Srm[];
  /**
   * The files to copy to memory if that is asked for: the base's image first, then what scripts
   * need beside it.
   */
  readonly files: readonly MediumFile[];
}

/** A file of the medium: its path from the top, without a leading slash. */
export interface MediumFile {
  readonly path: string;
  readonly bytes: number;
}

/** The result of inspecting a device. */
export type MediumFinding = { readonly medium: Medium } | { readonly reason: string };

/**
 * Returns a placeholder for a medium that could not be inspected, so that what depends only on the
 * store can be explained.
 */
export function unknownMedium(device: Device | undefined): Medium {
  return {
    device: device ?? { ...unknownDevice("MEDIUM", 0), removable: true },
    layout: { name: "unknown", image: "BASE", nested: [] },
    imageType: "squashfs",
    release: undefined,
    fingerprint: undefined,
    nested: undefined,
    yaml: [],
    sum: { missing: "the medium was not inspected" },
    srms: [],
    files: [{ path: "BASE", bytes: 0 }],
  };
}
