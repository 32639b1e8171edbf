// Where live systems keep their base on their medium. A layout is recognised by one file; what is recognised and not
// supported is refused with a sentence, so that nobody waits for it.

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

/** Lists the directories of a medium whose names are needed to recognise a layout, for a machine ("x86_64"). */
export function directoriesToList(top: readonly string[], machine: string): readonly string[] {
  const fixed = ["live", "LiveOS", "casper"].filter((name) => top.includes(name));
  return [...fixed, ...top.slice(0, maxTopDirectories).map((name) => `${name}/${machine}`)];
}

/**
 * Identifies the layout from the paths that exist on a medium (its top and `directoriesToList`); undefined when there is
 * none. `baseDirectory` is the option archisobasedir, if given: then only that directory counts for archiso.
 */
export function identifyLayout(
  paths: readonly string[],
  {
    baseDirectory,
    machine,
  }: { readonly baseDirectory: string | undefined; readonly machine: string },
): LayoutFinding | undefined {
  const has = (path: string) => paths.includes(path);
  const archiso = archisoImages(paths, machine).filter(
    (path) => baseDirectory === undefined || path.startsWith(`${baseDirectory}/`),
  );
  const [image, another] = archiso;
  if (image !== undefined) {
    if (another === undefined) return found("archiso", image);
    return {
      refused: `it carries more than one base (${archiso.join(", ")}); archisobasedir= chooses one`,
    };
  }
  if (baseDirectory !== undefined) return undefined;
  if (has("live/filesystem.squashfs")) return found("debian", "live/filesystem.squashfs");
  if (has("LiveOS/squashfs.img"))
    return found("fedora", "LiveOS/squashfs.img", ["LiveOS/rootfs.img", "LiveOS/ext3fs.img"]);
  if (has("casper/filesystem.squashfs")) return found("ubuntu", "casper/filesystem.squashfs");
  const layers = paths.filter((path) => path.startsWith("casper/") && path.endsWith(".squashfs"));
  if (layers.length > 0) {
    return { refused: `its base is made of layers (${layers.join(", ")}), which is not supported` };
  }
  if (has("sysrcd.dat")) return found("sysrcd", "sysrcd.dat");
  return undefined;
}

/** A medium has a handful of directories at its top; a disk that has thousands is somebody's data. */
const maxTopDirectories = 64;

function archisoImages(paths: readonly string[], machine: string): string[] {
  const endings = [`/${machine}/airootfs.sfs`, `/${machine}/airootfs.erofs`];
  return paths.filter((path) => endings.some((ending) => path.endsWith(ending)));
}

function found(name: Layout["name"], image: string, nested: readonly string[] = []): LayoutFinding {
  return { layout: { name, image, nested } };
}
