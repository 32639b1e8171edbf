// SystemRescue's own modules (SRM): images beside the base, each one more layer over it if the
// option loadsrm is set. Its initramfs mounts those of one directory in the order of their names,
// the first on top, and goes on without one that it cannot mount.

import type { Layout } from "./layout.ts";

/** A module on a medium. */
export type Srm = UsableSrm | FaultySrm;

/** A module that can be mounted, as far as inspection shows. */
export interface UsableSrm {
  /** Its path on the medium, without a leading slash. */
  readonly path: string;
  /** "squashfs" or "erofs". */
  readonly type: string;
  /** Distinguishes this build from all others (base-fingerprint.ts). */
  readonly fingerprint: string | undefined;
}

/** A module that cannot be mounted. */
interface FaultySrm {
  readonly path: string;
  /** The reason, as a part of a sentence. */
  readonly fault: string;
}

/** Returns whether a module can be mounted, as far as inspection shows. */
export function isUsable(srm: Srm): srm is UsableSrm {
  return "type" in srm;
}

/** Returns the directory of a medium that may have modules; undefined if its layout has none. */
export function srmDirectory({ name, image }: Layout): string | undefined {
  return name === "archiso" ? image.split("/").slice(0, -2).join("/") : undefined;
}

/** Selects the modules among the names in that directory, which are sorted. */
export function selectSrms(names: readonly string[]): readonly string[] {
  return names.filter((name) => name.endsWith(".srm") && !name.startsWith("."));
}

/** The kernel takes a page of text for all layers of an overlay together. */
export const mostSrms = 64;
