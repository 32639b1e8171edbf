// What "backstore grow" and "backstore shrink" have in common: their arguments, and how they tell what they do.
import { formatQuoted } from "../../core/text/quoted.ts";
import { parseStoreSize } from "../../core/text/size.ts";
import {
  renderResized,
  renderResizedJson,
  renderResizePlan,
  renderResizePlanJson,
} from "../../report/resize.ts";
import { decideResize, type ResizeRequest, resizeStore } from "../../system/resize/resize-store.ts";
import { usage } from "../command-line/arguments.ts";
import type { Command, Flag, Invocation } from "../command-line/command.ts";
import { showProgress } from "../command-line/progress.ts";

/** Lists their flags. */
export const resizeFlags: readonly Flag[] = [
  { name: "dry-run", help: "say what would be done, and do nothing" },
  { name: "json", help: "say it as JSON" },
];

/** Runs one of them. */
export function runResize(command: Command, { system, arguments: given, context }: Invocation) {
  const request = readRequest(command, given.operands, context.isRoot);
  const isJson = given.switches.has("json");
  if (given.switches.has("dry-run")) {
    const { plan, facts } = decideResize(system, request);
    system.say(
      "stdout",
      isJson ? renderResizePlanJson(plan, facts) : renderResizePlan(plan, facts),
    );
    return 0;
  }
  const { plan } = resizeStore(system, request, {
    progress: showProgress(system, { action: "allocating", isTerminal: context.terminal.stderr }),
    notice: (sentence) => system.say("stderr", `Note: ${sentence}\n`),
  });
  system.say("stdout", isJson ? renderResizedJson(plan) : renderResized(plan));
  return 0;
}

function readRequest(
  command: Command,
  operands: readonly string[],
  isRoot: boolean,
): ResizeRequest {
  const [path, size, more] = operands;
  if (path === undefined) throw usage(command, "PATH and SIZE are missing");
  if (size === undefined) throw usage(command, "SIZE is missing");
  if (more !== undefined) throw usage(command, `there is no place for ${formatQuoted(more)}`);
  const operation = command.name === "shrink" ? "shrink" : "grow";
  const word = operation === "grow" ? "max" : "min";
  const bytes = size === word ? undefined : parseStoreSize(size);
  if (bytes === undefined && size !== word)
    throw usage(command, `${formatQuoted(size)} is no size; 512, 2G, 750MiB and ${word} are`);
  return { operation, path, bytes, isRoot };
}
