// "backstore install --image FILE DEVICE": an ISO image is written to a stick, and installed on.

import { describeDevice } from "../../core/devices/device-contents.ts";
import {
  checkDisk,
  checkImage,
  planImage,
  withoutImage,
} from "../../core/install/plan-stick-image.ts";
import { formatPath } from "../../core/text/quoted.ts";
import { formatSize } from "../../core/text/size.ts";
import { renderInstall, summariseInstall } from "../../report/install.ts";
import { renderPlan } from "../../report/plan.ts";
import { inspectImage, inspectTarget } from "../../system/install/inspect-target.ts";
import { agreeToLoss, consentFlags } from "../command-line/agree-to-loss.ts";
import { usage } from "../command-line/arguments.ts";
import type { Command, Flag, Invocation } from "../command-line/command.ts";
import { tellOutcome, tellPlan } from "../command-line/tell.ts";
import { requireInstallable } from "./require-installable.ts";
import { carryOut, stick } from "./stick.ts";

/** The flags that only this needs. */
export const imageFlags: readonly Flag[] = [
  { name: "image", value: "FILE", help: "write this ISO image to DEVICE, and install on it" },
  ...consentFlags,
  { name: "any-disk", help: "write the image also to a disk that is not removable" },
];

/** Writes the image and installs on it, or reports how. */
export function installImage(command: Command, invocation: Invocation): number {
  const { system, arguments: given } = invocation;
  const [file = ""] = given.values.get("image") ?? [];
  const [device = ""] = given.operands;
  if (file === "" || device === "") throw usage(command, '"--image" requires a file and a device');
  const cannot = `Cannot write the image to ${formatPath(device)}`;
  const image = inspectImage(system, file, cannot);
  checkImage(image, cannot);
  const disk = inspectTarget(system, device, cannot);
  checkDisk(disk, image, { cannot, isForced: given.switches.has("any-disk") });
  // What cannot be installed afterwards is not written first.
  const medium = { kind: "stick", path: disk.path } as const;
  const target = { command, invocation, given: device, cannot, medium };
  const report = requireInstallable(target, { file, bytes: disk.bytes });
  const lost = withoutImage(disk, image);
  const plan = planImage(disk, image);
  const telling = {
    text: () => `${renderPlan(plan)}${renderInstall(report)}`,
    json: () => summariseInstall(report),
    notes: () => `${describeDevice(lost)}\n`,
  };
  if (tellPlan(invocation, () => telling)) return 0;
  agreeToLoss(invocation, lost, { cannot, question: "Write the image to it?" });
  carryOut(target, plan);
  if (!given.switches.has("json"))
    tellOutcome(invocation, {
      text: () =>
        `Wrote ${formatPath(image.path)} (${formatSize(image.bytes)}) to ${formatPath(disk.path)}, and read it back\n`,
      json: () => ({}),
    });
  stick.install({ ...target, cannot: `Cannot install on ${formatPath(device)}` });
  return 0;
}
