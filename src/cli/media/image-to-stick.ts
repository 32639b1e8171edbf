// "backstore install --image FILE DEVICE": an ISO image is written to a stick.

import { describeDevice } from "../../core/devices/device-contents.ts";
import {
  checkDisk,
  checkImage,
  planImage,
  withoutImage,
} from "../../core/install/plan-stick-image.ts";
import { formatPath } from "../../core/text/quoted.ts";
import { formatSize } from "../../core/text/size.ts";
import { summariseDevice } from "../../report/create.ts";
import { summarisePlan } from "../../report/plan.ts";
import { inspectImage, inspectTarget } from "../../system/install/inspect-target.ts";
import { withDisk } from "../../system/install/with-disk.ts";
import { execute } from "../../system/steps/execute.ts";
import { agreeToLoss, consentFlags } from "../command-line/agree-to-loss.ts";
import { usage } from "../command-line/arguments.ts";
import type { Command, Flag, Invocation } from "../command-line/command.ts";
import { showProgress } from "../command-line/progress.ts";
import { planTelling, tell, tellPlan } from "../command-line/tell.ts";

/** The flags that only this needs. */
export const imageFlags: readonly Flag[] = [
  { name: "image", value: "FILE", help: "write this ISO image to DEVICE" },
  ...consentFlags,
  { name: "any-disk", help: "write the image also to a disk that is not removable" },
];

/** Writes the image, or reports how. */
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
  const lost = withoutImage(disk, image);
  const plan = planImage(disk, image);
  const telling = {
    ...planTelling(plan),
    json: () => ({ ...summarisePlan(plan), device: summariseDevice(lost) }),
    notes: () => `${describeDevice(lost)}\n`,
  };
  if (tellPlan(invocation, () => telling)) return 0;
  agreeToLoss(invocation, lost, { cannot, question: "Write the image to it?" });
  withDisk(system, disk.path, cannot, () =>
    execute(system, plan, {
      progress: showProgress(invocation, "writing"),
      reading: showProgress(invocation, "reading back"),
    }),
  );
  const report = { path: disk.path, image: image.path, bytes: image.bytes };
  tell(invocation, {
    text: () =>
      `Wrote ${formatPath(image.path)} (${formatSize(image.bytes)}) to ${formatPath(disk.path)}, and read it back\n`,
    json: () => report,
  });
  return 0;
}
