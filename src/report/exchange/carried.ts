// What was carried from one form of changes into another, and what was not, for people and for
// programs.

import type { LeftOutReason } from "../../core/exchange/carried.ts";
import type { Nonsense } from "../../core/exchange/place-member.ts";
import type { LeftOut } from "../../core/stores/foreign-store.ts";
import { formatLine, formatPath } from "../../core/text/quoted.ts";
import { formatSize } from "../../core/text/size.ts";

/** The reason why something is not carried. */
export type LossReason = LeftOutReason | Nonsense | LeftOut["reason"] | "attribute" | "changed";

/** Something that is not as it was. */
export interface Loss {
  readonly path: string;
  readonly reason: LossReason;
  /** The name of an attribute that cannot be kept; undefined for anything else. */
  readonly attribute?: string;
}

/** Everything that is not as it was: examples, and how many there are. */
export interface Losses {
  readonly examples: Loss[];
  count: number;
}

const mostExamples = 100;
const mostTold = 10;

/** Adds a loss, in place: there may be many. */
export function addLoss(losses: Losses, loss: Loss): void {
  losses.count++;
  if (losses.examples.length < mostExamples) losses.examples.push(loss);
}

const reasons: Readonly<Record<LossReason, string>> = {
  "whiteout-of-no-file": "has the name of a whiteout, and is no file: left out",
  "whiteout-of-no-name": "deletes something that cannot have a name: left out",
  hidden: "is hidden by a whiteout beside it: left out",
  "looks-deleted": "is a device that an overlay takes for a whiteout: left out",
  "name-of-whiteout": "has a name that is a whiteout in the archive: left out",
  socket: "is a socket, which an archive cannot have: left out",
  gone: "went away meanwhile: left out",
  "below-file": "is below a file: left out",
  "below-whiteout": "is below what is deleted: left out",
  "top-is-no-directory": "is the top, and no directory: left out",
  "name-of-no-file": "is a further name of a file that is not there: left out",
  "hides-everything": "hides the whole base, which an overlay cannot do: left out",
  links: "is kept as links to single files: left out",
  "within-another": "is within another directory that is kept: left out",
  missing: "is to be kept, and is not there",
  attribute: "lost an attribute that the file system cannot keep",
  changed: "was written to while it was copied: its copy may be neither the old file nor the new",
};

/** Renders what is not as it was, one line each. */
export function renderLosses({ examples, count }: Losses): string {
  const told = examples.slice(0, mostTold).map(describeLoss);
  const rest = count - told.length;
  const more = rest > 0 ? [`and ${rest} more`] : [];
  return [...told, ...more].map((line) => `${formatLine(`Warning: ${line}`)}\n`).join("");
}

function describeLoss({ path, reason, attribute }: Loss): string {
  const name = attribute === undefined ? "" : ` (${attribute})`;
  return `${formatPath(path)} ${reasons[reason]}${name}`;
}

/** Returns the same as keys of an object for programs. */
export function summariseLosses({ examples, count }: Losses): object {
  return {
    losses: examples.map(({ path, reason, attribute }) => ({ path, reason, attribute })),
    lossCount: count,
  };
}

/** Formats how much was carried. */
export function formatCarried(entries: number, bytes: number | undefined): string {
  const paths = entries === 1 ? "1 path" : `${entries} paths`;
  return bytes === undefined ? paths : `${paths}, ${formatSize(bytes)}`;
}

/** Renders what a boot needs to find a store on a device; undefined for any other. */
export function renderOptions(options: string | undefined): string {
  return options === undefined ? "" : `Start it with: ${options}\n`;
}
