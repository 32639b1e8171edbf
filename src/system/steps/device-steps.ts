// The last look at a device before it is written to: between looking and writing a person may have answered a question,
// and somebody may have plugged in another stick.

import type { StepArguments } from "../../core/steps/step.ts";
import { identify } from "../../core/superblocks/identify.ts";
import { Failure } from "../../core/text/failure.ts";
import { formatPath } from "../../core/text/quoted.ts";
import type { System } from "../port/system.ts";
import { nameHolder } from "../usage/name-holder.ts";

/** Throws a Failure where a device is in use, or not what it was. */
export function checkDevice(
  system: System,
  { path, bytes, type, uuid }: StepArguments["check-device"],
): void {
  const holder = nameHolder(system, path);
  if (holder !== undefined)
    throw new Failure(
      "in-use",
      `Cannot write to ${formatPath(path)}: ${holder.reason}`,
      holder.hint,
    );
  const foundBytes = system.deviceBytes(path);
  const found = identify((offset, length) => system.readBytes(path, offset, length), foundBytes);
  if (foundBytes === bytes && found?.type === type && found?.uuid === uuid) return;
  throw new Failure(
    "unsafe",
    `Cannot write to ${formatPath(path)}: it is not what it was a moment ago`,
    "look at it again",
  );
}
