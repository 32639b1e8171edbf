// backstore revert: puts back what the base has at some paths.

import type { ChosenReverts, RevertRequest } from "../../core/revert/choose-reverts.ts";
import { planRevert } from "../../core/revert/plan-revert.ts";
import { Failure } from "../../core/text/failure.ts";
import { directoryOf } from "../../core/text/path.ts";
import { formatLine, formatPath, formatQuoted } from "../../core/text/quoted.ts";
import {
  askRevert,
  type RevertReport,
  renderReverted,
  renderRevertPlan,
  renderReverts,
  summariseReverts,
} from "../../report/revert.ts";
import { type ChangesView, withBases, withUpper } from "../../system/changes/open-changes.ts";
import { withLookingPlace } from "../../system/looking/looking-place.ts";
import { findUseElsewhere, hasAside, inspectReverts } from "../../system/revert/inspect-reverts.ts";
import { withWritableStore } from "../../system/revert/open-store.ts";
import { execute } from "../../system/steps/execute.ts";
import { requireConsent, yesFlag } from "../command-line/agree.ts";
import { usage } from "../command-line/arguments.ts";
import { readKinds } from "../command-line/change-kinds.ts";
import type { Arguments, Command, Invocation } from "../command-line/command.ts";
import { tellingFlags, tellOutcome } from "../command-line/tell.ts";

/** Reverts changes. */
export const command: Command = {
  name: "revert",
  usage: "revert PATH... --store STORE --base BASE... [OPTION]...",
  description: `
Puts back what the base has at each PATH: a file or directory that was changed or replaced, one that
was deleted, attributes; what the base does not have is removed. PATH is from the top of the system
that the store belongs to. STORE is a directory store, the file of a store, or a device with one, and
must not be in use; BASE is an image of its base or a directory with its files, the topmost first if
it has several layers.

What will be done is shown first and has to be confirmed, at the terminal or with --yes. With --kind,
only changes of that kind at and below each PATH are taken back, as "backstore changes" lists them;
PATH may be left out then.`,
  flags: [
    { name: "store", value: "STORE", help: "the store, which is not in use" },
    { name: "base", value: "BASE", repeated: true, help: "an image or directory with its base" },
    { name: "kind", value: "KIND", repeated: true, help: "take back only changes of this kind" },
    yesFlag,
    ...tellingFlags,
  ],
  operands: ({ operands, values }) => [
    values.has("kind") ? "[PATH]" : "PATH",
    ...operands.slice(1).map(() => "[PATH]"),
  ],
  run,
};

function run(invocation: Invocation): number {
  const { arguments: given, context } = invocation;
  const [store] = given.values.get("store") ?? [];
  const bases = given.values.get("base") ?? [];
  if (store === undefined) throw usage(command, '"--store" is missing');
  if (bases.length === 0)
    throw new Failure(
      "usage",
      `Cannot revert changes in ${formatPath(store)}: its base is not named`,
      "name its image: --base IMAGE",
    );
  if (!context.isRoot)
    throw new Failure(
      "tool",
      "Cannot revert changes: only root can read and remove what overlayfs has marked",
      "run this as root",
    );
  revertInStore(invocation, { store, bases, request: readRequest(given) });
  return 0;
}

function readRequest(given: Arguments): RevertRequest {
  const kinds = readKinds(command, given);
  const paths = given.operands.map((path) => {
    const names = path.split("/").filter((name) => name !== "" && name !== ".");
    if (names.includes("..")) throw usage(command, `${formatQuoted(path)} must not contain ".."`);
    return `/${names.join("/")}`;
  });
  return { kinds, paths: paths.length === 0 ? ["/"] : paths };
}

interface InStore {
  readonly store: string;
  readonly bases: readonly string[];
  readonly request: RevertRequest;
}

function revertInStore(invocation: Invocation, { store, bases, request }: InStore): void {
  const { system, arguments: given } = invocation;
  const cannot = `Cannot revert changes in ${formatPath(store)}`;
  withLookingPlace(system, (at) => {
    const view = viewOf(invocation, at);
    const faults = new Set<string>();
    const tellFault = (path: string, reason: string) => {
      const line = formatLine(`Warning: ${formatPath(path)}: ${reason}`);
      if (!faults.has(line)) system.say("stderr", `${line}\n`);
      faults.add(line);
    };
    const choose = (upper: string, lower: readonly string[]) =>
      inspectReverts(system, { upper, lower }, { request, tellFault });
    const seen = withBases(system, { given: bases, view }, (lower) =>
      withUpper(system, { given: store, view }, (upper) =>
        upper === undefined
          ? { chosen: nothing, elsewhere: undefined, hasLeft: false }
          : {
              chosen: choose(upper, lower),
              elsewhere: findUseElsewhere(system, directoryOf(upper)),
              hasLeft: hasAside(system, directoryOf(upper)),
            },
      ),
    );
    const { chosen, elsewhere, hasLeft } = seen;
    const report = { ...chosen, problems: faults.size };
    const isNothing = chosen.reverts.length === 0;
    tellMissing(invocation, chosen, isNothing && !hasLeft);
    if (given.switches.has("dry-run") || (isNothing && !hasLeft))
      return tellReverts(invocation, report, { isShown: false });
    const warning = elsewhere === undefined ? "" : `${formatLine(`Warning: ${elsewhere}`)}\n`;
    const isShown =
      !isNothing &&
      requireConsent(invocation, {
        cannot,
        shown: `${renderReverts(report)}${warning}`,
        question: askRevert(report, store),
      });
    if (at === undefined) throw new Failure("tool", `${cannot}: nothing can be mounted here`);
    const opening = { given: store, action: "revert changes in", at };
    withBases(system, { given: bases, view }, (lower) =>
      withWritableStore(system, opening, (directory) => {
        const now = directory === undefined ? nothing : choose(`${directory}/upperdir`, lower);
        if (directory === undefined || JSON.stringify(now) !== JSON.stringify(chosen))
          throw new Failure("in-use", `${cannot}: it was changed meanwhile`, "try again");
        execute(system, planRevert(now, directory));
      }),
    );
    tellReverts(invocation, report, { isShown });
  });
}

const nothing: ChosenReverts = {
  ...{ reverts: [], emptied: [], unchanged: [], missing: [] },
  ...{ independent: [], originAttribute: "" },
};

/** A second run after one that was interrupted finds some of the paths gone. */
function tellMissing({ system }: Invocation, { missing }: ChosenReverts, isNothing: boolean): void {
  const [first, ...others] = missing.map(
    (path) => `Cannot revert ${formatPath(path)}: neither the store nor the base has it`,
  );
  if (first === undefined) return;
  if (isNothing && others.length === 0) throw new Failure("not-found", first);
  for (const sentence of [first, ...others])
    system.say("stderr", `${formatLine(`Warning: ${sentence}`)}\n`);
}

function viewOf({ system }: Invocation, at: string | undefined): ChangesView {
  return {
    at,
    tellIgnoredJournal: (path) =>
      system.say(
        "stderr",
        `Warning: the journal of ${formatPath(path)} was not replayed yet, so what is shown may be older\n`,
      ),
  };
}

function tellReverts(
  invocation: Invocation,
  report: RevertReport,
  { isShown }: { isShown: boolean },
): void {
  const isDry = invocation.arguments.switches.has("dry-run");
  const list = isShown ? "" : renderReverts(report);
  tellOutcome(invocation, {
    text: () => `${list}${isDry ? renderRevertPlan(report) : renderReverted(report)}`,
    json: () => summariseReverts(report),
  });
}
