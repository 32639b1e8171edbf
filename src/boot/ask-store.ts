// Which store a user chooses at the console, and how the boot continues: as if the options had
// named it, found by the same inspection. Options for its use (readonly, cow_flags) still apply.

import { storeDirectories } from "../core/choosing/default-directory.ts";
import { isSameDevice, isSameStore, type Menu, type Occasion } from "../core/choosing/menu.ts";
import { listOffers, optionsFor } from "../core/choosing/offered-stores.ts";
import { chooseRequest } from "../core/choosing/store-request.ts";
import { unaskedCandidates } from "../core/devices/candidate.ts";
import type { Device } from "../core/devices/device.ts";
import type { Medium } from "../core/medium/medium.ts";
import type { Problem } from "../core/options/option-source.ts";
import type { Options } from "../core/options/options.ts";
import type { FoundStore } from "../core/stores/found-store.ts";
import { identifyStore } from "../core/stores/store-directory.ts";
import { Failure } from "../core/text/failure.ts";
import { formatEscaped } from "../core/text/quoted.ts";
import { renderDetails } from "../report/console/menu.ts";
import { errnoOf } from "../system/port/system.ts";
import type { LearnedStore, StoreLooks } from "../system/stores/learn-store.ts";
import { askAtConsole } from "./ask-at-console.ts";
import { learnGuarded, startLooks } from "./find-store.ts";
import type { Hardware } from "./hardware.ts";
import { waitForUsb } from "./wait.ts";

/** The outcome of asking: the facts about the store, and the options that lead to it. */
export interface StoreDecision {
  readonly options: Options;
  readonly learned: LearnedStore;
  /** Who chose it, if not the options. */
  readonly chosenBy?: "person";
  /** Set if the user had read why the boot has stopped, and chose it even if only to read it. */
  readonly acceptsReadonly?: true;
}

/** The facts when the user is asked. */
interface Asking {
  readonly occasion: Occasion;
  readonly options: Options;
  readonly problems: readonly Problem[];
  readonly medium: Medium;
}

/** Asks which store to use; undefined if nobody answers. */
export function askForStore(hardware: Hardware, asking: Asking): StoreDecision | undefined {
  const { occasion, options, problems } = asking;
  // A keyboard's driver may be among those still being loaded; and numbers should not change while
  // somebody types.
  hardware.settle();
  hardware.load("with discs");
  waitForUsb(hardware.system, () => hardware.load("with discs"));
  let looks = startLooks(hardware);
  let learned = learn(hardware, { ...asking, looks });
  const before = takenOf(learned);
  return askAtConsole<StoreDecision>(hardware, {
    learn(how) {
      if (how === "anew") looks = startLooks(hardware);
      learned = learn(hardware, { ...asking, looks });
      return makeMenu(asking, learned, looksFor(asking, { looks, machine: hardware.machine }));
    },
    take: (choice) =>
      choice.kind === "volatile"
        ? goOnWithout(learned.devices, options)
        : take(hardware, { ...asking, looks, found: choice.store.found }),
    takeItself() {
      if (occasion === "ask" || before !== undefined) return undefined;
      return takenOf(learned) && { options, learned };
    },
    renderDetails: () => renderDetails({ candidates: learned.candidates, problems }),
  });
}

interface Learning {
  readonly options: Options;
  readonly medium: Medium;
  readonly looks: StoreLooks;
}

function learn(hardware: Hardware, { options, medium, looks }: Learning): LearnedStore {
  return learnGuarded(hardware, {
    request: chooseRequest(options),
    devices: hardware.devices("with discs"),
    options,
    medium: medium.device,
    machine: hardware.machine,
    looks,
  });
}

/** Returns the store that is used without asking, if there is one. */
function takenOf({ finding }: LearnedStore): FoundStore | undefined {
  return finding.kind !== "none" && identifyStore(finding.directory).kind !== "refused"
    ? finding
    : undefined;
}

type OfferLooks = Parameters<typeof listOffers>[1]["looks"];

function makeMenu({ occasion, options }: Asking, learned: LearnedStore, looks: OfferLooks): Menu {
  const taken = takenOf(learned);
  const stores = listOffers(learned.devices, { options, looks, taken });
  const first = stores.find(({ found }) => taken !== undefined && isSameStore(found, taken));
  const isStopping = occasion === "stopped" || options.backstore.value.required;
  const { finding } = learned;
  return {
    occasion,
    stores,
    byEnter:
      first && occasion === "ask"
        ? { kind: "store", store: first }
        : { kind: isStopping ? "again" : "volatile" },
    missing: first || finding.kind !== "none" ? undefined : finding.reason,
  };
}

/**
 * Inspects devices as the choice by options does; those that cannot be inspected are not offered.
 */
function looksFor(
  { options, medium }: Asking,
  { looks, machine }: { looks: StoreLooks; machine: string },
): OfferLooks {
  const usual = () =>
    storeDirectories({
      given: options.cow_directory.value,
      mediumLabel: options.archisolabel.value ?? medium.device.superblock?.label ?? "",
      machine,
    });
  return {
    directory: (device, directories) =>
      ifSeen(() => looks.directory(device, directories ?? usual())),
    host: (device, path) => ifSeen(() => looks.host(device, path)),
  };
}

function ifSeen<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch (error) {
    if (errnoOf(error) === undefined && !(error instanceof Failure)) throw error;
    return undefined;
  }
}

function take(
  hardware: Hardware,
  { occasion, options, medium, looks, found }: Asking & Learning & { readonly found: FoundStore },
): StoreDecision | undefined {
  const chosen = optionsFor(options, found);
  const isThere = hardware
    .devices("with discs")
    .some((device) => isSameDevice(device, found.device));
  const learned = learn(hardware, { options: chosen, medium, looks });
  if (isThere && takenOf(learned))
    return {
      ...(occasion === "stopped"
        ? { options: withAnyBase(chosen), acceptsReadonly: true }
        : { options: chosen }),
      learned,
      chosenBy: "person",
    };
  const reason = learned.finding.kind === "none" ? learned.finding.reason : "it has changed";
  hardware.system.say(
    "stderr",
    `backstore: Cannot use the store on ${formatEscaped(found.device.path)}: ${isThere ? reason : "the device was removed"}\n`,
  );
  return undefined;
}

/**
 * A user who has read that another base stops the boot, and chooses the store anyway, accepts that.
 */
function withAnyBase(options: Options): Options {
  const { backstore } = options;
  if (backstore.value.base !== "stop") return options;
  return { ...options, backstore: { ...backstore, value: { ...backstore.value, base: "use" } } };
}

/** A user who declines at the console does not miss a store, and is not required to have one. */
function goOnWithout(devices: readonly Device[], options: Options): StoreDecision {
  const reason = "the choice at the console was to continue without a store";
  const { backstore } = options;
  return {
    options: {
      ...options,
      backstore: { ...backstore, value: { ...backstore.value, required: false } },
    },
    learned: {
      devices,
      candidates: unaskedCandidates(devices, "it was not chosen at the console"),
      finding: { kind: "none", reason, isMissed: false },
      isFinal: true,
    },
    chosenBy: "person",
  };
}
