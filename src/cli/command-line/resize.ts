// The common parts of "backstore grow" and "backstore shrink": their arguments, and how they report
// what they do.

import { Failure } from "../../core/text/failure.ts";
import { formatPath, formatQuoted, formatShellWord } from "../../core/text/quoted.ts";
import { parseStoreSize } from "../../core/text/size.ts";
import {
  renderResized,
  renderResizePlan,
  summariseResized,
  summariseResizePlan,
} from "../../report/resize.ts";
import type { System } from "../../system/port/system.ts";
import { decideResize, type ResizeRequest, resizeStore } from "../../system/resize/resize-store.ts";
import { locateStore } from "../../system/stores/locate-store.ts";
import { usage } from "./arguments.ts";
import type { Command, Invocation } from "./command.ts";
import { showProgress } from "./progress.ts";
import { findSessionStore } from "./session-store.ts";
import { isQuiet, tellOutcome, tellPlan } from "./tell.ts";
import { sayingWhatIsLeft } from "./what-is-left.ts";

/** Runs one of them. */
export function runResize(command: Command, invocation: Invocation): number {
  const { system } = invocation;
  const request = readRequest(command, invocation);
  const isDry = tellPlan(invocation, () => {
    const { plan, facts } = decideResize(system, request);
    return {
      text: () => renderResizePlan(plan, facts),
      json: () => summariseResizePlan(plan, facts),
    };
  });
  if (isDry) return 0;
  const listener = {
    progress: showProgress(invocation, "allocating"),
    notice: (sentence: string) => {
      if (!isQuiet(invocation)) system.say("stderr", `Note: ${sentence}\n`);
    },
  };
  const { store } = locateStore(system, request.path, request.operation);
  const worked = {
    store,
    undone: `the store ${formatPath(store)} is as it was`,
    hint: `complete or undo it: backstore ${command.name} ${formatShellWord(store)} SIZE`,
  };
  const { plan } = sayingWhatIsLeft(invocation, worked, () =>
    resizeStore(system, request, listener),
  );
  tellOutcome(invocation, { text: () => renderResized(plan), json: () => summariseResized(plan) });
  return 0;
}

function readRequest(command: Command, { system, ...call }: Invocation): ResizeRequest {
  const { isRoot } = call.context;
  const { operands } = call.arguments;
  const size = operands.at(-1) ?? "";
  const [named] = operands.length > 1 ? operands : [];
  if (named === undefined && size.includes("/")) throw usage(command, "SIZE is missing");
  const operation = command.name === "shrink" ? "shrink" : "grow";
  const word = operation === "grow" ? "max" : "min";
  const bytes = size === word ? undefined : parseStoreSize(size);
  if (bytes === undefined && size !== word)
    throw usage(
      command,
      `invalid size ${formatQuoted(size)}: expected 512 (MiB), 2G, 750MiB or "${word}"`,
    );
  return { operation, path: named ?? sessionPath(command, system), bytes, isRoot };
}

/** Without a path, the running session's store is meant. */
function sessionPath({ name }: Command, system: System): string {
  const cannot = `Cannot ${name} the store of this session`;
  const store = findSessionStore(system);
  if (store === undefined)
    throw new Failure(
      "not-found",
      `${cannot}: there is none`,
      `name a store: backstore ${name} PATH SIZE`,
    );
  if (store.kind === "file") return store.path;
  throw new Failure(
    "usage",
    `${cannot}: it is a directory, which is as large as its file system`,
    "see how much room is left: backstore status",
  );
}
