// What the mounts of one file system can show. That is its top, but of btrfs any of its
// subvolumes: its default one, another one that a boot is told to mount (cow_flags), or one that
// no option names yet. Files are looked for in the first only, as a boot does.

import type { Device } from "../../core/devices/device.ts";
import { viewOptions } from "../../core/file-systems/mounting.ts";
import type { ExaminedStore } from "../../core/stores/seen-store.ts";
import { type View, withView } from "../looking/view.ts";
import { ifPossible } from "../port/errors.ts";
import { listBelowIfPresent } from "../port/files.ts";
import { errnoOf, type System } from "../port/system.ts";
import type { Usage } from "../usage/usage.ts";

/** A file system to look into. */
interface Volume {
  readonly device: Device;
  readonly usage: Usage;
  /** Where it is mounted. */
  readonly at: string;
  /** The options with which a boot mounts a directory store's file system; undefined for none. */
  readonly flags: string | undefined;
}

/** Sees the stores in a view, files too or directories only; the device has the view's options. */
type See<T> = (device: Device, view: View, kinds: { readonly hasFiles: boolean }) => T;

interface Seen<T> {
  /** What a mount without options shows; undefined if there is no such mount. */
  readonly plain: T | undefined;
  /** The stores of all views. */
  readonly stores: readonly ExaminedStore[];
}

/** Calls `see` for each view; an errno passes through. */
export function seeViews<T extends { readonly stores: readonly ExaminedStore[] }>(
  system: System,
  volume: Volume,
  see: See<T>,
): Seen<T> {
  const { device, flags = "" } = volume;
  const isWhole = device.superblock?.type !== "btrfs" || device.view !== undefined;
  const look = () =>
    withView(system, volume, (view) => {
      const seen = see(device, view, { hasFiles: true });
      return { shows: view.shows, seen };
    });
  if (isWhole) {
    const { seen } = look();
    return { plain: seen, stores: seen.stores };
  }
  const plain = tryTo(look);
  const told = viewOptions("btrfs", flags);
  const as = (view: string): Volume => ({ ...volume, device: { ...device, view } });
  const boot =
    told === "" ? plain : tryTo(() => withView(system, as(told), ({ shows }) => ({ shows })));
  if ("error" in plain && "error" in boot) throw plain.error;
  const shown = { plain: showsOf(plain), boot: showsOf(boot) };
  const degraded = told.split(",").filter((word) => word === "degraded");
  const top = as([...degraded, "subvolid=5"].join(","));
  const others = ifPossible(() => seeSubvolumes(system, top, { shown, see })) ?? [];
  if ("error" in plain) return { plain: undefined, stores: others };
  const isElsewhere = shown.plain !== shown.boot;
  const own = plain.seen.stores.map((store) =>
    isElsewhere && store.kind === "directory" ? { ...store, isElsewhere } : store,
  );
  return { plain: plain.seen, stores: [...own, ...others] };
}

type Tried<T> = T | { readonly error: unknown };

/** One view may be refused where another is not (degraded, a subvolume that is not there). */
function tryTo<T>(look: () => T): Tried<T> {
  try {
    return look();
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
    return { error };
  }
}

function showsOf(tried: Tried<{ readonly shows: string }>): string | undefined {
  return "error" in tried ? undefined : tried.shows;
}

interface Others<T> {
  /** The subvolumes that a mount without options shows, and that of a boot. */
  readonly shown: { readonly plain: string | undefined; readonly boot: string | undefined };
  readonly see: See<T>;
}

/** Sees all subvolumes but the one that a mount without options shows. */
function seeSubvolumes<T extends { readonly stores: readonly ExaminedStore[] }>(
  system: System,
  { device, usage, at }: Volume,
  { shown: { plain, boot }, see }: Others<T>,
): ExaminedStore[] {
  return withView(system, { device, usage, at }, (top) => {
    const named = boot === undefined ? [] : [boot];
    const paths = new Set(["/", ...named, ...listSubvolumes(system, top.root)]);
    paths.delete(plain ?? "");
    return [...paths].sort().flatMap((path) => {
      const subvolume = path === "/" ? path : path.slice(1);
      const view = device.view?.replace("subvolid=5", `subvol=${subvolume}`) ?? "";
      const root = path === "/" ? top.root : `${top.root}${path}`;
      const here = { ...top, root, shows: path };
      const seen = ifPossible(() => see({ ...device, view }, here, { hasFiles: false }));
      return (seen?.stores ?? []).map((store) => ({
        ...store,
        subvolume,
        ...(path !== boot && { isElsewhere: true as const }),
      }));
    });
  });
}

/** The inode of the top of each subvolume (BTRFS_FIRST_FREE_OBJECTID). */
const topInode = 256;

/** Snapshots are kept deeper, by hundreds. */
const mostDeep = 2;
const mostNames = 200;

/** Lists the subvolumes that options can name, with leading slashes; `root` shows the top. */
function listSubvolumes(system: System, root: string, above = "", deep = 1): string[] {
  return listBelowIfPresent(system, { root, path: above })
    .filter((name) => !/[,\p{Cc}]/u.test(name))
    .slice(0, mostNames)
    .flatMap((name) => {
      const path = above === "" ? name : `${above}/${name}`;
      const status = system.linkStatus(`${root}/${path}`);
      if (status?.kind !== "directory") return [];
      const below = deep < mostDeep ? listSubvolumes(system, root, path, deep + 1) : [];
      return status.inode === topInode ? [`/${path}`, ...below] : below;
    });
}
