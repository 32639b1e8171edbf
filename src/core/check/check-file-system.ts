// Checks the file system that contains a store's changes, by its checker and its superblock. A
// journal to be replayed is not damage: the next mount replays it.

import { superblockOf } from "../stores/seen-store.ts";
import { adviseProtected, describeProtected } from "../superblocks/mount-protection.ts";
import { describeShortage } from "../superblocks/shortage.ts";
import { formatLine, formatQuoted } from "../text/quoted.ts";
import type { CheckerInability, CheckFacts, NotAsked } from "./check-facts.ts";
import type { Found } from "./check-finding.ts";

/** Checks the file system of a store. */
export function checkFileSystem(facts: CheckFacts): Found[] {
  return [...checkWord(facts), ...checkSuperblock(facts)];
}

function checkWord({ seen, checker }: CheckFacts): Found[] {
  const type = typeOf({ seen }) ?? "file system";
  switch (checker.kind) {
    case "clean":
      return [];
    case "damaged": {
      const more = checker.more > 0 ? `, and ${checker.more} more` : "";
      return [
        {
          severity: "error",
          sentence: `its ${type} file system is damaged: ${checker.tool} says ${formatQuoted(checker.says)}${more}`,
          code: "damaged",
          ...(type === "btrfs" ? { hint: btrfsHint } : { repair: "file-system" as const }),
        },
      ];
    }
    case "copy-broken":
      return [
        {
          severity: "warning",
          sentence: `its btrfs file system has a corrupt block with a good second copy: ${checker.tool} says ${formatQuoted(checker.says)}`,
          hint: "mount it and repair it from that copy: btrfs scrub start DIRECTORY",
        },
      ];
    case "unable":
      return [
        {
          severity: "warning",
          sentence: `its ${type} file system was not checked: ${describeInability(checker)}`,
          hint: adviseUnable(checker),
          code: "tool",
        },
      ];
    case "failed":
      return [
        {
          severity: "error",
          sentence: `its ${type} file system could not be checked: ${formatLine(checker.says)}`,
          code: "tool",
        },
      ];
    case "not-asked":
      return checker.reason === "cut-off" ? checkCutOff(seen) : checkNotAsked(checker.reason, type);
  }
}

/** Describes why a checker has no verdict. */
export function describeInability({ tool, why, says }: CheckerInability): string {
  const said = `(${formatQuoted(says)})`;
  switch (why) {
    case "too-old":
      return `its ${tool} is too old for it ${said}`;
    case "unreadable":
      return `${tool} could not read it ${said}`;
    case "protected":
      return `another machine may be using it, by its multiple mount protection ${said}`;
  }
}

function adviseUnable({ tool, why }: CheckerInability): string {
  switch (why) {
    case "too-old":
      return `nothing is known to be wrong with it; check it with a newer ${tool}`;
    case "unreadable":
      return "nothing is known to be wrong with it";
    case "protected":
      return adviseProtected("STORE");
  }
}

// btrfs-check(8) warns of --repair; a scrub repairs blocks that have a second copy.
const btrfsHint =
  'do not use "btrfs check --repair"; mount it read-only (-o ro,rescue=all) and copy its contents to a new store';

/** A repair would only make what is left consistent, and drop the rest. */
function checkCutOff({ device, file }: CheckFacts["seen"]): Found[] {
  const sentence = describeShortage(file ?? device) ?? "its file system is larger than its device";
  return [
    {
      severity: "error",
      sentence,
      hint: "copy it once more, to something that is large enough, or enlarge its partition; do not repair it",
      code: "damaged",
    },
  ];
}

function checkNotAsked(reason: Exclude<NotAsked, "cut-off">, type: string): Found[] {
  // Reported elsewhere, with the user of it or what is there instead.
  if (reason === "in-use" || reason === "no-file-system") return [];
  if (reason === "pending-log")
    return [
      {
        severity: "warning",
        sentence: `its ${type} file system was not cleanly unmounted and could not be checked: its ${type === "xfs" ? "log" : "journal"} must be replayed first`,
        repair: "replay",
      },
    ];
  if ("absent" in reason)
    return [
      {
        severity: "error",
        sentence: `no boot uses it: ${reason.absent}`,
        hint: "attach the others, and check it then; without them only cow_flags=degraded uses a RAID",
        code: "unsafe",
      },
    ];
  if ("because" in reason)
    return [
      {
        severity: "note",
        sentence: `its ${type} file system was not checked: ${formatLine(reason.because)}`,
      },
    ];
  return [
    {
      severity: "warning",
      sentence: `its ${type} file system was not checked: ${formatQuoted(reason.missing)} is not installed`,
      ...(reason.hint !== undefined && { hint: reason.hint }),
      code: "tool",
    },
  ];
}

/** While it is in use its state is not settled. */
function checkSuperblock({ seen, checker }: CheckFacts): Found[] {
  const superblock = superblockOf(seen);
  if (superblock === undefined || seen.use !== undefined) return [];
  const { type, unclean, protection } = superblock;
  const found: Found[] = [];
  if (protection?.state === "checked")
    found.push({
      severity: "error",
      sentence: describeProtected(type),
      hint: adviseProtected("STORE"),
      code: "in-use",
    });
  if (unclean.includes("errors") && checker.kind !== "damaged")
    found.push({
      severity: "error",
      sentence: `the kernel recorded errors in its ${type} file system; no boot writes to it until it is checked`,
      code: "damaged",
      repair: "file-system",
    });
  const isPending = unclean.some((reason) => ["journal", "orphans", "dirty"].includes(reason));
  const isTold = checker.kind === "not-asked" && checker.reason === "pending-log";
  if (isPending && !isTold && checker.kind !== "damaged")
    found.push({
      severity: "note",
      sentence: unclean.includes("journal")
        ? `its ${type} file system was not cleanly unmounted: the next mount replays its journal`
        : `its ${type} file system was not cleanly unmounted`,
      repair: "replay",
    });
  return found;
}

function typeOf({ seen }: Pick<CheckFacts, "seen">): string | undefined {
  return superblockOf(seen)?.type;
}
