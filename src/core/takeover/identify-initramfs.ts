// Which software made the initramfs that this program was started in, before anything of that has
// run: it shows in the files. Those that the add-on brings itself are no sign of anything.

import { moduleIndexFile } from "../modules/module-index.ts";

/** The software that made an initramfs, as its files show it. */
export type Generator =
  | "alpine"
  | "backstore"
  | "dracut"
  | "initramfs-tools"
  | "linux-live"
  | "liveslak"
  | "mkinitcpio"
  | "mkinitcpio-systemd"
  | "mx"
  | "nixos"
  | "puppy"
  | "unknown";

/** What is known of an initramfs before it has started. */
export interface InitramfsFacts {
  /** Whether there is something at a path. */
  readonly isThere: (path: string) => boolean;
  /** Where its /init leads as a symbolic link; undefined if it is none. */
  readonly initLink: string | undefined;
  /** The beginning of /init, which is a script or a program. */
  readonly initText: string;
}

/** What an initramfs of one generator has; the first one that fits counts. */
const signs: readonly (readonly [Generator, (facts: InitramfsFacts) => boolean])[] = [
  ["nixos", ({ isThere, initLink }) => leadsInto(initLink, "/nix/store") || isThere("/nix/store")],
  [
    "mkinitcpio-systemd",
    ({ isThere, initLink }) => isThere("/buildconfig") && endsIn(initLink, "systemd"),
  ],
  ["mkinitcpio", ({ isThere }) => isThere("/init_functions") && isThere("/config")],
  ["dracut", ({ isThere }) => isThere("/usr/lib/dracut-lib.sh") || isThere("/lib/dracut-lib.sh")],
  [
    "initramfs-tools",
    ({ isThere }) => isThere("/conf/initramfs.conf") && isThere("/scripts/functions"),
  ],
  ["linux-live", ({ isThere }) => isThere("/lib/livekitlib")],
  ["mx", ({ isThere }) => isThere("/live/custom/MX/0.sh") || isThere("/live/custom/antiX/0.sh")],
  ["puppy", ({ isThere }) => isThere("/DISTRO_SPECS")],
  ["alpine", ({ isThere }) => isThere("/sbin/nlplug-findfs") || isThere("/usr/sbin/nlplug-findfs")],
  ["liveslak", ({ initText }) => /^LIVEMAIN=/m.test(initText)],
  ["backstore", ({ isThere }) => isThere(moduleIndexFile)],
];

/** Identifies the generator of an initramfs. */
export function identifyInitramfs(facts: InitramfsFacts): Generator {
  return signs.find(([, fits]) => fits(facts))?.[0] ?? "unknown";
}

function leadsInto(link: string | undefined, directory: string): boolean {
  return link?.startsWith(`${directory}/`) === true;
}

function endsIn(link: string | undefined, name: string): boolean {
  return link?.split("/").at(-1) === name;
}
