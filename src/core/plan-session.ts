// Decides how a live session runs: on its store, on the store without changing it, or in memory alone. Pure: all that
// was learned goes in, one plan with its fallbacks comes out (docs/design.md, "Booting": persistent, read-only, volatile).
import { showsSameVolume } from "./choose-medium.ts";
import type { Device, Superblock } from "./device.ts";
import { driverOf, lookingOptions, writesWhenReadonly } from "./file-systems.ts";
import type { Medium } from "./medium.ts";
import { parseMountOptions } from "./mount-flags.ts";
import type { Options } from "./options.ts";
import {
  chooseSettings,
  formatSettings,
  newStoreSettings,
  type OverlaySettings,
} from "./overlay.ts";
import { formatQuoted } from "./quoted.ts";
import type { Plan, Step } from "./step.ts";
import { formatNewRecord, recordFile } from "./store-record.ts";
import { type DirectoryFacts, identifyStore } from "./store-state.ts";

/** Is the word for what a session keeps. */
export type SessionWord = "persistent" | "readonly" | "volatile" | "stopped";

/** Says where the changes go once a plan is done. */
export interface SessionResult {
  readonly session: SessionWord;
  /** Why it is not persistent; undefined when it is. */
  readonly reason: string | undefined;
  readonly store: StoreSummary | undefined;
}

/** Names a store. */
export interface StoreSummary {
  readonly kind: "directory";
  readonly device: string;
  readonly type: string | undefined;
  readonly label: string | undefined;
  readonly uuid: string | undefined;
  readonly directory: string;
  /** The overlay options that it is used with. */
  readonly overlay: string;
  /** Whether it was made by this boot. */
  readonly new: boolean;
}

/** Says what became of the search for a store. */
export type StoreFinding =
  | { readonly kind: "none"; readonly reason: string }
  | { readonly kind: "found"; readonly device: Device; readonly facts: DirectoryFacts };

/** Is all that the decision needs. */
export interface SessionFacts {
  readonly options: Options;
  readonly medium: Medium;
  readonly devices: readonly Device[];
  readonly store: StoreFinding;
  /** Names of the parameters that the kernel's overlay has. */
  readonly overlayParameters: readonly string[];
  /** What a new record is written with; the time as ISO 8601. */
  readonly record: { readonly id: string; readonly created: string; readonly version: string };
}

/** Lists the parameters of the newest kernel's overlay, for when the kernel that will boot is not known. */
export const allOverlayParameters: readonly string[] = [
  "index",
  "metacopy",
  "redirect_always_follow",
  "redirect_dir",
  "xino_auto",
];

/** Where the layers are mounted; systemd leaves what is below /run/initramfs to the shutdown program. */
export const places = {
  medium: "/run/initramfs/backstore/medium",
  image: "/run/initramfs/backstore/image",
  base: "/run/initramfs/backstore/base",
  store: "/run/initramfs/backstore/store",
  memory: "/run/initramfs/backstore/memory",
  root: "/sysroot",
} as const;

/** Plans a session; there is always a plan. */
export function planSession(facts: SessionFacts): Plan<SessionResult> {
  const { store, options } = facts;
  const without = options.backstore.value.required ? planStop : planVolatile;
  if (store.kind === "none") return without(facts, store.reason);
  const state = identifyStore(store.facts);
  const { device } = store;
  const name = nameStore(store);
  if (state.kind === "refused")
    return without(facts, `${device.path} was not used: ${state.reason}`);

  const recorded = state.kind === "store" ? state.record : undefined;
  const settings =
    recorded?.kind === "record"
      ? recorded.record.settings
      : store.facts.traces
        ? chooseSettings(store.facts.traces)
        : newStoreSettings;
  const isNew = state.kind === "new" || !store.facts.names.includes("upperdir");
  const use: StoreUse = {
    facts,
    device,
    directory: store.facts.directory,
    settings,
    name,
    isNew,
    writesRecord: recorded === undefined,
  };
  const obstacle = findObstacle(
    facts,
    device,
    recorded?.kind === "newer" ? recorded.format : undefined,
  );
  const last = (reason: string) => without(facts, reason);
  if (obstacle !== undefined)
    return isNew
      ? last(obstacle)
      : planReadonly(use, { reason: obstacle, otherwise: last(`${name} could not be read`) });
  const unwritable = `${name} could not be used for writing`;
  return planPersistent(
    use,
    isNew
      ? last(unwritable)
      : planReadonly(use, { reason: unwritable, otherwise: last(`${name} could not be used`) }),
  );
}

interface StoreUse {
  readonly facts: SessionFacts;
  readonly device: Device;
  readonly directory: string;
  readonly settings: OverlaySettings;
  readonly name: string;
  readonly isNew: boolean;
  readonly writesRecord: boolean;
}

/** Why the store may be read and not written; undefined when it may. */
function findObstacle(
  { options, devices }: SessionFacts,
  device: Device,
  newerFormat: number | undefined,
): string | undefined {
  if (options.backstore.value.readonly) return "backstore=readonly asks for it";
  if (parseMountOptions(options.cow_flags.value ?? "").readonly) return "cow_flags has ro in it";
  if (newerFormat !== undefined)
    return `its ${recordFile} has format ${newerFormat}, and this version writes format 1 only`;
  const disk = device.disk ?? device.path;
  const suspended = devices.find(
    (one) =>
      (one.disk ?? one.path) === disk &&
      one.superblock?.unclean.some((reason) => reason === "suspended" || reason === "hibernated"),
  );
  if (suspended)
    return `a hibernated system lies on the same disk (${suspended.path}), and would be damaged by changes`;
  return undefined;
}

function planPersistent(use: StoreUse, otherwise: Plan<SessionResult>): Plan<SessionResult> {
  const { facts, device, settings, name } = use;
  const { flags, data } = parseMountOptions(facts.options.cow_flags.value ?? "");
  const directory = storePath(use);
  const upper = `${directory}/upperdir`;
  const work = `${directory}/workdir`;
  const overlay = formatSettings(settings, facts.overlayParameters);
  const record = formatNewRecord({
    ...facts.record,
    settings,
    base: { label: facts.medium.device.superblock?.label, image: facts.medium.layout.image },
  });
  return {
    title: `Run on ${name}, keeping every change`,
    steps: [
      ...makePlaces("store"),
      {
        do: "mount",
        source: device.path,
        target: places.store,
        type: typeOf(device),
        readonly: false,
        flags,
        data,
      },
      ...mountBase(facts, device),
      { do: "make-directory", path: directory, mode: 0o700 },
      { do: "make-directory-like", path: upper, like: places.base },
      { do: "make-directory", path: work, mode: 0o700 },
      {
        do: "mount-overlay",
        target: places.root,
        lower: [places.base],
        upper,
        work,
        options: overlay,
      },
      ...(use.writesRecord
        ? [
            {
              do: "write-file",
              path: `${directory}/${recordFile}`,
              text: record,
              optional: true,
            } as const,
          ]
        : []),
      ...makeLinks("store"),
    ],
    result: { session: "persistent", reason: undefined, store: summarise(use, overlay) },
    otherwise,
  };
}

function planReadonly(
  use: StoreUse,
  { reason, otherwise }: { reason: string; otherwise: Plan<SessionResult> },
): Plan<SessionResult> {
  const { facts, device, settings, name } = use;
  const overlay = formatSettings(settings, facts.overlayParameters);
  return {
    title: `Run on ${name} without changing it, with new changes in memory`,
    steps: [
      ...makePlaces("store", "memory"),
      ...mountUnchanged(device, places.store),
      ...mountBase(facts, device),
      ...mountMemory(facts),
      {
        do: "mount-overlay",
        target: places.root,
        lower: [`${storePath(use)}/upperdir`, places.base],
        upper: `${places.memory}/upperdir`,
        work: `${places.memory}/workdir`,
        options: overlay,
      },
      ...makeLinks("memory"),
      { do: "make-link", path: "/run/backstore/store", to: places.store },
    ],
    result: { session: "readonly", reason, store: summarise(use, overlay) },
    otherwise,
  };
}

function planVolatile(facts: SessionFacts, reason: string): Plan<SessionResult> {
  return {
    title: "Run in memory alone",
    steps: [
      ...makePlaces("memory"),
      ...mountBase(facts, undefined),
      ...mountMemory(facts),
      {
        do: "mount-overlay",
        target: places.root,
        lower: [places.base],
        upper: `${places.memory}/upperdir`,
        work: `${places.memory}/workdir`,
        options: formatSettings(newStoreSettings, facts.overlayParameters),
      },
      ...makeLinks("memory"),
    ],
    result: { session: "volatile", reason, store: undefined },
  };
}

function planStop(_facts: SessionFacts, reason: string): Plan<SessionResult> {
  return {
    title: "Stop, because backstore=required does not let the system run without a store",
    steps: [],
    result: { session: "stopped", reason, store: undefined },
  };
}

/** The medium, and from it the base; a medium that is the store's own file system is mounted already. */
function mountBase({ medium, devices }: SessionFacts, store: Device | undefined): Step[] {
  const { device, layout, imageType, nested } = medium;
  const isShared = store !== undefined && showsSameVolume(store, device);
  const image = `${places.medium}/${layout.image}`;
  return [
    ...(isShared
      ? [{ do: "bind", source: places.store, target: places.medium, readonly: true } as const]
      : mountMedium(device, devices)),
    ...(nested
      ? ([
          { do: "make-directory", path: places.image },
          { do: "mount-image", file: image, target: places.image, type: imageType },
          {
            do: "mount-image",
            file: `${places.image}/${nested.path}`,
            target: places.base,
            type: driverOf(nested.type) ?? nested.type,
          },
        ] as const)
      : [{ do: "mount-image", file: image, target: places.base, type: imageType } as const]),
  ];
}

/** Mounting a whole disk would make its partitions busy; through a loop device they stay usable. */
function mountMedium(device: Device, devices: readonly Device[]): Step[] {
  const hasPartitions = devices.some((other) => other.disk === device.path);
  if (hasPartitions)
    return [{ do: "mount-image", file: device.path, target: places.medium, type: typeOf(device) }];
  return mountUnchanged(device, places.medium);
}

/** Mounts so that nothing on the device changes: the kernel refuses writes to it while the file system is attached. */
function mountUnchanged(device: Device, target: string): Step[] {
  const mount: Step = {
    do: "mount",
    source: device.path,
    target,
    type: typeOf(device),
    readonly: true,
    data: unchangedOptions(device.superblock),
  };
  if (!writesWhenReadonly(device.superblock?.type ?? "")) return [mount];
  return [
    { do: "set-readonly", device: device.path, readonly: true },
    mount,
    { do: "set-readonly", device: device.path, readonly: false },
  ];
}

/** A pending journal stays pending. An xfs superblock does not tell whether its log is clean, so it is never replayed. */
function unchangedOptions(superblock: Superblock | undefined): string {
  if (superblock === undefined) return "";
  const isPending = superblock.unclean.length > 0 || superblock.type === "xfs";
  return isPending ? (lookingOptions(superblock.type).at(-1) ?? "") : "";
}

function mountMemory({ options }: SessionFacts): Step[] {
  const size = options.cow_spacesize.value;
  return [
    {
      do: "mount",
      source: "backstore",
      target: places.memory,
      type: "tmpfs",
      readonly: false,
      data: `mode=0755,size=${"percent" in size ? `${size.percent}%` : size.bytes}`,
    },
    { do: "make-directory-like", path: `${places.memory}/upperdir`, like: places.base },
    { do: "make-directory", path: `${places.memory}/workdir`, mode: 0o700 },
  ];
}

function makePlaces(...names: readonly ("store" | "memory")[]): Step[] {
  return ["medium" as const, "base" as const, ...names, "root" as const].map((name) => ({
    do: "make-directory",
    path: places[name],
  }));
}

/** SystemRescue's own scripts look below /run/archiso; people below /run/backstore. */
function makeLinks(changes: "store" | "memory"): Step[] {
  return [
    { do: "make-directory", path: "/run/backstore" },
    { do: "make-link", path: "/run/backstore/medium", to: places.medium },
    { do: "make-link", path: "/run/backstore/base", to: places.base },
    { do: "make-link", path: `/run/backstore/${changes}`, to: places[changes] },
    { do: "make-directory", path: "/run/archiso" },
    { do: "make-link", path: "/run/archiso/bootmnt", to: places.medium },
    { do: "make-link", path: "/run/archiso/cowspace", to: places[changes] },
  ];
}

function typeOf(device: Device): string {
  return driverOf(device.superblock?.type ?? "") ?? "auto";
}

function storePath({ directory }: StoreUse): string {
  return directory === "" ? places.store : `${places.store}/${directory}`;
}

function nameStore({ device, facts }: { device: Device; facts: DirectoryFacts }): string {
  const label = device.superblock?.label;
  return `the store ${formatQuoted(facts.directory === "" ? "/" : facts.directory)} of ${device.path}${label === undefined ? "" : ` (labelled ${formatQuoted(label)})`}`;
}

function summarise({ device, directory, isNew }: StoreUse, overlay: string): StoreSummary {
  const { type, label, uuid } = device.superblock ?? {};
  return {
    kind: "directory",
    device: device.path,
    type,
    label,
    uuid,
    directory,
    overlay,
    new: isNew,
  };
}
