// How the steps that concern whole devices are performed.

import type { DeviceStepArguments } from "../../core/steps/device-steps.ts";
import { Failure } from "../../core/text/failure.ts";
import { formatPath } from "../../core/text/quoted.ts";
import { readSuperblock } from "../looking/read-superblock.ts";
import type { System } from "../port/system.ts";
import { runTool } from "../port/tool.ts";
import { nameHolder } from "../usage/name-holder.ts";
import { oneWay, type Performers } from "./performers.ts";

/** Returns the functions that perform these steps. */
export function performDevice(system: System): Performers<DeviceStepArguments> {
  return {
    "check-device": oneWay(system, checkDevice),
    "detach-loop": oneWay(system, detachLoop),
    "set-loop-capacity": oneWay(system, setLoopCapacity),
    "run-tool": oneWay(system, runTool),
  };
}

/**
 * The last inspection of a device before it is written to: since the first one the user may have
 * been asked a question, and another stick may have been plugged in.
 */
function checkDevice(system: System, step: DeviceStepArguments["check-device"]): void {
  const { path } = step;
  const holder = nameHolder(system, path);
  if (holder !== undefined)
    throw new Failure(
      "in-use",
      `Cannot write to ${formatPath(path)}: ${holder.reason}`,
      holder.hint,
    );
  requireUnchanged(system, step);
}

/** Throws a Failure if another device has come in the place of the one that was inspected. */
export function requireUnchanged(
  system: System,
  { path, bytes, type, uuid }: DeviceStepArguments["check-device"],
): void {
  const foundBytes = system.deviceBytes(path);
  const found = readSuperblock(system, path, foundBytes);
  if (foundBytes === bytes && found?.type === type && found?.uuid === uuid) return;
  throw new Failure(
    "unsafe",
    `Cannot write to ${formatPath(path)}: the device has changed since it was inspected`,
    "inspect it and try again",
  );
}

function detachLoop(system: System, { device }: DeviceStepArguments["detach-loop"]): void {
  system.detachLoop(device);
}

function setLoopCapacity(
  system: System,
  { device }: DeviceStepArguments["set-loop-capacity"],
): void {
  system.setLoopCapacity(device);
}
