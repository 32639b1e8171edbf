// What a login shows of the session: /run/issue.d/backstore.issue before it (agetty(8)),
// /run/motd.d/backstore after it (pam_motd(8)). Sentences of a boot quote what they read from
// disks; other control characters are removed too.

import type { SessionKind } from "../../core/session/session.ts";
import { formatLine } from "../../core/text/quoted.ts";
import { describeStore, type NamedStore } from "../store-name.ts";

/** The facts that a login shows. */
export interface LoginFacts {
  readonly session: Exclude<SessionKind, "stopped">;
  /** Whether changes are not kept that will be missed. */
  readonly isLoss: boolean;
  readonly store: NamedStore | undefined;
  /** What is wrong, the most important first. */
  readonly details: readonly string[];
}

/** Describes a session for a login: one line, and at most two about what is wrong. */
export function describeForLogin({ session, isLoss, store, details }: LoginFacts): string[] {
  const name = store === undefined ? "" : ` ${describeStore(store)}`;
  const headlines = {
    persistent: `persistent: every change is kept in${name}`,
    readonly: `READ-ONLY: new changes are lost at power-off; the store${name} is used read-only`,
    volatile: isLoss
      ? "VOLATILE: every change is lost at power-off"
      : "volatile: changes are in memory and lost at power-off",
    foreign: isLoss
      ? "NO STORE IS USED: changes may be lost at power-off"
      : "no store is used in this session",
  };
  const shown = details.slice(0, mostDetails);
  const more = details.length - shown.length;
  return [
    headlines[session],
    ...shown,
    ...(more > 0 ? [`${more} more: see "backstore status"`] : []),
  ].map((line, index) => `${index === 0 ? "backstore: " : "  "}${shorten(line)}`);
}

const mostDetails = 2;

/** Renders lines for /run/motd.d. */
export function renderMotd(lines: readonly string[]): string {
  return lines.map((line) => `${formatLine(line)}\n`).join("");
}

/** Renders lines for /run/issue.d, where agetty replaces what begins with a backslash. */
export function renderIssue(lines: readonly string[]): string {
  return renderMotd(lines).replaceAll("\\", "\\\\");
}

/**
 * Two stores that could be confused, with the option of each: three lines of a console, and a
 * little more.
 */
const longest = 280;

function shorten(line: string): string {
  return line.length > longest ? `${line.slice(0, longest)}…` : line;
}
