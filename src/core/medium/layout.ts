// Where live systems keep the base on their medium. A layout is recognised by one file; one that is
// recognised but not supported is refused with a message, so that nobody waits for it.
import { formatQuoted } from "../text/quoted.ts";

/** The directory at the top of a medium with its configuration. */
export const yamlDirectory = "sysrescue.d";

/** The base on a medium, and how its name is composed from the medium's parts. */
export interface Layout {
  readonly name: "archiso" | "debian" | "fedora" | "ubuntu" | "sysrcd" | "file" | "unknown";
  /** The image's path on the medium, without a leading slash. */
  readonly image: string;
  /**
   * An image inside that image that contains the system, if it exists (Fedora's older live media).
   */
  readonly nested: readonly string[];
}

/** The layout of a medium, or in `refused` why it cannot be used. */
export type LayoutFinding = { readonly layout: Layout } | { readonly refused: string };

/**
 * The facts that a layout depends on besides the medium: the option archisobasedir, and the machine
 * ("x86_64").
 */
export interface LayoutRequest {
  readonly baseDirectory: string | undefined;
  readonly machine: string;
}

/**
 * Returns the directories of a medium whose names are needed to recognise a layout, given the names
 * at its top.
 */
export function directoriesToList(
  top: readonly string[],
  { baseDirectory, machine }: LayoutRequest,
): readonly string[] {
  if (baseDirectory !== undefined) return [`${baseDirectory}/${machine}`];
  const fixed = ["live", "LiveOS", "casper"].filter((name) => top.includes(name));
  const usual = usualBaseDirectories.filter((name) => top.includes(name));
  const others = top.filter((name) => !usual.includes(name)).slice(0, maxTopDirectories);
  return [...fixed, ...[...usual, ...others].map((name) => `${name}/${machine}`)];
}

/**
 * Identifies the layout from the paths that exist on a medium (its top and `directoriesToList`);
 * undefined if there is none. With archisobasedir only that directory counts.
 */
export function identifyLayout(
  paths: readonly string[],
  { baseDirectory, machine }: LayoutRequest,
): LayoutFinding | undefined {
  const has = (path: string) => paths.includes(path);
  const archiso = archisoImages(paths, machine).filter(
    (path) => baseDirectory === undefined || path.startsWith(`${baseDirectory}/${machine}/`),
  );
  const [image, another] = archiso;
  if (image !== undefined) {
    if (another === undefined) return found("archiso", image);
    return {
      refused: `it has more than one base (${listSome(archiso)}); choose one with archisobasedir=`,
    };
  }
  if (baseDirectory !== undefined) return undefined;
  if (has("live/filesystem.squashfs")) return found("debian", "live/filesystem.squashfs");
  if (has("LiveOS/squashfs.img"))
    return found("fedora", "LiveOS/squashfs.img", ["LiveOS/rootfs.img", "LiveOS/ext3fs.img"]);
  if (has("casper/filesystem.squashfs")) return found("ubuntu", "casper/filesystem.squashfs");
  const layers = paths.filter((path) => path.startsWith("casper/") && path.endsWith(".squashfs"));
  if (layers.length > 0) {
    return {
      refused: `its base consists of layers (${listSome(layers)}), which are not supported`,
    };
  }
  if (has("sysrcd.dat")) return found("sysrcd", "sysrcd.dat");
  return undefined;
}

/** Those of SystemRescue, of its earlier releases, and of Arch. */
const usualBaseDirectories = ["sysresccd", "sysrescue", "arch"];

/**
 * People keep files of their own on a stick, but a disk with thousands of names at its top is not a
 * medium.
 */
const maxTopDirectories = 1000;

/**
 * One for each directory: if both kinds of image exist, squashfs is used, which every kernel can
 * mount.
 */
function archisoImages(paths: readonly string[], machine: string): string[] {
  const sfs = paths.filter((path) => path.endsWith(`/${machine}/airootfs.sfs`));
  const erofs = paths.filter(
    (path) =>
      path.endsWith(`/${machine}/airootfs.erofs`) && !sfs.includes(path.replace(/erofs$/, "sfs")),
  );
  return [...sfs, ...erofs];
}

const maxNamed = 3;

function listSome(paths: readonly string[]): string {
  const rest = paths.length > maxNamed ? ` and ${paths.length - maxNamed} more` : "";
  return `${paths.slice(0, maxNamed).map(formatQuoted).join(", ")}${rest}`;
}

function found(name: Layout["name"], image: string, nested: readonly string[] = []): LayoutFinding {
  return { layout: { name, image, nested } };
}
