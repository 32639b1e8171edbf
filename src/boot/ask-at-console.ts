// The menu at the console: shown again when a device comes or goes, until somebody has chosen something that can be done,
// or there is nobody to ask.
import { type Answer, isSameMenu, type Menu, parseAnswer } from "../core/choosing/menu.ts";
import { formatQuoted } from "../core/text/quoted.ts";
import { renderMenu } from "../report/menu.ts";
import { openConsole } from "./console.ts";
import { endMachine } from "./end-machine.ts";
import type { Hardware } from "./hardware.ts";

/** Says what is asked; each is called again whenever something may have changed. */
interface ConsoleQuestion<T> {
  /** Learns what there is to choose; looked into once more, or as far as it is not known yet. */
  readonly learn: (how: "anew" | "on") => Menu;
  /** Tries to do what was chosen; undefined where that cannot be done, and the sentence is said. */
  readonly take: (answer: Choice) => T | undefined;
  /** Gives what can be done by itself now that a device came; undefined for nothing. */
  readonly takeItself: () => T | undefined;
  readonly renderDetails: () => string;
}

/** Is an answer that ends the question, where it can be done. */
export type Choice = Extract<Answer, { kind: "store" | "volatile" }>;

/** Asks until something was chosen; undefined where the console gives no answer. */
export function askAtConsole<T>(hardware: Hardware, question: ConsoleQuestion<T>): T | undefined {
  const { system } = hardware;
  const say = (text: string) => system.say("stderr", text);
  const console = openConsole(system);
  let menu = question.learn("on");
  // Who watches another console than the one that is read learns why nothing happens.
  system.say("kernel", "backstore: a question is asked at the console\n");
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
      say(`There is no ${formatQuoted(line.trim())} to choose.\n> `);
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
  say("\nbackstore: the console gives no answer\n");
  return undefined;
}

/** Sees whether a device came or went; undefined where nothing did. The menu is shown again where it offers something else. */
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
    system.say("stderr", `\n\nA device came or went.\n${renderMenu(menu)}`);
  return { menu, done };
}

/** How long a device that came may go unnoticed. */
const glanceMs = 250;
