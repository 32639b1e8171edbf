// backstore revert: puts back what the base has at some paths.

import type { ChosenReverts, RevertRequest } from "../../core/revert/choose-reverts.ts";
import { checkCopyRoom } from "../../core/revert/copy-room.ts";
import { planRevert } from "../../core/revert/plan-revert.ts";
import { Failure } from "../../core/text/failure.ts";
import { directoryOf, joinPath } from "../../core/text/path.ts";
import { formatLine, formatPath } from "../../core/text/quoted.ts";
import {
  askRevert,
  type RevertReport,
  renderReverted,
  renderRevertPlan,
  renderReverts,
  summariseReverts,
} from "../../report/revert.ts";
import { findSessionChanges, withBases, withUpper } from "../../system/changes/open-changes.ts";
import { withLookingPlace } from "../../system/looking/looking-place.ts";
import { ifPossible, orFail } from "../../system/port/errors.ts";
import { mountOf } from "../../system/port/mount-of.ts";
import type { System } from "../../system/port/system.ts";
import {
  findUseElsewhere,
  hasAside,
  inspectPutBacks,
  inspectReverts,
} from "../../system/revert/inspect-reverts.ts";
import { withWritableStore } from "../../system/revert/open-store.ts";
import {
  findCover,
  findLeft,
  measureCopies,
  noteNext,
  putBack,
  removeLeft,
  withBaseView,
} from "../../system/revert/put-back.ts";
import { execute } from "../../system/steps/execute.ts";
import { requireConsent, yesFlag } from "../command-line/agree.ts";
import { usage } from "../command-line/arguments.ts";
import { readKinds } from "../command-line/change-kinds.ts";
import type { Command, Invocation } from "../command-line/command.ts";
import { listenForFaults, viewOf } from "../command-line/store-view.ts";
import { readSystemPath } from "../command-line/system-path.ts";
import { tellingFlags, tellOutcome } from "../command-line/tell.ts";

/** Reverts changes. */
export const command: Command = {
  name: "revert",
  usage: "revert PATH... [--store STORE --base BASE...] [OPTION]...",
  description: `
Puts back what the base has at each PATH: a file or directory that was changed or replaced, one that
was deleted, attributes; what the base does not have is removed. In the running session that is seen at
once, and the next boot takes what is left of it out of the store. With --store, it is done in a store
that is not in use, and PATH is from the top of the system that the store belongs to: STORE is a
directory store, the file of a store, or a device with one; BASE is an image of its base or a directory
with its files, the topmost first if it has several layers.

What will be done is shown first and has to be confirmed, at the terminal or with --yes. With --kind,
only changes of that kind at and below each PATH are taken back, as "backstore changes" lists them;
PATH may be left out then.`,
  flags: [
    { name: "store", value: "STORE", help: "a store that is not in use (default: the session)" },
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
  if (store === undefined && bases.length > 0)
    throw usage(command, '"--base" is used with "--store" only');
  if (store !== undefined && bases.length === 0)
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
  const kinds = readKinds(command, given);
  const named = given.operands.map((path) =>
    store === undefined ? resolveInSession(invocation.system, path) : readPath(path),
  );
  const request = { kinds, paths: named.length === 0 ? ["/"] : named };
  if (store === undefined) revertInSession(invocation, request);
  else revertInStore(invocation, { store, bases, request });
  return 0;
}

function readPath(path: string): string {
  return `/${readSystemPath(command, path).join("/")}`;
}

/** The path itself may be a link, or not be there any more. */
function resolveInSession(system: System, path: string): string {
  if (path === "") return readPath(path);
  const whole = path.startsWith("/") ? path : `${system.resolve(".")}/${path}`;
  const trimmed = whole.length > 1 && whole.endsWith("/") ? readPath(whole) : whole;
  const directory = ifPossible(() => system.resolve(directoryOf(trimmed)));
  const name = trimmed.slice(trimmed.lastIndexOf("/") + 1);
  return readPath(directory === undefined ? trimmed : joinPath(directory, name));
}

function revertInSession(invocation: Invocation, request: RevertRequest): void {
  const { system, arguments: given } = invocation;
  const cannot = "Cannot revert changes of this session";
  const { isInMemory, ...directories } = findSessionChanges(
    system,
    cannot,
    "name a store and its base: backstore revert PATH --store STORE --base IMAGE",
  );
  const { upper, lower, space = "trusted" } = directories;
  const faults = listenForFaults(invocation);
  const choose = () => inspectPutBacks(system, directories, { request, tellFault: faults.tell });
  withLookingPlace(system, (at) => {
    const chosen = choose();
    const covered = chosen.putBacks.filter(({ path, do: way }) => {
      const cover = way === "leave" ? undefined : findCover(system, path);
      if (cover !== undefined) faults.tell(path, `something is mounted on ${formatPath(cover)}`);
      return cover !== undefined;
    });
    const putBacks = chosen.putBacks.filter((one) => !covered.includes(one));
    const next = isInMemory ? 0 : putBacks.filter(({ goesNext }) => goesNext).length;
    const { unchanged, missing } = chosen;
    const report = { reverts: putBacks, unchanged, missing, problems: faults.count(), next };
    const left = findLeft(system, [...request.paths, ...putBacks.map(({ path }) => path)]);
    const isNothing = putBacks.length + left.length === 0;
    tellMissing(invocation, chosen, isNothing);
    if (given.switches.has("dry-run") || isNothing)
      return tellReverts(invocation, report, { isShown: false });
    const isShown =
      putBacks.length > 0 &&
      requireConsent(invocation, {
        cannot,
        shown: renderReverts(report),
        question: askRevert(report, undefined),
      });
    if (at === undefined) throw new Failure("tool", `${cannot}: nothing can be mounted here`);
    if (JSON.stringify(choose()) !== JSON.stringify(chosen))
      throw new Failure("in-use", `${cannot}: they were changed meanwhile`, "try again");
    for (const directory of left) removeLeft(system, directory);
    const noted = withBaseView(system, { at, lower, space }, (view) => {
      const type = mountOf(system, upper)?.type ?? "";
      checkCopyRoom(measureCopies(system, view, putBacks), { type, room: system.room(upper) });
      for (const one of putBacks)
        orFail(`Cannot put back ${formatPath(one.path)}`, () => putBack(system, view, one));
      system.syncFileSystem("/");
      return isInMemory ? 0 : noteNext(system, upper, putBacks);
    });
    if (noted < next) system.say("stderr", `${formatLine(describeUnnoted(next - noted))}\n`);
    tellReverts(invocation, { ...report, next: noted }, { isShown });
  });
}

function describeUnnoted(count: number): string {
  return `Warning: the copies of ${count === 1 ? "1 path" : `${count} paths`} stay in the store, because its record cannot take a note of them for the next boot`;
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
    const faults = listenForFaults(invocation);
    const choose = (upper: string, lower: readonly string[]) =>
      inspectReverts(system, { upper, lower }, { request, tellFault: faults.tell });
    const seen = withBases(system, { given: bases, view }, (lower) =>
      withUpper(system, { given: store, view, action: "revert changes in" }, (upper) =>
        upper === undefined
          ? { chosen: nothing, elsewhere: undefined, hasLeft: false }
          : {
              chosen: choose(upper, lower),
              elsewhere: findUseElsewhere(system, directoryOf(upper)),
              hasLeft: hasAside(system, directoryOf(upper), cannot),
            },
      ),
    );
    const { chosen, elsewhere, hasLeft } = seen;
    const report = { ...chosen, problems: faults.count(), next: undefined };
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
function tellMissing(
  { system }: Invocation,
  { missing }: Pick<ChosenReverts, "missing">,
  isNothing: boolean,
): void {
  const [first, ...others] = missing.map(
    (path) => `Cannot revert ${formatPath(path)}: neither the store nor the base has it`,
  );
  if (first === undefined) return;
  if (isNothing && others.length === 0)
    throw new Failure("not-found", first, "see what is changed: backstore changes");
  for (const sentence of [first, ...others])
    system.say("stderr", `${formatLine(`Warning: ${sentence}`)}\n`);
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
