// The steps common to every session: the medium and the base on it, memory for changes, and the
// symbolic links by which people and SystemRescue's scripts find them.

import type { Device } from "../devices/device.ts";
import { memberOptions } from "../devices/members.ts";
import { showsSameVolume } from "../devices/volumes.ts";
import { driverOf, unchangedOptions, writesWhenReadonly } from "../file-systems/mounting.ts";
import { closedFlags, joinOptions } from "../kernel/mount-flags.ts";
import { isWithin } from "../kernel/mount-table.ts";
import { yamlDirectory } from "../medium/layout.ts";
import type { Step, StepArguments } from "../steps/step.ts";
import { cowspace, type LiveRoot } from "../takeover/live-root.ts";
import { listLoadedSrms, type SrmFacts } from "./loaded-srms.ts";
import { places } from "./places.ts";
import type { ApartRoot, SessionFacts } from "./session.ts";

/**
 * Creates the directories that every session mounts on, and the additional ones for this session.
 */
export function makePlaces(
  facts: SrmFacts,
  ...names: readonly ("host" | "store" | "memory")[]
): Step[] {
  if (facts.apart !== undefined)
    return [...baseLayers(facts), ...names.map((name) => places[name]), places.root].map(
      (path): Step => ({ do: "make-directory", path }),
    );
  return [
    ...[places.medium, places.base],
    ...listLoadedSrms(facts).map(({ place }) => place),
    ...names.map((name) => places[name]),
    rootPlace(facts),
    ...listLower(facts),
  ].map((path): Step => ({ do: "make-directory", path }));
}

/** Lists the places for the layers whose names end with the other initramfs. */
function listLower({ live }: LiveFacts): string[] {
  return live?.unnamed.map((_, index) => `${places.lower}/${index}`) ?? [];
}

/** The way in which the root comes about. */
type LiveFacts = Pick<SessionFacts, "live" | "apart">;

/** Returns where the overlay is mounted. */
export function rootPlace({ live }: LiveFacts): string {
  return live === undefined ? places.root : places.newRoot;
}

/**
 * Returns a directory with the mode, owner and attributes of the root as it is without changes of
 * the store.
 */
export function baseTop({ live, apart }: LiveFacts): string {
  if (apart !== undefined) return places.layer(1);
  return live === undefined ? places.base : live.root;
}

/**
 * Lists the layers of the base, from the top down. What another initramfs has written until now is
 * one of them: it comes anew at every boot, and is not kept.
 */
export function baseLayers(facts: SrmFacts): readonly string[] {
  const { live, apart } = facts;
  if (apart !== undefined) return apart.layers.map((_, index) => places.layer(index + 1));
  if (live === undefined) return [...listLoadedSrms(facts).map(({ place }) => place), places.base];
  const lower = listLower({ live });
  return [live.upper, ...live.layers].map((path) => lower[live.unnamed.indexOf(path)] ?? path);
}

/**
 * Puts the overlay in the place of the root that another initramfs has assembled. Nothing that
 * follows may fail: this is not undone.
 */
export function replaceRoot({ live }: LiveFacts): Step[] {
  if (live === undefined) return [];
  const { root, hidden = [] } = live;
  return [
    { do: "replace-root", root, by: places.newRoot },
    ...hidden.map((target): Step => ({ do: "unmount", target, lazily: true, optional: true })),
  ];
}

/**
 * Mounts the medium, and from it the base; if the medium's file system is already `mounted` for the
 * store, it is bound. If the base was copied into memory the medium is not needed.
 */
export function mountBase(
  facts: SrmFacts & Pick<SessionFacts, "devices" | "isCopied">,
  mounted: { readonly device: Device; readonly at: string } | undefined,
): Step[] {
  const { medium, devices, isCopied, live, apart } = facts;
  if (live !== undefined) return showBase(live);
  if (apart !== undefined) return mountLayers(apart);
  const { device } = medium;
  const isShared = mounted !== undefined && showsSameVolume(mounted.device, device);
  const mountMedium: Step = isShared
    ? { do: "bind", source: mounted.at, target: places.medium, readonly: true }
    : mountBeside(device, { devices, target: places.medium });
  return [...(isCopied ? [] : [mountMedium]), ...mountBaseImage(facts), ...mountSrms(facts)];
}

function mountLayers({ layers }: ApartRoot): Step[] {
  return layers.map((layer, index): Step => {
    const target = places.layer(index + 1);
    const { path } = layer;
    return layer.kind === "directory"
      ? { do: "bind", source: path, target, readonly: true }
      : mountImage({ file: path, target, type: layer.type, data: layer.data });
  });
}

function mountBaseImage({ medium, isCopied }: Pick<SessionFacts, "medium" | "isCopied">): Step[] {
  const { layout, imageType, nested } = medium;
  const file = `${mediumPlace(isCopied)}/${layout.image}`;
  if (nested === undefined)
    return [{ do: "mount-image", file, target: places.base, type: imageType }];
  return [
    { do: "make-directory", path: places.image },
    { do: "mount-image", file, target: places.image, type: imageType },
    mountImage({
      file: `${places.image}/${nested.path}`,
      target: places.base,
      type: driverOf(nested.type) ?? nested.type,
      data: nested.data,
    }),
  ];
}

/**
 * Mounts the base for the time of `steps`, while the file system of the medium must not be in use:
 * through a read-only loop device, which does not keep others from writing to it.
 */
export function lendBase(
  facts: Pick<SessionFacts, "medium" | "isCopied">,
  steps: readonly Step[],
): Step[] {
  const { device, nested } = facts.medium;
  const images = nested === undefined ? [places.base] : [places.base, places.image];
  return [
    mountImage({
      file: device.path,
      target: places.medium,
      type: driverFor(device),
      data: unchangedOptions(device.superblock),
    }),
    ...mountBaseImage(facts),
    ...steps,
    ...[...images, places.medium].map((target): Step => ({ do: "unmount", target })),
  ];
}

function mountSrms(facts: SrmFacts & Pick<SessionFacts, "isCopied">): Step[] {
  const medium = mediumPlace(facts.isCopied);
  return listLoadedSrms(facts).map(({ path, place, type }) => ({
    do: "mount-srm",
    medium,
    path,
    target: place,
    type,
  }));
}

/** Shows what another initramfs has mounted at the places where a session has it. */
function showBase(live: LiveRoot): Step[] {
  const { medium, layers, unnamed } = live;
  const [base] = layers.slice(-1);
  const lower = listLower({ live });
  const show = (source: string, target: string): Step => ({
    do: "bind",
    source,
    target,
    readonly: true,
  });
  return [
    ...(medium === undefined ? [] : [show(medium.target, places.medium)]),
    ...(base === undefined ? [] : [show(base, places.base)]),
    ...unnamed.map((path, index) => show(path, lower[index] ?? places.lower)),
  ];
}

/** Mounts a device so that nothing on it changes. */
export function mountUnchanged(device: Device, target: string): Step {
  return {
    do: "mount",
    source: device.path,
    target,
    type: driverFor(device),
    readonly: true,
    flags: closedFlags,
    ...(writesWhenReadonly(device.superblock?.type ?? "") ? { guarded: true } : {}),
    data: withMembers(device, joinOptions(device.view ?? "", unchangedOptions(device.superblock))),
  };
}

/** Adds what names the other devices of a btrfs to the options of its mount. */
export function withMembers({ companions = [] }: Device, data: string): string {
  return joinOptions(data, memberOptions(companions.map(({ path }) => path)));
}

/**
 * Mounts memory for changes; the root of the base must be mounted, because the new upper directory
 * becomes like it.
 */
export function mountMemory(facts: Pick<SessionFacts, "options" | "live" | "apart">): Step[] {
  const size = facts.options.cow_spacesize.value;
  return [
    {
      do: "mount",
      source: "backstore",
      target: places.memory,
      type: "tmpfs",
      readonly: false,
      flags: closedFlags,
      data: `mode=0755,size=${"percent" in size ? `${size.percent}%` : size.bytes}`,
    },
    { do: "make-directory-like", path: `${places.memory}/upperdir`, like: baseTop(facts) },
    { do: "make-directory", path: `${places.memory}/workdir`, mode: 0o700 },
  ];
}

/**
 * Makes the links: SystemRescue's own scripts look below /run/archiso, people below /run/backstore,
 * also for what is already `mounted` for the store.
 */
export function makeLinks(
  facts: SrmFacts & Pick<SessionFacts, "isCopied">,
  changes: "store" | "memory",
  mounted: readonly ("host" | "store")[] = [],
): Step[] {
  const { isCopied, live, apart } = facts;
  // The names are those of the running system's own session.
  if (apart !== undefined) return [];
  const medium = mediumPlace(isCopied);
  const isKnown = live === undefined || live.medium !== undefined;
  const names = ["base" as const, ...new Set([changes, ...mounted])];
  return [
    { do: "make-directory", path: "/run/backstore" },
    ...(isKnown ? [makeLink("/run/backstore/medium", medium)] : []),
    ...names.map((name) => makeLink(`/run/backstore/${name}`, places[name])),
    ...(live === undefined
      ? linkForScripts(medium, places[changes])
      : showInCowspace(live, places[changes])),
    ...linkSrms(facts),
  ];
}

/** Where SystemRescue's scripts look. Its own initramfs has mounts of its own there. */
function linkForScripts(medium: string, changes: string): Step[] {
  return [
    { do: "make-directory", path: "/run/archiso" },
    makeLink("/run/archiso/bootmnt", medium),
    makeLink(cowspace, changes),
  ];
}

/** What archiso has kept there until now is a layer, and has a name elsewhere. */
function showInCowspace({ upper }: LiveRoot, changes: string): Step[] {
  if (!isWithin(upper, cowspace)) return [];
  return [{ do: "bind", source: changes, target: cowspace, readonly: false, optional: true }];
}

/** Where SystemRescue's own initramfs mounts its layers. */
function linkSrms(facts: SrmFacts): Step[] {
  const srms = listLoadedSrms(facts);
  if (srms.length === 0) return [];
  const directory = "/run/archiso/sfs";
  return [
    { do: "make-directory", path: directory },
    makeLink(`${directory}/airootfs`, places.base),
    ...srms.map(({ place }, index) => makeLink(`${directory}/srm${index + 1}`, place)),
  ];
}

/**
 * Makes the configuration that SystemRescue's units read; its own initramfs has made it already.
 */
export function configure({
  live,
  medium,
  isCopied,
}: Pick<SessionFacts, "live" | "medium" | "isCopied">): Step[] {
  if (live !== undefined || medium.layout.name !== "archiso") return [];
  const files = medium.yaml.flatMap((yaml) =>
    "text" in yaml ? [yaml.path ?? `${yamlDirectory}/${yaml.file}`] : [],
  );
  return [
    {
      do: "make-configuration",
      base: places.base,
      medium: mediumPlace(isCopied),
      files,
      at: places.configuring,
      optional: true,
    },
  ];
}

function makeLink(path: string, to: string): Step {
  return { do: "make-link", path, to };
}

/** Returns where the medium is mounted, or its copy in memory. */
export function mediumPlace(isCopied: boolean): string {
  return isCopied ? places.copy : places.medium;
}

/** Returns the kernel's name for the type of a device's file system; "auto" if it is unknown. */
export function driverFor(device: Device): string {
  return driverOf(device.superblock?.type ?? "") ?? "auto";
}

/**
 * Mounts a device so that nothing on it changes, and nothing beside it becomes busy: mounting a
 * whole disk would make its partitions unusable, so that is done through a loop device.
 */
export function mountBeside(
  device: Device,
  { devices, target }: { readonly devices: readonly Device[]; readonly target: string },
): Step {
  const hasPartitions = devices.some((other) => other.disk === device.path);
  if (!hasPartitions) return mountUnchanged(device, target);
  return mountImage({
    file: device.path,
    target,
    type: driverFor(device),
    data: unchangedOptions(device.superblock),
  });
}

function mountImage({ data, ...image }: StepArguments["mount-image"]): Step {
  return { do: "mount-image", ...image, ...(data ? { data } : {}) };
}
