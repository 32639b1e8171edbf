// The common parts of "backstore grow" and "backstore shrink": their arguments, and how they report
// what they do.

import { formatQuoted } from "../../core/text/quoted.ts";
import { parseStoreSize } from "../../core/text/size.ts";
import {
  renderResized,
  renderResizePlan,
  summariseResized,
  summariseResizePlan,
} from "../../report/resize.ts";
import { decideResize, type ResizeRequest, resizeStore } from "../../system/resize/resize-store.ts";
import { usage } from "../command-line/arguments.ts";
import type { Command, Invocation } from "../command-line/command.ts";
import { showProgress } from "../command-line/progress.ts";
import { isQuiet, tell, tellPlan } from "../command-line/tell.ts";

/** Runs one of them. */
export function runResize(command: Command, invocation: Invocation): number {
  const { system, context } = invocation;
  const request = readRequest(command, invocation.arguments.operands, context.isRoot);
  const isDry = tellPlan(invocation, () => {
    const { plan, facts } = decideResize(system, request);
    return {
      text: () => renderResizePlan(plan, facts),
      json: () => summariseResizePlan(plan, facts),
    };
  });
  if (isDry) return 0;
  const { plan } = resizeStore(system, request, {
    progress: showProgress(invocation, "allocating"),
    notice: (sentence) => {
      if (!isQuiet(invocation)) system.say("stderr", `Note: ${sentence}\n`);
    },
  });
  tell(invocation, { text: () => renderResized(plan), json: () => summariseResized(plan) });
  return 0;
}

function readRequest(
  command: Command,
  operands: readonly string[],
  isRoot: boolean,
): ResizeRequest {
  const [path = "", size = ""] = operands;
  const operation = command.name === "shrink" ? "shrink" : "grow";
  const word = operation === "grow" ? "max" : "min";
  const bytes = size === word ? undefined : parseStoreSize(size);
  if (bytes === undefined && size !== word)
    throw usage(
      command,
      `invalid size ${formatQuoted(size)}: expected 512 (MiB), 2G, 750MiB or "${word}"`,
    );
  return { operation, path, bytes, isRoot };
}
