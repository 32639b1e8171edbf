// Where a session mounts its layers. systemd leaves what is below /run/initramfs to the shutdown
// program.

/** The directory that the session's mounts are in, which only root may enter. */
export const sessionDirectory = "/run/initramfs/backstore";

/** The directory of a session's own mounts, with a trailing slash. */
export const sessionMounts = `${sessionDirectory}/`;

/** The directory with the names by which people find the session's mounts: links to them. */
const names = "/run/backstore/";

/** Returns the name of a path below a mount of the session, if it has one for people. */
export function nameInSession(path: string): string {
  const below = path.startsWith(sessionMounts) ? path.slice(sessionMounts.length) : "";
  return /^(?:medium|base|host|store|memory)(?:\/|$)/.test(below) ? `${names}${below}` : path;
}

/** Returns the path below a mount of the session that a name for people leads to. */
export function pathInSession(name: string): string {
  const path = name.startsWith(names) ? `${sessionMounts}${name.slice(names.length)}` : name;
  return nameInSession(path) === name ? path : name;
}

/** The mount points of the layers. */
export const places = {
  medium: `${sessionMounts}medium`,
  /** The copy of the base and its files in memory, if they were copied. */
  copy: `${sessionMounts}copy`,
  image: `${sessionMounts}image`,
  base: `${sessionMounts}base`,
  /** SystemRescue's modules, by their number from the top. */
  srm: (number: number) => `${sessionMounts}srm${number}`,
  /** The layers of a base that a command has put together, by their number from the top. */
  layer: (number: number) => `${sessionMounts}layer${number}`,
  host: `${sessionMounts}host`,
  store: `${sessionMounts}store`,
  memory: `${sessionMounts}memory`,
  /** The directory that is the lowest layer of a root. */
  command: `${sessionMounts}command`,
  /** The temporary files for checking the store. */
  check: `${sessionMounts}check`,
  /** The root of the program that makes SystemRescue's configuration. */
  configuring: `${sessionMounts}configuring`,
  /** The mount points for inspecting devices. */
  looking: `${sessionMounts}look`,
  root: "/sysroot",
  /** A directory with the layers whose own names end with another initramfs, by numbers. */
  lower: `${sessionMounts}lower`,
  /** A new root until it takes the place of the one that another initramfs has assembled. */
  newRoot: `${sessionMounts}root`,
} as const;
