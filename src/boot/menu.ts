// The menu at the console: shown again when a device comes or goes, until somebody has chosen something that can be done,
// or there is nobody to ask.
import { type Answer, isSameMenu, type Menu, parseAnswer } from "../core/menu.ts";
import { formatQuoted } from "../core/quoted.ts";
import { renderMenu } from "../report/menu.ts";
import { openConsole } from "./console.ts";
import { endMachine } from "./end-machine.ts";
import type { Search } from "./survey.ts";

/** Says what is asked; both are called again whenever something may have changed. */
export interface Question<T> {
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
export function askAtConsole<T>(search: Search, question: Question<T>): T | undefined {
  const { system } = search;
  const say = (text: string) => system.say("stderr", text);
  const console = openConsole(system);
  let menu = question.learn("on");
  // Who watches another console than the one that is read learns why nothing happens.
  system.say("kernel", "backstore: a question is asked at the console\n");
  say(renderMenu(menu));
  while (!console.isGone()) {
    const line = console.read(glanceMs);
    const answer = line === undefined ? undefined : parseAnswer(line, menu);
    if (answer === undefined) {
      if (line !== undefined) say(`There is no ${formatQuoted(line.trim())} to choose.\n> `);
      if (!system.waitForDevices(0)) continue;
      search.load("with discs");
      const before = menu;
      menu = question.learn("on");
      const done = question.takeItself();
      if (done !== undefined) {
        say("\n");
        return done;
      }
      if (!isSameMenu(before, menu)) say(`\n\nA device came or went.\n${renderMenu(menu)}`);
      continue;
    }
    if (answer.kind === "reboot" || answer.kind === "poweroff") endMachine(system, answer.kind);
    if (answer.kind === "details") {
      say(question.renderDetails());
    } else if (answer.kind === "again") {
      search.load("with discs");
      menu = question.learn("anew");
      const done = question.takeItself();
      if (done !== undefined) return done;
    } else {
      const done = question.take(answer);
      if (done !== undefined) return done;
      menu = question.learn("anew");
    }
    say(renderMenu(menu));
  }
  say("\nbackstore: the console gives no answer\n");
  return undefined;
}

/** How long a device that came may go unnoticed. */
const glanceMs = 250;
