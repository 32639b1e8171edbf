// From options and devices to what is known of the store: which device, which directory, what is in it.
import { type Candidate, chooseStoreDevice, unaskedCandidates } from "../core/choose-store.ts";
import type { Device } from "../core/device.ts";
import { Failure } from "../core/failure.ts";
import type { Options } from "../core/options.ts";
import type { StoreFinding } from "../core/session.ts";
import { storeDirectories } from "../core/store-directory.ts";
import { chooseRequest } from "../core/store-request.ts";
import type { DirectoryFacts } from "../core/store-state.ts";
import { reasonOf } from "./execute.ts";
import { errnoOf } from "./system.ts";

/** Is what is known of the store, with every candidate. */
export interface LearnedStore {
  readonly candidates: readonly Candidate[];
  readonly finding: StoreFinding;
}

/** Learns all that planning needs of the store; `inspect` looks into the device that was chosen. */
export function learnStore(facts: {
  readonly devices: readonly Device[];
  readonly options: Options;
  readonly mediumLabel: string;
  readonly machine: string;
  readonly inspect: (device: Device, directories: readonly string[]) => DirectoryFacts;
}): LearnedStore {
  const { devices, options, machine } = facts;
  const request = chooseRequest(options);
  if ("none" in request)
    return {
      candidates: unaskedCandidates(devices, request.none),
      finding: { kind: "none", reason: request.none },
    };
  const { device, candidates, missing } = chooseStoreDevice(devices, request.reference);
  if (!device)
    return { candidates, finding: { kind: "none", reason: missing ?? "no device was chosen" } };
  const mediumLabel = options.archisolabel.value ?? facts.mediumLabel;
  try {
    const directories = storeDirectories({
      given: options.cow_directory.value,
      mediumLabel,
      machine,
    });
    return {
      candidates,
      finding: { kind: "found", device, facts: facts.inspect(device, directories) },
    };
  } catch (error) {
    if (errnoOf(error) === undefined && !(error instanceof Failure)) throw error;
    return {
      candidates,
      finding: {
        kind: "none",
        reason: `${device.path} could not be looked into: ${reasonOf(error)}`,
      },
    };
  }
}
