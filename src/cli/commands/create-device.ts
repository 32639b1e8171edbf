// "backstore create --device DEV --label NAME": a file system for directory stores.

import { formatDirectoryOptions } from "../../core/choosing/choosing-options.ts";
import {
  checkConsent,
  checkDevice,
  type DeviceFacts,
  type DeviceRequest,
  describeDevice,
  namesOf,
  planDevice,
} from "../../core/create/plan-create-device.ts";
import type { Superblock } from "../../core/superblocks/superblock.ts";
import { Failure } from "../../core/text/failure.ts";
import { formatPath, formatQuoted } from "../../core/text/quoted.ts";
import type { CreateReport } from "../../report/create.ts";
import { renderJson } from "../../report/json.ts";
import { inspectDevice } from "../../system/create/inspect-device.ts";
import { discoverDevices, discoverImage } from "../../system/devices/discover-devices.ts";
import { requireWritable } from "../../system/port/require-writable.ts";
import type { System } from "../../system/port/system.ts";
import { requireTool } from "../../system/port/tool.ts";
import { execute } from "../../system/steps/execute.ts";
import { usage } from "../command-line/arguments.ts";
import type { Arguments, Command, Invocation } from "../command-line/command.ts";
import { planTelling, tell, tellPlan } from "../command-line/tell.ts";
import { createdTelling, readLabel, readType } from "./create-arguments.ts";

/** Creates a file system on a device, or reports how. */
export function createOnDevice(command: Command, invocation: Invocation): number {
  const { system, arguments: given } = invocation;
  const { path, request } = readRequest(command, given);
  const facts = inspectDevice(system, path);
  checkDevice(facts, request);
  const plan = planDevice(facts, request);
  for (const step of plan.steps)
    if (step.do === "run-tool")
      requireTool(system, { action: step.action, tool: step.argv[0] ?? "" });
  requireWritable(system, {
    cannot: `Cannot create a file system on ${formatPath(facts.path)}`,
    path: facts.path,
  });
  const telling = {
    ...planTelling(plan),
    json: () => renderJson({ ...plan, device: facts }),
    notes: () => `${describeDevice(facts)}\n`,
  };
  if (tellPlan(invocation, () => telling)) return 0;
  agree(invocation, facts);
  execute(system, plan);
  const superblock = checkMade(system, facts.path, request);
  const report: CreateReport = {
    kind: "device",
    ...plan.result,
    uuid: superblock.uuid,
    host: undefined,
    options: formatDirectoryOptions({
      directory: undefined,
      label: isUnique(system, facts.path, request.label) ? request.label : undefined,
      uuid: superblock.uuid,
    }),
    removable: undefined,
    notes: [],
  };
  tell(invocation, createdTelling(report));
  return 0;
}

function readRequest(
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

/**
 * Shows what would be lost and asks for its name, if the session is interactive; otherwise the
 * flags decide.
 */
function agree({ system, arguments: given, context }: Invocation, facts: DeviceFacts): void {
  const [erase] = given.values.get("erase") ?? [];
  const isAgreed = given.switches.has("yes");
  const isEmpty = facts.contents.length === 0 && !facts.hasUnknownData;
  const isAnswered = erase !== undefined || (isAgreed && facts.contents.length === 0);
  if (isAnswered || !context.terminal.stdin || !context.terminal.stderr) {
    checkConsent(facts, { erase, isAgreed });
    return;
  }
  system.say("stderr", `${describeDevice(facts)}\n`);
  if (facts.contents.length > 0) {
    system.say("stderr", `All of it will be lost. Type ${nameToType(facts)} to continue: `);
    const answer = system.readLine();
    if (answer === undefined || answer === "") throw declined(facts);
    checkConsent(facts, { erase: answer, isAgreed: true });
    return;
  }
  const loss = isEmpty ? "" : "Its contents will be lost. ";
  system.say("stderr", `${loss}Create a file system on it? [y/N] `);
  if (!/^y(es)?$/i.test(system.readLine()?.trim() ?? "")) throw declined(facts);
}

function nameToType(facts: DeviceFacts): string {
  return formatQuoted(namesOf(facts)[0] ?? "");
}

function declined({ path }: DeviceFacts): Failure {
  return new Failure("unsafe", `Cannot create a file system on ${formatPath(path)}: not confirmed`);
}

/** A boot with the label must find exactly what was created. */
function checkMade(system: System, path: string, { inner, label }: DeviceRequest): Superblock {
  const found = discoverImage(system, path)[0]?.superblock;
  if (found?.type === inner.type && found.label === label) return found;
  throw new Failure(
    "tool",
    `Cannot find the file system created on ${formatPath(path)}: it now contains ${formatQuoted(found?.type ?? "nothing")} labelled ${formatQuoted(found?.label ?? "")}`,
  );
}

function isUnique(system: System, path: string, label: string): boolean {
  return !discoverDevices(system).some(
    (device) => device.path !== path && device.superblock?.label === label,
  );
}
