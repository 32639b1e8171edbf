// Where a session mounts its layers. systemd leaves what is below /run/initramfs to the shutdown
// program.

/** The directory that the session's mounts are in, which only root may enter. */
export const sessionDirectory = "/run/initramfs/backstore";

/** The directories of a session's own mounts, with the slash at their end. */
export const sessionMounts = `${sessionDirectory}/`;

/** Where the layers are mounted. */
export const places = {
  medium: `${sessionMounts}medium`,
  /** Where the base and what belongs to it are in memory, if they were copied. */
  copy: `${sessionMounts}copy`,
  image: `${sessionMounts}image`,
  base: `${sessionMounts}base`,
  host: `${sessionMounts}host`,
  store: `${sessionMounts}store`,
  memory: `${sessionMounts}memory`,
  /** What checking the store needs meanwhile. */
  check: `${sessionMounts}check`,
  /** Where devices are mounted to look into them. */
  looking: `${sessionMounts}look`,
  root: "/sysroot",
} as const;
