// The consent to losing what is on a device: by flags, or asked at the terminal.

import {
  checkConsent,
  type DeviceFacts,
  describeDevice,
  namesOf,
} from "../../core/devices/device-contents.ts";
import { Failure } from "../../core/text/failure.ts";
import { formatQuoted } from "../../core/text/quoted.ts";
import type { Flag, Invocation } from "./command.ts";

/** The flags that consent. */
export const consentFlags: readonly Flag[] = [
  {
    name: "erase",
    value: "NAME",
    help: "the label, UUID or serial number of what is on the device and may be erased",
  },
  { name: "yes", help: "do not ask for confirmation" },
];

/** What is about to be done. */
interface Asking {
  /** The beginning of a refusal: "Cannot create a file system on …". */
  readonly cannot: string;
  /** "Create a file system on it?" */
  readonly question: string;
}

/**
 * Shows what would be lost and asks for its name, if the session is interactive; otherwise the
 * flags decide.
 */
export function agreeToLoss(
  { system, arguments: given, context }: Invocation,
  facts: DeviceFacts,
  { cannot, question }: Asking,
): void {
  const [erase] = given.values.get("erase") ?? [];
  const isAgreed = given.switches.has("yes");
  const isEmpty = facts.contents.length === 0 && !facts.hasUnknownData;
  const isAnswered = erase !== undefined || (isAgreed && facts.contents.length === 0);
  if (isAnswered || !context.terminal.stdin || !context.terminal.stderr) {
    checkConsent(facts, { erase, isAgreed }, cannot);
    return;
  }
  const declined = () => new Failure("unsafe", `${cannot}: not confirmed`);
  system.say("stderr", `${describeDevice(facts)}\n`);
  if (facts.contents.length > 0) {
    system.say("stderr", `All of it will be lost. Type ${nameToType(facts)} to continue: `);
    const answer = system.readLine();
    if (answer === undefined || answer === "") throw declined();
    checkConsent(facts, { erase: answer, isAgreed: true }, cannot);
    return;
  }
  const loss = isEmpty ? "" : "Its contents will be lost. ";
  system.say("stderr", `${loss}${question} [y/N] `);
  if (!/^y(es)?$/i.test(system.readLine()?.trim() ?? "")) throw declined();
}

function nameToType(facts: DeviceFacts): string {
  return formatQuoted(namesOf(facts)[0] ?? "");
}
