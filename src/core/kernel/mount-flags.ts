// Mount options as people write them ("noatime,commit=60"), split into what mount(2) takes as flags
// and what the file system gets as text. See mount(8), "FILESYSTEM-INDEPENDENT MOUNT OPTIONS".
import type { MountStep } from "../steps/mount-steps.ts";

type Flag = NonNullable<MountStep["flags"]>[number];

const flags: readonly Flag[] = [
  "nosuid",
  "nodev",
  "noexec",
  "noatime",
  "relatime",
  "nodiratime",
  "sync",
  "dirsync",
  "strictatime",
  "lazytime",
];

/**
 * Words that the file system must not see: handled elsewhere, the default already, or only for
 * mount(8) and systemd.
 */
const withoutEffect = [
  "defaults",
  "ro",
  "rw",
  "suid",
  "dev",
  "exec",
  "atime",
  "diratime",
  "async",
  "auto",
  "noauto",
  "nofail",
  "_netdev",
  "user",
  "nouser",
];

/** Mount options after the split. */
export interface MountOptions {
  readonly flags: readonly Flag[];
  readonly data: string;
  readonly readonly: boolean;
}

/**
 * Parses comma-separated mount options; a comma in double quotes does not separate, and the last of
 * "ro" and "rw" wins.
 */
export function parseMountOptions(text: string): MountOptions {
  const words = (text.match(/(?:[^,"]|"[^"]*(?:"|$))+/g) ?? []).map((word) => word.trim());
  return {
    flags: flags.filter((flag) => words.includes(flag)),
    readonly: words.lastIndexOf("ro") > words.lastIndexOf("rw"),
    data: words
      .filter(
        (word) =>
          !withoutEffect.includes(word) &&
          !flags.some((flag) => flag === word) &&
          !word.startsWith("x-"),
      )
      .join(","),
  };
}
