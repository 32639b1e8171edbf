// What a login shows of the session: /run/issue.d/backstore.issue before it (agetty(8)), /run/motd.d/backstore after it
// (pam_motd(8)). Sentences of a boot quote what came from disks; nothing else that a terminal obeys gets through either.

import type { SessionKind } from "../core/session/session.ts";
import { formatLine } from "../core/text/quoted.ts";
import { describeStore, type NamedStore } from "./store-name.ts";

/** Is what a login is told of. */
export interface LoginFacts {
  readonly session: Exclude<SessionKind, "stopped">;
  /** Whether somebody will miss the changes that are not kept. */
  readonly isLoss: boolean;
  readonly store: NamedStore | undefined;
  /** What is wrong, what matters most first. */
  readonly details: readonly string[];
}

/** Describes a session for a login: one line, and at most two of what is wrong. */
export function describeForLogin({ session, isLoss, store, details }: LoginFacts): string[] {
  const name = store === undefined ? "" : ` ${describeStore(store)}`;
  const headlines = {
    persistent: `persistent: every change is kept in${name}`,
    readonly: `READ-ONLY: new changes are lost at power-off; the store${name} is used as it is`,
    volatile: isLoss
      ? "VOLATILE: every change is lost at power-off"
      : "volatile: changes are in memory, and lost at power-off",
  };
  const shown = details.slice(0, mostDetails);
  const more = details.length - shown.length;
  return [
    headlines[session],
    ...shown,
    ...(more > 0 ? [`${more} more: "backstore status" tells`] : []),
  ].map((line, index) => `${index === 0 ? "backstore: " : "  "}${shorten(line)}`);
}

const mostDetails = 2;

/** Renders lines for /run/motd.d. */
export function renderMotd(lines: readonly string[]): string {
  return lines.map((line) => `${formatLine(line)}\n`).join("");
}

/** Renders lines for /run/issue.d, where a backslash begins what agetty puts something else for. */
export function renderIssue(lines: readonly string[]): string {
  return renderMotd(lines).replaceAll("\\", "\\\\");
}

/** Two stores that could be taken for each other, with the option of each: three lines of a console, and a little more. */
const longest = 280;

function shorten(line: string): string {
  return line.length > longest ? `${line.slice(0, longest)}…` : line;
}
