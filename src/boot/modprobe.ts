// The initramfs's /sbin/modprobe: the kernel starts it ("modprobe -q -- fs-ext4") when it needs a
// module, and waits for it.
// Facts: modprobe(8), the kernel's kernel/module/kmod.c.

import { formatQuoted } from "../core/text/quoted.ts";
import { loadByName, readModules } from "../system/modules/load-modules.ts";
import type { System } from "../system/port/system.ts";

/** Loads the modules named by the arguments, and returns the exit status. */
export function modprobe(system: System, words: readonly string[]): number {
  const { isQuiet, name } = parseWords(words);
  const problem = name === undefined ? "none is named" : load(system, name);
  if (problem === undefined) return 0;
  const what = name === undefined ? "a module" : formatQuoted(name);
  if (!isQuiet) system.say("stderr", `Cannot load ${what}: ${problem}\n`);
  return 1;
}

function parseWords(words: readonly string[]) {
  const end = words.indexOf("--");
  const options = words.filter((word, index) => word.startsWith("-") && (end < 0 || index < end));
  const names = end < 0 ? words.filter((word) => !word.startsWith("-")) : words.slice(end + 1);
  return {
    isQuiet: options.some((word) => word === "--quiet" || /^-[a-z]*q/.test(word)),
    name: names[0],
  };
}

/** Loads by name; returns what went wrong. */
function load(system: System, name: string): string | undefined {
  const library = readModules(system);
  if (library.problem !== undefined) return library.problem;
  const result = loadByName(system, library, name);
  if (result === undefined) return "the initramfs has no such module";
  const [first] = result.problems;
  return first === undefined
    ? undefined
    : `the kernel refused the module "${first.module}" (${first.errno})`;
}
