// Where a command puts the changes that it carries: a store in a place, or one on a device. Both
// are new or empty.

import type { Plan } from "../../core/steps/step.ts";
import { renderPlan } from "../../report/plan.ts";
import { type NewStore, planNewStore, withNewStore } from "../../system/create/new-store.ts";
import type { Progress } from "../../system/steps/file-steps.ts";
import { consentFlags } from "../command-line/agree-to-loss.ts";
import { usage } from "../command-line/arguments.ts";
import type { Arguments, Command, Flag, Invocation } from "../command-line/command.ts";
import { readLabel, readType } from "../command-line/create-arguments.ts";
import type { Telling } from "../command-line/tell.ts";
import {
  type DeviceTarget,
  inspectTarget,
  placeAtBoot,
  renderLoss,
  withDeviceTarget,
} from "./device-target.ts";

/** The flags for a new file system. */
export const targetFlags: readonly Flag[] = [
  {
    name: "type",
    value: "TYPE",
    help: "the new file system: ext4 (default), ext3, ext2, xfs or btrfs",
  },
  { name: "label", value: "NAME", help: "the label of that file system" },
  { name: "device", value: "DEV", help: "make the store on this device" },
  ...consentFlags,
];

/** Returns the operands that name a target; none with --device. */
export function targetOperands(
  command: Command,
  given: Arguments,
  operands: readonly string[],
): readonly string[] {
  if (given.values.has("device")) return [];
  if (given.values.has("erase") || given.switches.has("yes"))
    throw usage(command, '"--erase" and "--yes" can be used only with "--device"');
  return operands;
}

/** Where changes are put. */
export interface Target {
  readonly kind: "file" | "directory" | "device";
  readonly path: string;
  /** How it is made; undefined where it is there. */
  readonly plan: Plan | undefined;
  /** What is on a device that would be lost; "" if nothing is. */
  readonly loss: string;
  /** More than it can have in any case; undefined if that is not known. */
  readonly mostBytes: number | undefined;
  readonly place: { readonly store: NewStore } | { readonly device: DeviceTarget };
  /** "import into". */
  readonly action: string;
}

/** What is asked for besides the flags. */
export interface TargetRequest {
  readonly given: string;
  /** The size of a file; undefined for a directory, or for what is there already. */
  readonly size: number | "max" | undefined;
  readonly action: string;
  /** The directory of a store on a device. */
  readonly directory: string;
}

/** Finds or plans a target; throws a Failure where it is known to be impossible, or has changes. */
export function planTarget(
  command: Command,
  invocation: Invocation,
  { given, size, action, directory }: TargetRequest,
): Target {
  if (invocation.arguments.values.has("device")) {
    const device = inspectTarget(command, invocation, { action, directory });
    const { facts, plan, mostBytes } = device;
    const loss = renderLoss(device);
    return { kind: "device", path: facts.path, plan, loss, mostBytes, place: { device }, action };
  }
  const inner = readType(command, invocation.arguments);
  const label = readLabel(command, invocation.arguments, inner);
  const store = planNewStore(invocation.system, { given, size, inner, label, action });
  const { kind, path, plan } = store;
  return { kind, path, plan, loss: "", mostBytes: undefined, place: { store }, action };
}

/** Returns a report on what would be done, with what becomes of a device before it. */
export function withDevicePlan(
  { kind, plan, loss }: Target,
  { text, notes, json }: Telling,
): Telling {
  const steps = kind === "device" && plan !== undefined ? renderPlan(plan) : "";
  return { text: () => steps + text(), json, notes: () => loss + (notes?.() ?? "") };
}

/**
 * Makes a target, if it is not there, and passes the directory of the store in it to `use`. `at` is
 * a place to mount in.
 */
export function withTarget<T>(
  invocation: Invocation,
  { target, at, progress }: { target: Target; at: string; progress: Progress },
  use: (directory: string) => T,
): T {
  const { system } = invocation;
  const { place, action } = target;
  const fill = (store: NewStore) => withNewStore(system, { store, at: `${at}/new`, progress }, use);
  if ("store" in place) return fill(place.store);
  const { inner } = place.device.request;
  const asked = { size: undefined, inner, label: undefined, action, named: target.path };
  return withDeviceTarget(invocation, { target: place.device, at, action }, (given) =>
    fill(planNewStore(system, { given, ...asked })),
  );
}

/** Returns what a boot needs to find a store on a device; undefined for any other. */
export function optionsOf({ system }: Invocation, { place }: Target): string | undefined {
  return "device" in place ? placeAtBoot(system, place.device).options : undefined;
}
