// The facts that a session is planned from, and the problems found before it is planned. A boot and
// "explain" both collect them here, so that neither knows anything that the other does not.

import type { Device } from "../../core/devices/device.ts";
import {
  describeOthers,
  describeTwins,
  type MediumChoice,
} from "../../core/medium/choose-medium.ts";
import type { Problem } from "../../core/options/option-source.ts";
import type { Options } from "../../core/options/options.ts";
import type { RecordFacts, SessionFacts } from "../../core/session/session.ts";
import type { System } from "../port/system.ts";
import { inspectMachine, type MachineIdentity } from "../stores/inspect-machine.ts";
import type { LearnedStore } from "../stores/learn-store.ts";

/** The facts about a boot once its medium and its options are known. */
interface KnownBoot
  extends Pick<SessionFacts, "options" | "medium" | "live" | "overlayParameters"> {
  /** What a new record of a store contains besides the machine and its boot. */
  readonly record: Omit<RecordFacts, keyof MachineIdentity>;
}

/** The facts of a session, except what happened to plans before this one. */
type LearnedFacts = Pick<
  SessionFacts,
  "options" | "medium" | "live" | "overlayParameters" | "record" | "devices" | "store"
>;

/** Learns the facts about the machine; the returned function adds those about the store. */
export function startSessionFacts(
  system: System,
  { record, ...known }: KnownBoot,
): (learned: LearnedStore) => LearnedFacts {
  const machine = inspectMachine(system);
  return ({ devices, finding }) => ({
    ...known,
    record: { ...record, ...machine },
    devices,
    store: finding,
  });
}

/**
 * Lists the problems found before a session is planned: in the options, and with the choice of the
 * medium.
 */
export function listProblems(
  problems: readonly Problem[],
  choice: MediumChoice | undefined,
  { devices, options }: { readonly devices: readonly Device[]; readonly options: Options },
): readonly Problem[] {
  if (choice === undefined) return problems;
  return [...problems, ...describeOthers(choice), ...describeTwins(choice, { devices, options })];
}
