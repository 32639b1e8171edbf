// The consent to what a command is about to do: by a flag, or at the terminal.

import { Failure } from "../../core/text/failure.ts";
import type { Flag, Invocation } from "./command.ts";

/** The flag that consents. */
export const yesFlag: Flag = { name: "yes", help: "do not ask for confirmation" };

/** What is about to be done. */
interface Asking {
  /** The beginning of a refusal: "Cannot revert changes in …". */
  readonly cannot: string;
  /** What is shown first. */
  readonly shown: string;
  readonly question: string;
}

/**
 * Shows what will be done and asks; throws Failure "unsafe" if that is declined, or nobody can be
 * asked. Returns whether it was shown.
 */
export function requireConsent(
  { system, arguments: given, context }: Invocation,
  { cannot, shown, question }: Asking,
): boolean {
  if (given.switches.has(yesFlag.name)) return false;
  if (!context.terminal.stdin || !context.terminal.stderr)
    throw new Failure(
      "unsafe",
      `${cannot}: not confirmed`,
      "see what would be done with --dry-run, then confirm with --yes",
    );
  system.say("stderr", shown);
  system.say("stderr", question);
  if (/^y(es)?$/i.test(system.readLine()?.trim() ?? "")) return true;
  throw new Failure("unsafe", `${cannot}: not confirmed`);
}
