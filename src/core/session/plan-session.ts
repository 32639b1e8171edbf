// Decides how a live session runs: on its store, on the store without changing it, or in memory
// alone. Pure: all facts go in, one plan with its fallbacks comes out (docs/design.md, "Booting":
// persistent, read-only, volatile).

import { identifyBase } from "../medium/base-identity.ts";
import type { Plan, Step } from "../steps/step.ts";
import { adviseImport } from "../stores/foreign-store.ts";
import type { FoundStore, MissingStore } from "../stores/found-store.ts";
import {
  chooseReadingSettings,
  formatSettings,
  newStoreSettings,
} from "../stores/overlay-settings.ts";
import { typeOf } from "../stores/seen-store.ts";
import { identifyStore } from "../stores/store-directory.ts";
import { asideDirectory } from "../stores/store-names.ts";
import { formatNewRecord, formatUsedRecord, recordFile } from "../stores/store-record.ts";
import { makeCommandLayer, rootLayers } from "./command-layer.ts";
import { listBaseModules } from "./loaded-srms.ts";
import { places } from "./places.ts";
import { isWanted } from "./readonly-reasons.ts";
import type { SessionFacts, SessionResult } from "./session.ts";
import {
  baseTop,
  configure,
  makeLinks,
  makePlaces,
  mountBase,
  mountMemory,
  replaceRoot,
  rootPlace,
} from "./session-steps.ts";
import {
  ensureRoom,
  makeBallast,
  mountStore,
  mountStoreUnchanged,
  placesOf,
  showStore,
} from "./store-steps.ts";
import {
  describeUse,
  overlayOptions,
  type StoreUse,
  storePath,
  summariseStore,
} from "./store-use.ts";

/** Plans a session; there is always a plan. */
export function planSession(facts: SessionFacts): Plan<SessionResult> {
  const { store, baseFault } = facts;
  if (baseFault !== undefined) return planStop("checksum", { reason: baseFault, isMissed: false });
  if (store.kind === "none") return planWithout(facts, store);
  const without = (reason: string) => planWithout(facts, { reason, isMissed: true });
  const state = identifyStore(store.directory);
  if (state.kind === "refused") {
    const advice = state.foreign && `; ${adviseImport(placeOfForeign(store))}`;
    return without(`${store.device.path} was not used: ${state.reason}${advice ?? ""}`);
  }
  const use = describeUse(facts, store, state.kind === "store" ? state.record : undefined);
  const { name, isNew, obstacle, otherBase } = use;
  const { base } = facts.options.backstore.value;
  if (otherBase !== undefined && (base === "volatile" || base === "stop")) {
    const reason = `${name} was not used (backstore=base=${base}): ${otherBase}`;
    const result = { reason, isMissed: true };
    return base === "stop" ? planStop("base=stop", result) : planWithout(facts, result);
  }
  if (isNew) {
    if (obstacle !== undefined)
      return without(`${name} has no changes yet and is not written to: ${obstacle.sentence}`);
    return planPersistent(use, without(`${name} could not be created`));
  }
  const last = without(`${name} could not be used`);
  const stops = isStopWanted(use);
  if (obstacle !== undefined)
    return stops
      ? without(`${name} is not written to: ${obstacle.sentence}`)
      : planReadonly(use, { reason: obstacle.sentence, otherwise: last });
  const reason = `${name} could not be opened for writing`;
  const below = stops ? without(reason) : planReadonly(use, { reason, otherwise: last });
  return planPersistent(use, below);
}

/** The device, if its top has the changes, or where it is once that is mounted. */
function placeOfForeign({ device, file, directory }: FoundStore): string {
  if (file !== undefined) return `MOUNT${file.path}`;
  return directory.directory === "" ? device.path : `MOUNT/${directory.directory}`;
}

/**
 * A user who requires a store wants the changes kept; a session that only reads it is accepted if
 * that was requested.
 */
function isStopWanted({ facts, obstacle }: StoreUse): boolean {
  const { required } = facts.options.backstore.value;
  return required && !isWanted(obstacle) && facts.acceptsReadonly !== true;
}

function planPersistent(use: StoreUse, otherwise: Plan<SessionResult>): Plan<SessionResult> {
  const { name } = use;
  const directory = storePath(use);
  const upper = `${directory}/upperdir`;
  const work = `${directory}/workdir`;
  const overlay = overlayOptions(use);
  return {
    title: `Persistent session on ${name}: every change is kept`,
    steps: [
      ...makePlaces(use.facts, ...placesOf(use)),
      ...makeCommandLayer(use.facts),
      ...mountStore(use),
      ensureRoom(use),
      { do: "make-directory", path: directory, mode: 0o700 },
      { do: "make-directory-like", path: upper, like: baseTop(use.facts) },
      { do: "make-directory", path: work, mode: 0o700 },
      ...doNext(use, { directory, upper }),
      {
        do: "mount-overlay",
        target: rootPlace(use.facts),
        lower: rootLayers(use.facts),
        upper,
        work,
        options: overlay,
      },
      showStore(use),
      ...makeLinks(use.facts, "store", placesOf(use)),
      ...configure(use.facts),
      ...replaceRoot(use.facts),
      ...makeBallast(use),
      ...writeRecord(use),
    ],
    result: {
      session: "persistent",
      reason: undefined,
      store: summariseStore(use),
      findings: use.findings,
      isMissed: false,
    },
    otherwise,
  };
}

/** Does what an earlier session has left, as long as nothing is mounted on the changes. */
function doNext(
  { facts, record }: StoreUse,
  { directory, upper }: { directory: string; upper: string },
): Step[] {
  const copies = record?.kind === "record" ? record.record.next : [];
  if (copies.length === 0) return [];
  const aside = `${directory}/${asideDirectory}`;
  return [
    {
      ...{ do: "take-out-same", upper, lower: rootLayers(facts), aside },
      ...{ copies: copies.map(({ path, inode }) => ({ path, inode })), optional: true },
    },
    { do: "remove-aside", path: aside, optional: true },
  ];
}

/**
 * The record comes last: if an earlier step fails, it stays as the last session left it. The store
 * works without it, so one that cannot be written has no other effect; one that cannot be read is
 * not changed.
 */
function writeRecord(use: StoreUse): Step[] {
  const { record, settings, facts, findings } = use;
  if (record !== undefined && record.kind !== "record") return [];
  const { id, version, boot, machine, started, phases } = facts.record;
  const base = identifyBase(facts.medium, listBaseModules(facts));
  const [note] = findings;
  const isBoot = facts.apart === undefined;
  const recorded = { base, session: { boot, machine, started }, isBoot, phases, note };
  const text =
    record === undefined
      ? formatNewRecord({ id, version, created: started, settings, use: recorded })
      : formatUsedRecord({ ...record.record, settings }, recorded);
  const path = `${storePath(use)}/${recordFile}`;
  const work = `${storePath(use)}/workdir`;
  const room = { store: places.store, type: typeOf(use) };
  return [{ do: "write-record", path, text, work, ...room, optional: true }];
}

function planReadonly(
  written: StoreUse,
  { reason, otherwise }: { reason: string; otherwise: Plan<SessionResult> },
): Plan<SessionResult> {
  const use = { ...written, settings: chooseReadingSettings(written.settings) };
  const { facts, name } = use;
  return {
    title: `Read-only session on ${name}: new changes are in memory`,
    steps: [
      ...makePlaces(facts, ...placesOf(use), "memory"),
      ...makeCommandLayer(facts),
      ...mountStoreUnchanged(use),
      ...mountMemory(facts),
      {
        do: "mount-overlay",
        target: rootPlace(facts),
        lower: [`${storePath(use)}/upperdir`, ...rootLayers(facts)],
        upper: `${places.memory}/upperdir`,
        work: `${places.memory}/workdir`,
        options: overlayOptions(use),
      },
      showStore(use),
      ...makeLinks(facts, "memory", placesOf(use)),
      ...configure(facts),
      ...replaceRoot(facts),
    ],
    result: {
      session: "readonly",
      reason,
      store: summariseStore(use),
      findings: use.findings,
      isMissed: use.obstacle?.kind !== "asked",
    },
    otherwise,
  };
}

/** The reason why there is no store, and whether it is missed. */
type Without = Omit<MissingStore, "kind">;

/**
 * Plans for the case that no store can be used; backstore=off overrides backstore=required, as it
 * overrides everything.
 */
function planWithout(facts: SessionFacts, without: Without): Plan<SessionResult> {
  const { required, off } = facts.options.backstore.value;
  return required && !off ? planStop("required", without) : planVolatile(facts, without);
}

/** The root that another initramfs has assembled is volatile as it is. */
function planVolatile(facts: SessionFacts, without: Without): Plan<SessionResult> {
  const title = "Volatile session: changes are in memory";
  const result = resultWithout("volatile", without);
  if (facts.live !== undefined) return { title, steps: [], result };
  return {
    title,
    steps: [
      ...makePlaces(facts, "memory"),
      ...makeCommandLayer(facts),
      ...mountBase(facts, undefined),
      ...mountMemory(facts),
      {
        do: "mount-overlay",
        target: places.root,
        lower: rootLayers(facts),
        upper: `${places.memory}/upperdir`,
        work: `${places.memory}/workdir`,
        options: formatSettings(newStoreSettings, facts.overlayParameters),
      },
      ...makeLinks(facts, "memory"),
      ...configure(facts),
    ],
    result,
  };
}

/** Why a boot stops: the titles of plans. */
export const stopTitles = {
  checksum: "Stop, because checksum does not allow a base that is damaged",
  required: "Stop, because backstore=required does not allow a session whose changes are not kept",
  "base=stop":
    "Stop, because backstore=base=stop does not allow the store to be used with another base",
};

function planStop(because: keyof typeof stopTitles, without: Without): Plan<SessionResult> {
  return { title: stopTitles[because], steps: [], result: resultWithout("stopped", without) };
}

function resultWithout(
  session: "volatile" | "stopped",
  { reason, isMissed, isRefused }: Without,
): SessionResult {
  const refused = isRefused ? { isRefused } : {};
  return { session, reason, store: undefined, findings: [], isMissed, ...refused };
}
