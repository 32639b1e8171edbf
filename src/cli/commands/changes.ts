// backstore changes: what a store, or the running session, has changed in its base.

import { type ChangeKind, countChange, startTotals } from "../../core/changes/change.ts";
import {
  type ChangeOrder,
  changeOrders,
  groupByDepth,
  type Listed,
  sortListed,
} from "../../core/changes/group-changes.ts";
import { Failure } from "../../core/text/failure.ts";
import { formatPath, formatQuoted } from "../../core/text/quoted.ts";
import {
  type ChangesSummary,
  renderChangesSummary,
  renderList,
  renderListJson,
  summariseChanges,
} from "../../report/changes.ts";
import { headOf, renderJsonLine } from "../../report/json.ts";
import {
  type ChangesListener,
  inspectChanges,
  type OverlayDirectories,
} from "../../system/changes/inspect-changes.ts";
import { findSessionChanges, withBases, withUpper } from "../../system/changes/open-changes.ts";
import { withLookingPlace } from "../../system/looking/looking-place.ts";
import { orFail } from "../../system/port/errors.ts";
import { tellPackages } from "../changes/tell-packages.ts";
import { tellSecrets } from "../changes/tell-secrets.ts";
import { usage } from "../command-line/arguments.ts";
import { readKinds, readWord } from "../command-line/change-kinds.ts";
import type { Arguments, Command, Invocation } from "../command-line/command.ts";
import { readingView, tellFault } from "../command-line/store-view.ts";

/** Shows changes. */
export const command: Command = {
  name: "changes",
  usage: "changes [STORE] [--base BASE]... [OPTION]...",
  description: `
Lists what a store has changed in its base, one line for each path, with the size that the store has
of it, and the sums of each kind at the end. STORE is a directory store, the file of a store, or a
device with one; BASE is an image of the base or a directory with its files, the topmost first if it
has several layers. Without STORE, the changes of the running session are listed; if they are in
memory alone, that is what is lost when the machine is switched off. Nothing is changed.

The kinds are: added; modified (another content); metadata (only another mode, owner, time or
attribute); deleted; replaced (a directory that hides all that the base has in it); type (a file in
the place of a directory, and the like); and same (a copy that is like the base's, or a deletion of
what the base does not have: it takes room in the store, and changes nothing).

--secrets lists what nobody else should get with the store: private keys, passwords, tokens, shell
histories and the like, as far as they are where programs keep them. It tells where they are, and not
what they are.

--packages lists what was installed, removed or brought to another version since the base, with the
number and size of the changed paths of each package, as dpkg and pacman have recorded them.`,
  flags: [
    {
      name: "base",
      value: "BASE",
      repeated: true,
      help: "an image or directory with the base (default: that of the session)",
    },
    { name: "under", value: "PATH", help: "list only what is at this path, or below" },
    { name: "kind", value: "KIND", repeated: true, help: "list only changes of this kind" },
    { name: "depth", value: "N", help: "sum up directories that are N levels deep" },
    { name: "sort", value: "ORDER", help: "sort by path, size or time (default: as found)" },
    { name: "packages", help: "list the packages that came, went or were changed instead" },
    { name: "secrets", help: "list the files with keys, passwords and the like instead" },
    { name: "json", help: "print JSON, one object a line (docs/changes-json.md)" },
  ],
  operands: ["[STORE]"],
  run,
};

interface Request {
  readonly under: readonly string[];
  readonly kinds: readonly ChangeKind[];
  readonly depth: number;
  readonly order: ChangeOrder | undefined;
  /** What is told instead of each change. */
  readonly instead: "secrets" | "packages" | undefined;
}

function run(invocation: Invocation): number {
  const { system, arguments: given, context } = invocation;
  const request = readRequest(given);
  const [store] = given.operands;
  const bases = given.values.get("base") ?? [];
  if (store !== undefined && bases.length === 0)
    throw new Failure(
      "usage",
      `Cannot show the changes in ${formatPath(store)}: its base is not named`,
      "name its image: --base IMAGE",
    );
  if (!context.isRoot)
    throw new Failure(
      "tool",
      "Cannot show changes: only root can read what overlayfs has marked",
      "run this as root",
    );
  const session = store === undefined ? findSessionChanges(system) : undefined;
  withLookingPlace(system, (at) => {
    const view = readingView(invocation, at);
    const tell = (directories: OverlayDirectories | undefined) => {
      const { instead, under } = request;
      if (instead === "secrets") return tellSecrets(invocation, { directories, under });
      if (instead === "packages") return tellPackages(invocation, { directories, under });
      return tellChanges(invocation, { directories, request, isInMemory: session?.isInMemory });
    };
    withBases(system, { given: bases, view }, (lower) => {
      if (session !== undefined)
        return tell({ ...session, lower: lower.length > 0 ? lower : session.lower });
      return withUpper(system, { given: store ?? "", view }, (upper) =>
        tell(upper === undefined ? undefined : { upper, lower }),
      );
    });
  });
  return 0;
}

function readRequest(given: Arguments): Request {
  const value = (name: string) => given.values.get(name)?.[0];
  const under = (value("under") ?? "").split("/").filter((name) => name !== "" && name !== ".");
  if (under.includes("..")) throw usage(command, '"--under" must not contain ".."');
  const depth = value("depth");
  if (depth !== undefined && !/^[1-9]\d{0,5}$/.test(depth))
    throw usage(command, `"--depth" requires a number from 1, not ${formatQuoted(depth)}`);
  const order = value("sort");
  const { switches, values } = given;
  const instead = (["secrets", "packages"] as const).find((name) => switches.has(name));
  const other = ["packages", "kind", "depth", "sort"].find(
    (name) => name !== instead && (values.has(name) || switches.has(name)),
  );
  if (instead !== undefined && other !== undefined)
    throw usage(command, `"--${instead}" and "--${other}" cannot be used together`);
  return {
    under,
    instead,
    kinds: readKinds(command, given),
    depth: depth === undefined ? Number.POSITIVE_INFINITY : Number(depth),
    order:
      order === undefined
        ? undefined
        : readWord(command, { flag: "sort", given: order, known: changeOrders }),
  };
}

interface Told {
  /** Undefined for a store that is new. */
  readonly directories: OverlayDirectories | undefined;
  readonly request: Request;
  readonly isInMemory: boolean | undefined;
}

function tellChanges(invocation: Invocation, { directories, request, isInMemory }: Told): void {
  const { system } = invocation;
  const teller = chooseTeller(invocation);
  const totals = startTotals();
  let problems = 0;
  const held: Listed[] = [];
  const { order, kinds, under } = request;
  const list = (listed: Listed) => (order === undefined ? teller.list(listed) : held.push(listed));
  const grouping = groupByDepth(request.depth, list);
  const listener: ChangesListener = {
    under,
    tell(change) {
      if (kinds.length > 0 && !kinds.includes(change.kind)) return;
      countChange(totals, change);
      grouping.add(change);
    },
    tellFault(path, reason) {
      problems++;
      teller.fault(path, reason);
    },
  };
  if (directories !== undefined)
    orFail("Cannot show changes", () => inspectChanges(system, directories, listener));
  grouping.end();
  if (order !== undefined) for (const listed of sortListed(held, order)) teller.list(listed);
  teller.end({ totals, problems, isInMemory });
}

/** Writes what is told, many lines at a time. */
interface Teller {
  readonly list: (listed: Listed) => void;
  readonly fault: (path: string, reason: string) => void;
  readonly end: (summary: ChangesSummary) => void;
}

const writtenAtOnce = 100;

function chooseTeller(invocation: Invocation): Teller {
  const { system, arguments: given, context } = invocation;
  const isJson = given.switches.has("json");
  const render = isJson ? renderListJson : renderList;
  const write = (text: string) => system.say("stdout", text);
  let held: Listed[] = [];
  const writeHeld = () => {
    if (held.length > 0) write(render(held));
    held = [];
  };
  return {
    list(listed) {
      if (held.push(listed) === writtenAtOnce) writeHeld();
    },
    fault(path, reason) {
      writeHeld();
      tellFault(invocation, path, reason);
    },
    end(summary) {
      writeHeld();
      write(
        isJson
          ? renderJsonLine({ ...headOf(context.version), ...summariseChanges(summary) })
          : renderChangesSummary(summary, context.terminal.columns),
      );
    },
  };
}
