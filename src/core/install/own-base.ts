// What our own initramfs would boot in place of the distribution's: the kernels of the entries that
// are changed, and the image of the base that it would find on the medium.

import { identifyLayout } from "../medium/layout.ts";
import { type MenuEntry, unknownPart } from "../menus/menu-entry.ts";
import { readMenus } from "../menus/read-menus.ts";
import { formatPath, formatQuoted } from "../text/quoted.ts";
import { chooseEntries } from "./choose-entries.ts";
import { normalizePath } from "./families.ts";
import { findMenus, type MediumFiles } from "./plan-changes.ts";

/** A base that our own initramfs can boot; paths are without a leading slash. */
export interface OwnBase {
  readonly image: string;
  readonly kernels: readonly string[];
}

/** Finds the base of a medium for our own initramfs; says in `refused` why there is none. */
export function findOwnBase(
  medium: MediumFiles,
  machine: string,
): OwnBase | { readonly refused: string } {
  const { files } = medium;
  const entries = chooseEntries(readMenus(findMenus(medium)), { files, isOwn: true })
    .entries.filter(({ reason }) => reason === undefined)
    .map(({ entry }) => entry);
  const images = new Set<string>();
  const kernels = new Set<string>();
  for (const entry of entries) {
    const base = findBase(entry, { files, machine });
    if (typeof base !== "string") return base;
    images.add(base);
    const found = entry.kernels.flatMap((kernel) => findKernel(kernel, entry.file, files) ?? []);
    if (found.length === 0) return { refused: `the kernel of ${name(entry)} is not found` };
    for (const kernel of found) kernels.add(kernel);
  }
  const [image, another] = images;
  if (image === undefined) return { refused: "none of its entries boots a live system" };
  if (another !== undefined)
    return { refused: `its entries boot ${formatPath(image)} and ${formatPath(another)}` };
  return { image, kernels: [...kernels] };
}

function name({ title, file }: MenuEntry): string {
  return `${formatQuoted(title)} in ${formatPath(file)}`;
}

/** Options by which the initramfs of a distribution takes another base, and what they may say. */
const otherBase: Readonly<Record<string, readonly string[]>> = {
  "live-media-path": ["live", "/live"],
  "layerfs-path": [],
  "rd.live.dir": ["LiveOS", "/LiveOS"],
  "rd.live.squashimg": ["squashfs.img"],
};

interface Where {
  readonly files: readonly string[];
  readonly machine: string;
}

/** Returns the image that a boot of an entry would find. */
function findBase(
  entry: MenuEntry,
  { files, machine }: Where,
): string | { readonly refused: string } {
  const givenFor = (option: string) =>
    entry.words.findLast((word) => word.startsWith(`${option}=`))?.slice(option.length + 1);
  for (const [option, values] of Object.entries(otherBase)) {
    const value = givenFor(option);
    if (value !== undefined && !values.includes(value))
      return { refused: `${name(entry)} boots another base, by ${option}` };
  }
  const baseDirectory = givenFor("archisobasedir");
  // Without that option, one is looked for no deeper.
  const paths = files.filter((file) => file.split("/").length <= 3 || baseDirectory !== undefined);
  const finding = identifyLayout(paths, { baseDirectory, machine });
  if (finding === undefined) return { refused: "our own initramfs would find no base on it" };
  if ("refused" in finding) return finding;
  const { image, name: layout } = finding.layout;
  const others = files.filter((file) => /^live\/[^/]+\.squashfs$/.test(file) && file !== image);
  if (layout === "debian" && others.length > 0)
    return { refused: "its base consists of layers, which are not supported" };
  return image;
}

/**
 * Returns the file that a path in an entry means. What precedes it is not always known: the
 * directory in which syslinux is, or a variable.
 */
function findKernel(path: string, menu: string, files: readonly string[]): string | undefined {
  const known = normalizePath(path.slice(path.lastIndexOf(unknownPart) + 1));
  if (known === "") return undefined;
  const beside = `${menu.slice(0, menu.lastIndexOf("/") + 1)}${known}`.toLowerCase();
  const exact = files.find((file) => [known, beside].includes(file.toLowerCase()));
  if (exact !== undefined) return exact;
  const ending = files.filter((file) => file.toLowerCase().endsWith(`/${known}`));
  return ending.length === 1 ? ending[0] : undefined;
}
