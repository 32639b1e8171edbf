// "backstore create --device DEV --label NAME": a file system for directory stores.

import { formatDirectoryOptions } from "../../core/choosing/choosing-options.ts";
import {
  checkDevice,
  type DeviceRequest,
  planDevice,
} from "../../core/create/plan-create-device.ts";
import { describeDevice } from "../../core/devices/device-contents.ts";
import type { Superblock } from "../../core/superblocks/superblock.ts";
import { Failure } from "../../core/text/failure.ts";
import { formatPath, formatQuoted } from "../../core/text/quoted.ts";
import { type CreateReport, summariseCreatePlan, summariseDevice } from "../../report/create.ts";
import { inspectDevice } from "../../system/create/inspect-device.ts";
import { discoverDevices } from "../../system/devices/discover-devices.ts";
import { discoverImage } from "../../system/devices/discover-image.ts";
import { discoverRemovable } from "../../system/devices/disk-facts.ts";
import { requireWritable } from "../../system/port/require-writable.ts";
import type { System } from "../../system/port/system.ts";
import { requireTool } from "../../system/port/tool.ts";
import { execute } from "../../system/steps/execute.ts";
import { agreeToLoss } from "../command-line/agree-to-loss.ts";
import { usage } from "../command-line/arguments.ts";
import type { Arguments, Command, Invocation } from "../command-line/command.ts";
import { createdTelling, readLabel, readType } from "../command-line/create-arguments.ts";
import { planTelling, tellOutcome, tellPlan } from "../command-line/tell.ts";

/** Creates a file system on a device, or reports how. */
export function createOnDevice(command: Command, invocation: Invocation): number {
  const { system, arguments: given } = invocation;
  const { path, request } = readRequest(command, given);
  const facts = inspectDevice(system, path, {
    cannot: `Cannot create a file system on ${formatPath(path)}`,
    otherwise: 'to create a store in a file, use "backstore create PATH SIZE"',
  });
  checkDevice(facts, request);
  const plan = planDevice(facts, request);
  for (const step of plan.steps)
    if (step.do === "run-tool")
      requireTool(system, { action: step.action, tool: step.argv[0] ?? "" });
  const cannot = `Cannot create a file system on ${formatPath(facts.path)}`;
  requireWritable(system, { cannot, path: facts.path });
  const telling = {
    ...planTelling(plan),
    json: () => ({ ...summariseCreatePlan(plan), device: summariseDevice(facts) }),
    notes: () => `${describeDevice(facts)}\n`,
  };
  if (tellPlan(invocation, () => telling)) return 0;
  agreeToLoss(invocation, facts, { cannot, question: "Create a file system on it?" });
  execute(system, plan);
  const superblock = checkMade(system, facts.path, request);
  const report: CreateReport = {
    kind: "device",
    ...plan.result,
    uuid: superblock.uuid,
    host: undefined,
    model: facts.model,
    options: formatDirectoryOptions({
      directory: undefined,
      label: isUnique(system, facts.path, request.label) ? request.label : undefined,
      uuid: superblock.uuid,
    }),
    removable: discoverRemovable(system, facts.path),
    notes: [],
  };
  tellOutcome(invocation, createdTelling(report));
  return 0;
}

/** Reads the device, and the file system that it is to get. */
export function readRequest(
  command: Command,
  given: Arguments,
): { readonly path: string; readonly request: DeviceRequest } {
  const [path = ""] = given.values.get("device") ?? [];
  if (path === "") throw usage(command, '"--device" requires a device');
  const inner = readType(command, given);
  const label = readLabel(command, given, inner);
  // A boot finds the store by the label.
  if (label === undefined)
    throw usage(command, '"--label" is required, because a boot finds the file system by it');
  return { path, request: { inner, label } };
}

/** A boot with the label must find exactly what was created. */
export function checkMade(
  system: System,
  path: string,
  { inner, label }: DeviceRequest,
): Superblock {
  const found = discoverImage(system, path)[0]?.superblock;
  if (found?.type === inner.type && found.label === label) return found;
  throw new Failure(
    "tool",
    `Cannot find the file system created on ${formatPath(path)}: it now contains ${formatQuoted(found?.type ?? "nothing")} labelled ${formatQuoted(found?.label ?? "")}`,
  );
}

/** Returns whether no other device has a label. */
export function isUnique(system: System, path: string, label: string): boolean {
  return !discoverDevices(system).some(
    (device) => device.path !== path && device.superblock?.label === label,
  );
}
