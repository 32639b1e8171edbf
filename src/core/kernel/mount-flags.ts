// Mount options as people write them ("noatime,commit=60"), split into the flags of mount(2) and
// the text for the file system. See mount(8), "FILESYSTEM-INDEPENDENT MOUNT OPTIONS".

/** The flags of mount(2) that mount options can set, by mount(8)'s names. */
const optionFlags = [
  "nosuid",
  "nodev",
  "noexec",
  "nosymfollow",
  "noatime",
  "relatime",
  "nodiratime",
  "sync",
  "dirsync",
  "strictatime",
  "lazytime",
] as const;

/**
 * What every mount of somebody's disk has: whoever wrote it gets no rights by it. Programs in a
 * session are run through the overlay, which has flags of its own.
 */
export const closedFlags: readonly OptionFlag[] = ["nosuid", "nodev"];

/** The flags of a mount that is only read or written by its names: no program, no symbolic link. */
export const namesOnlyFlags: readonly OptionFlag[] = [...closedFlags, "noexec", "nosymfollow"];

/** One of these flags. */
export type OptionFlag = (typeof optionFlags)[number];

/**
 * Options that the file system must not get: handled elsewhere, the default anyway, or only for
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
interface MountOptions {
  readonly flags: readonly OptionFlag[];
  readonly data: string;
  readonly readonly: boolean;
}

/** Returns the flags of a mount by its options, as the mount table has them ("ro,noatime"). */
export function flagsOfMount({ options }: { readonly options: string }): OptionFlag[] {
  return pickFlags(options.split(","));
}

/** Joins options for one mount; parts that are empty add nothing. */
export function joinOptions(...parts: readonly string[]): string {
  return parts.filter((part) => part !== "").join(",");
}

function pickFlags(words: readonly string[]): OptionFlag[] {
  return optionFlags.filter((flag) => words.includes(flag));
}

/**
 * Parses comma-separated mount options; commas in double quotes do not separate, and the last of
 * "ro" and "rw" wins.
 */
export function parseMountOptions(text: string): MountOptions {
  const words = (text.match(/(?:[^,"]|"[^"]*(?:"|$))+/g) ?? []).map((word) => word.trim());
  return {
    flags: pickFlags(words),
    readonly: words.lastIndexOf("ro") > words.lastIndexOf("rw"),
    data: words
      .filter(
        (word) =>
          word !== "" &&
          !withoutEffect.includes(word) &&
          !optionFlags.some((flag) => flag === word) &&
          !word.startsWith("x-"),
      )
      .join(","),
  };
}
