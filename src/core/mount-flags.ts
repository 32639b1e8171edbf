// Mount options as people write them ("noatime,commit=60"), parted into what mount(2) takes as flags and what the file
// system gets as its own text. mount(8), "FILESYSTEM-INDEPENDENT MOUNT OPTIONS".
import type { MountStep } from "./step.ts";

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

/** Words that are the rule already, or speak to mount(8) and systemd alone. */
const withoutEffect = [
  "defaults",
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

/** Holds parted mount options. */
export interface MountOptions {
  readonly flags: readonly Flag[];
  readonly data: string;
  readonly readonly: boolean;
}

/** Parses comma-separated mount options; a comma in double quotes does not separate. */
export function parseMountOptions(text: string): MountOptions {
  const words = (text.match(/(?:[^,"]|"[^"]*(?:"|$))+/g) ?? []).map((word) => word.trim());
  return {
    flags: flags.filter((flag) => words.includes(flag)),
    readonly: words.includes("ro"),
    data: words
      .filter(
        (word) =>
          word !== "ro" &&
          !withoutEffect.includes(word) &&
          !flags.some((flag) => flag === word) &&
          !word.startsWith("x-"),
      )
      .join(","),
  };
}
