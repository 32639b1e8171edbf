// "backstore create --directory DIR": a directory store on a file system that is mounted.
import { formatDirectoryOptions } from "../../core/choosing/choosing-options.ts";
import { planDirectory } from "../../core/create/plan-create-directory.ts";
import { formatQuoted } from "../../core/text/quoted.ts";
import { type CreateReport, renderCreated, renderNotes, renderPlan } from "../../report/create.ts";
import { renderJson } from "../../report/json.ts";
import { inspectDirectoryPlace } from "../../system/create/inspect-directory-place.ts";
import { execute } from "../../system/steps/execute.ts";
import { usage } from "../command-line/arguments.ts";
import type { Command, Invocation } from "../command-line/command.ts";

/** Makes a directory store, or says how. */
export function createDirectory(
  command: Command,
  { system, arguments: given }: Invocation,
): number {
  const [path = ""] = given.values.get("directory") ?? [];
  const [operand] = given.operands;
  if (operand !== undefined) throw usage(command, `there is no place for ${formatQuoted(operand)}`);
  if (path === "") throw usage(command, '"--directory" needs a directory');
  const { facts, host, device } = inspectDirectoryPlace(system, path);
  const plan = planDirectory(facts);
  const isJson = given.switches.has("json");
  if (given.switches.has("dry-run")) {
    system.say("stdout", isJson ? renderJson(plan) : renderPlan(plan));
    return 0;
  }
  execute(system, plan);
  const report: CreateReport = {
    kind: "directory",
    path: facts.path,
    bytes: undefined,
    type: facts.type,
    label: device.label,
    uuid: device.uuid,
    host,
    options: formatDirectoryOptions({
      directory: facts.found.directory,
      label: device.isUnique ? device.label : undefined,
      uuid: device.uuid,
    }),
    removable: undefined,
    notes: facts.found.exists ? ["the directory was there already, and is empty"] : [],
  };
  if (!isJson) system.say("stderr", renderNotes(report.notes));
  system.say("stdout", isJson ? renderJson(report) : renderCreated(report));
  return 0;
}
