// Where live systems keep their base on their medium. A layout is recognised by one file; what is recognised and not
// supported is refused with a sentence, so that nobody waits for it.
import { formatQuoted } from "../text/quoted.ts";

/** Is the base that a medium carries, and how its name is made of the medium's parts. */
export interface Layout {
  readonly name: "archiso" | "debian" | "fedora" | "ubuntu" | "sysrcd" | "unknown";
  /** The image's path on the medium, without a leading slash. */
  readonly image: string;
  /** An image inside that image that holds the system, if it is there (Fedora's older live media). */
  readonly nested: readonly string[];
}

/** Says which layout a medium has, or in `refused` why the one that it has cannot be used. */
export type LayoutFinding = { readonly layout: Layout } | { readonly refused: string };

/** Says what decides about a layout besides the medium: the option archisobasedir, and the machine ("x86_64"). */
export interface LayoutRequest {
  readonly baseDirectory: string | undefined;
  readonly machine: string;
}

/** Lists the directories of a medium whose names are needed to recognise a layout, from the names at its top. */
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
 * Identifies the layout from the paths that exist on a medium (its top and `directoriesToList`); undefined when there is
 * none. With archisobasedir only that directory counts.
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
      refused: `it carries more than one base (${listSome(archiso)}); archisobasedir= chooses one`,
    };
  }
  if (baseDirectory !== undefined) return undefined;
  if (has("live/filesystem.squashfs")) return found("debian", "live/filesystem.squashfs");
  if (has("LiveOS/squashfs.img"))
    return found("fedora", "LiveOS/squashfs.img", ["LiveOS/rootfs.img", "LiveOS/ext3fs.img"]);
  if (has("casper/filesystem.squashfs")) return found("ubuntu", "casper/filesystem.squashfs");
  const layers = paths.filter((path) => path.startsWith("casper/") && path.endsWith(".squashfs"));
  if (layers.length > 0) {
    return { refused: `its base is made of layers (${listSome(layers)}), which is not supported` };
  }
  if (has("sysrcd.dat")) return found("sysrcd", "sysrcd.dat");
  return undefined;
}

/** SystemRescue's, its earlier releases', and Arch's own. */
const usualBaseDirectories = ["sysresccd", "sysrescue", "arch"];

/** People keep files of their own on a stick, but a disk that has thousands at its top is no medium. */
const maxTopDirectories = 1000;

/** One for each directory: where both kinds of image lie side by side, squashfs is taken, which every kernel can mount. */
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
