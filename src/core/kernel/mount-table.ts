// The kernel's mount table (Documentation/filesystems/proc.rst, 3.5; overlayfs.rst): its lines, and
// the mount that a path is on.

/** One line of /proc/self/mountinfo. */
export interface Mount {
  readonly target: string;
  readonly type: string;
  readonly source: string;
  /** Options of the mount point ("ro,relatime"). */
  readonly options: string;
  /** Options of the file system ("rw,lowerdir=…"). */
  readonly superOptions: string;
  /** The device number of the file system, "major:minor". */
  readonly deviceNumber: string;
  /** The directory of the file system that is visible at `target`. */
  readonly root: string;
}

/** Parses /proc/self/mountinfo. */
export function parseMountInfo(text: string): Mount[] {
  return text.split("\n").flatMap((line) => {
    const words = line.split(" ");
    const dash = words.indexOf("-", 6);
    const [, , deviceNumber, root, target, options] = words;
    const [type, source, superOptions = ""] = words.slice(dash + 1);
    if (dash < 0 || !deviceNumber || !root || !target || !options || !type || source === undefined)
      return [];
    return [
      {
        target: unescapeOctal(target),
        type,
        source: unescapeOctal(source),
        options,
        superOptions,
        deviceNumber,
        root: unescapeOctal(root),
      },
    ];
  });
}

/**
 * Decodes a name in the table: the kernel escapes characters that would break a line or a list of
 * options, as in \040.
 */
export function unescapeOctal(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 8)),
  );
}

/** Lists the layers of an overlay; each "lowerdir+" is one. */
export function layersOf({ superOptions }: Mount): string[] {
  return superOptions.split(",").flatMap((word) => {
    const [, name = "", value = ""] = /^(upperdir|lowerdir\+?)=(.*)$/.exec(word) ?? [];
    const text = unescapeOctal(value);
    if (name !== "lowerdir") return name === "" ? [] : [text];
    // A backslash escapes what would end a layer.
    const layers = text.match(/(?:[^\\:]|\\.)+/g) ?? [];
    return layers.map((layer) => layer.replace(/\\(.)/g, "$1"));
  });
}

/** Lists the lower layers of an overlay, from the top down. */
export function lowerLayersOf(mount: Mount): string[] {
  const upper = upperOf(mount);
  const layers = layersOf(mount);
  // It is one of them, and no layer is both.
  return layers.filter((layer) => layer !== upper);
}

/** Returns the upper directory of an overlay; undefined if it has none. */
export function upperOf({ superOptions }: Mount): string | undefined {
  const word = superOptions.split(",").find((one) => one.startsWith("upperdir="));
  return word === undefined ? undefined : unescapeOctal(word.slice("upperdir=".length));
}

/**
 * Finds the mount that a path without symbolic links is on: the one with the longest target above
 * it, the last of several on one target.
 */
export function findMountAbove(mounts: readonly Mount[], path: string): Mount | undefined {
  let found: Mount | undefined;
  for (const mount of mounts)
    if (isWithin(path, mount.target) && mount.target.length >= (found?.target.length ?? 0))
      found = mount;
  return found;
}

/** Returns whether a path is that of a directory, or below it. */
export function isWithin(path: string, directory: string): boolean {
  return path === directory || path.startsWith(directory === "/" ? "/" : `${directory}/`);
}
