// "--device DEV --label NAME" of what fills a store: that is a directory on a file system that is
// made on the device. One that is there with this type and label, as an interrupted run leaves it,
// is used as it is.

import { formatDirectoryOptions } from "../../core/choosing/choosing-options.ts";
import { storeDirectories } from "../../core/choosing/default-directory.ts";
import {
  checkDevice,
  type DeviceRequest,
  planDevice,
} from "../../core/create/plan-create-device.ts";
import { type DeviceFacts, describeDevice } from "../../core/devices/device-contents.ts";
import { driverOf } from "../../core/file-systems/mounting.ts";
import { closedFlags } from "../../core/kernel/mount-flags.ts";
import { bootRecordPath, parseBootRecord } from "../../core/status/boot-record.ts";
import type { Plan } from "../../core/steps/step.ts";
import { formatPath } from "../../core/text/quoted.ts";
import { inspectDevice } from "../../system/create/inspect-device.ts";
import { makeDirectories, readIfPresent } from "../../system/port/files.ts";
import { requireWritable } from "../../system/port/require-writable.ts";
import type { System } from "../../system/port/system.ts";
import { requireTool } from "../../system/port/tool.ts";
import { unmountSoon } from "../../system/port/unmount-soon.ts";
import { execute } from "../../system/steps/execute.ts";
import { agreeToLoss } from "../command-line/agree-to-loss.ts";
import type { Command, Invocation } from "../command-line/command.ts";
import type { StorePlaceAtBoot } from "../command-line/next-boot.ts";
import { checkMade, isUnique, readRequest } from "./create-device.ts";

/** A device for a store. */
export interface DeviceTarget {
  readonly facts: DeviceFacts;
  readonly request: DeviceRequest;
  /** How the file system is made; undefined where it is there. */
  readonly plan: Plan | undefined;
  /** The directory of the store, from the top of the file system. */
  readonly directory: string;
  /** More than it can have in any case. */
  readonly mostBytes: number;
}

/** Inspects the device that is asked for; throws a Failure for one that cannot be the store. */
export function inspectTarget(
  command: Command,
  { system, arguments: given }: Invocation,
  { action, directory }: { readonly action: string; readonly directory: string },
): DeviceTarget {
  const { path, request } = readRequest(command, given);
  const cannot = `Cannot ${action} ${formatPath(path)}`;
  const facts = inspectDevice(system, path, { cannot });
  checkDevice(facts, request);
  // What a file system keeps for itself is less than this.
  const mostBytes = Math.floor(facts.bytes * 0.9) - ownBytes;
  const plan = isMade(facts, request) ? undefined : planDevice(facts, request);
  for (const step of plan?.steps ?? [])
    if (step.do === "run-tool")
      requireTool(system, { action: step.action, tool: step.argv[0] ?? "" });
  requireWritable(system, { cannot, path: facts.path });
  return { facts, request, plan, directory, mostBytes };
}

const ownBytes = 64 * 2 ** 20;

function isMade({ path, contents }: DeviceFacts, { inner, label }: DeviceRequest): boolean {
  const [content, ...others] = contents;
  return (
    content?.path === path &&
    content.type === inner.type &&
    content.label === label &&
    others.length === 0
  );
}

/** Returns the directory that a boot of the session's medium uses without an option for it. */
export function directoryOfSession(system: System): string {
  const text = readIfPresent(system, bootRecordPath);
  const record = text === undefined ? undefined : parseBootRecord(text);
  const medium = record === undefined || "unreadable" in record ? undefined : record.medium;
  return directoryOfMedium(system, medium?.label ?? "");
}

/** Returns the directory that a boot of any medium uses without an option for it. */
export function directoryOfAny(system: System): string {
  return directoryOfMedium(system, "");
}

function directoryOfMedium(system: System, mediumLabel: string): string {
  const { machine } = system.kernel();
  return storeDirectories({ given: undefined, mediumLabel, machine })[0] ?? "";
}

/** Describes what is on a device that would be lost; nothing if nothing is. */
export function renderLoss({ facts, plan }: DeviceTarget): string {
  return plan === undefined ? "" : `${describeDevice(facts)}\n`;
}

/** Makes the file system, with consent, and passes the directory of the store to `use`. */
export function withDeviceTarget<T>(
  invocation: Invocation,
  { target, at, action }: { target: DeviceTarget; at: string; action: string },
  use: (directory: string) => T,
): T {
  const { system } = invocation;
  const { facts, request, plan, directory } = target;
  const { path } = facts;
  if (plan !== undefined) {
    const cannot = `Cannot ${action} ${formatPath(path)}`;
    agreeToLoss(invocation, facts, { cannot, question: "Create a file system on it?" });
    execute(system, plan);
    checkMade(system, path, request);
  }
  const { type } = request.inner;
  const place = `${at}/device`;
  makeDirectories(system, place, 0o700);
  system.mount({
    ...{ source: path, target: place, type: driverOf(type) ?? type },
    flags: closedFlags,
  });
  try {
    const [parent = ""] = directory.split("/");
    makeDirectories(system, `${place}/${parent}`, 0o700);
    return use(`${place}/${directory}`);
  } finally {
    unmountSoon(system, place);
  }
}

/** Returns where a boot sees the store, and what it needs to use it. */
export function placeAtBoot(
  system: System,
  { facts: { path }, request, directory }: DeviceTarget,
): StorePlaceAtBoot {
  const { uuid } = checkMade(system, path, request);
  const label = isUnique(system, path, request.label) ? request.label : undefined;
  return {
    ...{ source: path, path: `/${directory}`, unfound: undefined },
    options: formatDirectoryOptions({ directory: undefined, label, uuid }),
  };
}
