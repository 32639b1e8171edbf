// "backstore adopt TARGET [SIZE]": keeps what a session in memory holds, in a store.

import {
  checkKeptRoom,
  checkStoreBytes,
  chooseStoreBytes,
  type KeptTotals,
} from "../../core/exchange/plan-keep.ts";
import { countKept } from "../../core/session/kept-layers.ts";
import { isNamedAsStore } from "../../core/stores/store-names.ts";
import { Failure } from "../../core/text/failure.ts";
import { formatPath, formatQuoted } from "../../core/text/quoted.ts";
import {
  type Adoption,
  type AdoptReport,
  type KeptStore,
  type LostAttribute,
  type NextBoot,
  renderAdopted,
  renderAdoption,
  summariseAdopted,
  summariseAdoption,
} from "../../report/exchange/adopt.ts";
import { findSessionChanges } from "../../system/changes/open-changes.ts";
import {
  checkKept,
  type KeptSession,
  measureKept,
  writeKept,
} from "../../system/exchange/keep-session.ts";
import { withStagedUpper } from "../../system/exchange/stage-upper.ts";
import { withLookingPlace } from "../../system/looking/looking-place.ts";
import { orFail } from "../../system/port/errors.ts";
import { mountOf } from "../../system/port/mount-of.ts";
import type { System } from "../../system/port/system.ts";
import { usage } from "../command-line/arguments.ts";
import type { Arguments, Command, Invocation } from "../command-line/command.ts";
import { compareWithBoot, findNextBoot } from "../command-line/next-boot.ts";
import { showProgress } from "../command-line/progress.ts";
import { findSessionStore } from "../command-line/session-store.ts";
import { readStoreSize } from "../command-line/store-flags.ts";
import { type Telling, tellingFlags, tellOutcome, tellPlan } from "../command-line/tell.ts";
import { sayingWhatIsLeft } from "../command-line/what-is-left.ts";
import { directoryOfSession, placeAtBoot } from "../create/device-target.ts";
import {
  planTarget,
  type Target,
  targetFlags,
  targetOperands,
  withTarget,
} from "../create/store-target.ts";

/** The command. */
export const command: Command = {
  name: "adopt",
  usage: "adopt TARGET [SIZE] [OPTION]...\nadopt --device DEV --label NAME [OPTION]...",
  description: `
Keeps what this session holds in memory: writes all of it into a store, which the next boot uses. For
a session that was started without a store, or with one that is only read.

TARGET is a directory store that is new or empty, or the file of a store, which is created if it is
not there; with a SIZE a directory is one in which that file is named sysrcd.bs. SIZE is in megabytes
of 2^20 bytes, or has a unit (2G, 750MiB), or is "max"; without it a new file is twice as large as
what it keeps. --device makes a file system with a directory store on a partition or disk, as "backstore
create" does.

The session goes on meanwhile. When everything is written, each file is compared with what the
session has then, and those that are not the same are named. What is changed later is not in the
store.`,
  flags: [
    {
      name: "only",
      value: "PATH",
      repeated: true,
      help: "keep only what this session has changed at this path and below",
    },
    ...targetFlags,
    ...tellingFlags,
  ],
  operands: (given) => targetOperands(command, given, ["TARGET", "[SIZE]"]),
  run,
};

const cannot = "Cannot keep this session";
const action = "keep this session in";

/** What is kept. */
interface Asked {
  readonly session: KeptSession;
  readonly totals: KeptTotals;
}

function run(invocation: Invocation): number {
  const { system } = invocation;
  const asked = readSession(invocation);
  const { totals } = asked;
  const target = findTarget(invocation, totals);
  const { path, plan, loss } = target;
  if (tellPlan(invocation, () => adoptionTelling({ store: path, plan, totals }, loss))) return 0;
  const kept = withLookingPlace(system, (at) => {
    if (at === undefined) throw new Failure("tool", `${cannot}: nothing can be mounted here`);
    return keep(invocation, { ...asked, target, at });
  });
  const report: AdoptReport = { ...kept, totals, ...findNext(invocation, target) };
  tellOutcome(invocation, {
    text: () => renderAdopted(report),
    json: () => summariseAdopted(report),
  });
  return 0;
}

function readSession({ system, arguments: given, context }: Invocation): Asked {
  const only = readOnly(given);
  if (!context.isRoot)
    throw new Failure(
      "tool",
      `${cannot}: only root can read what overlayfs has marked`,
      "run this as root",
    );
  const session = { ...findSession(system), only };
  const totals = orFail(cannot, () => measureKept(system, session));
  requireFound(only, totals.found);
  return { session, totals };
}

function adoptionTelling(adoption: Adoption, loss: string): Telling {
  return {
    text: () => renderAdoption(adoption),
    json: () => summariseAdoption(adoption),
    notes: () => loss,
  };
}

function findTarget(invocation: Invocation, totals: KeptTotals): Target {
  const { system, arguments: given } = invocation;
  const [name = "", sizeText] = given.operands;
  const asked = sizeText === undefined ? undefined : readStoreSize(command, sizeText);
  const isNewFile = name !== "" && isNamedAsStore(name) && system.status(name) === undefined;
  const size = asked ?? (isNewFile ? chooseStoreBytes(totals) : undefined);
  const check = (bytes: number | "max" | undefined) =>
    typeof bytes === "number" && checkStoreBytes(totals, bytes, cannot);
  check(size);
  const directory = directoryOfSession(system);
  const target = planTarget(command, invocation, { given: name, size, action, directory });
  check(target.mostBytes);
  return target;
}

function findNext(invocation: Invocation, { place }: Target): NextBoot {
  if ("device" in place)
    return compareWithBoot(invocation, "directory", placeAtBoot(invocation.system, place.device));
  const { kind, path } = place.store;
  return findNextBoot(invocation, { kind, store: path });
}

function readOnly(given: Arguments): readonly string[] | undefined {
  return given.values.get("only")?.map((path) => {
    const names = path.split("/").filter((name) => name !== "" && name !== ".");
    if (!path.startsWith("/") || names.includes(".."))
      throw usage(command, `"--only" requires a path from "/", not ${formatQuoted(path)}`);
    return names.map((name) => `/${name}`).join("");
  });
}

function findSession(system: System): Omit<KeptSession, "only"> {
  const {
    upper,
    lower,
    space = "trusted",
    isInMemory,
  } = findSessionChanges(
    system,
    cannot,
    "to carry the changes in a store to another one: backstore copy STORE TARGET",
  );
  if (isInMemory) return { directories: [upper, ...lower], kept: countKept(lower), space };
  const store = findSessionStore(system)?.path;
  throw new Failure(
    "unsafe",
    `${cannot}: its changes are kept already, ${store === undefined ? `in ${formatPath(upper)}` : `in the store ${formatPath(store)}`}`,
    "to have them in another store as well: backstore copy STORE TARGET",
  );
}

function requireFound(only: readonly string[] | undefined, found: readonly boolean[]): void {
  const missing = only?.find((_, index) => found[index] !== true);
  if (missing !== undefined)
    throw new Failure(
      "not-found",
      `${cannot}: it has changed nothing at ${formatPath(missing || "/")}`,
      `see what it has changed: backstore changes`,
    );
}

interface Keeping extends Asked {
  readonly target: Target;
  /** A place to mount in. */
  readonly at: string;
}

function keep(invocation: Invocation, { target, session, totals, at }: Keeping): KeptStore {
  const { system } = invocation;
  const { kind, path } = target;
  const progress = showProgress(invocation, "allocating");
  const changed: string[] = [];
  const lost: LostAttribute[] = [];
  const fill = (to: string) => {
    const copy = { session, to };
    const [writing, comparing] = [showPart("writing"), showPart("comparing")];
    writeKept(system, copy, {
      tellLost: (path, attribute) => lost.push({ path, attribute }),
      progress: writing,
    });
    // The session may have less by now than was measured.
    writing(totals.bytes);
    checkKept(system, copy, {
      tellChanged: (path) => changed.push(path),
      progress: comparing,
    });
    comparing(totals.bytes);
  };
  const worked = {
    store: path,
    undone: `nothing of this session is in ${formatPath(path)}`,
    hint: "the next run of the command removes it",
  };
  sayingWhatIsLeft(invocation, worked, () =>
    withTarget(invocation, { target, at, progress }, (directory) => {
      const type = mountOf(system, directory)?.type ?? "";
      checkKeptRoom(totals, { type, room: system.room(directory) }, cannot);
      orFail(cannot, () => withStagedUpper(system, directory, fill));
    }),
  );
  return { kind, store: path, changed, lost };

  function showPart(word: string) {
    const show = showProgress(invocation, word);
    return (doneBytes: number) => show(Math.min(doneBytes, totals.bytes), totals.bytes);
  }
}
