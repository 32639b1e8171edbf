// The menu at the console: shown again when a device is added or removed, until the user has chosen
// something that can be done, or the console is gone.
import { type Answer, isSameMenu, type Menu, parseAnswer } from "../core/choosing/menu.ts";
import { formatQuoted } from "../core/text/quoted.ts";
import { renderMenu } from "../report/console/menu.ts";
import { openConsole } from "./console.ts";
import { endMachine } from "./end-machine.ts";
import type { Hardware } from "./hardware.ts";

/** A question; each function is called again whenever something may have changed. */
interface ConsoleQuestion<T> {
  /** Learns the choices; devices are inspected again, or only if they are not known yet. */
  readonly learn: (how: "anew" | "on") => Menu;
  /** Tries to do what was chosen; if that fails, says why and returns undefined. */
  readonly take: (answer: Choice) => T | undefined;
  /** Returns what can be done automatically now that a device was added; undefined for nothing. */
  readonly takeItself: () => T | undefined;
  readonly renderDetails: () => string;
}

/** An answer that ends the question, if it can be done. */
export type Choice = Extract<Answer, { kind: "store" | "volatile" }>;

/** Asks until something was chosen; undefined if the console provides no answer. */
export function askAtConsole<T>(hardware: Hardware, question: ConsoleQuestion<T>): T | undefined {
  const { system } = hardware;
  const say = (text: string) => system.say("stderr", text);
  const console = openConsole(system);
  let menu = question.learn("on");
  // A user watching another console than the one that is read learns why nothing happens.
  system.say("kernel", "backstore: waiting for an answer at the console\n");
  say(renderMenu(menu));
  while (!console.isGone()) {
    const line = console.read(glanceMs);
    if (line === undefined) {
      const changed = followDevices(hardware, question, menu);
      if (changed === undefined) continue;
      if (changed.done !== undefined) return changed.done;
      menu = changed.menu;
      continue;
    }
    const answer = parseAnswer(line, menu);
    if (answer === undefined) {
      say(`${formatQuoted(line.trim())} is not one of the choices.\n> `);
      continue;
    }
    if (answer.kind === "reboot" || answer.kind === "poweroff") endMachine(system, answer.kind);
    if (answer.kind === "details") {
      say(question.renderDetails());
    } else {
      if (answer.kind === "again") hardware.load("with discs");
      const taken = answer.kind === "again" ? undefined : question.take(answer);
      if (taken !== undefined) return taken;
      menu = question.learn("anew");
      const done = answer.kind === "again" ? question.takeItself() : undefined;
      if (done !== undefined) return done;
    }
    say(renderMenu(menu));
  }
  say("\nbackstore: no answer at the console\n");
  return undefined;
}

/**
 * Checks whether a device was added or removed; undefined if not. The menu is shown again if it
 * offers something else.
 */
function followDevices<T>(
  hardware: Hardware,
  question: ConsoleQuestion<T>,
  before: Menu,
): { readonly menu: Menu; readonly done: T | undefined } | undefined {
  const { system } = hardware;
  if (!system.waitForDevices(0)) return undefined;
  hardware.load("with discs");
  const menu = question.learn("on");
  const done = question.takeItself();
  if (done !== undefined) system.say("stderr", "\n");
  else if (!isSameMenu(before, menu))
    system.say("stderr", `\n\nA device was added or removed.\n${renderMenu(menu)}`);
  return { menu, done };
}

/** The longest time that a new device may go unnoticed. */
const glanceMs = 250;
