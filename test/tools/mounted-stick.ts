// A stick with the files of a live medium that is really mounted, in a mount namespace of its own.
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { makeLiveMedium } from "./live-medium.ts";
import { copyProgram, type Outcome, run, temporaryDirectory, tryRun } from "./programs.ts";

/** Where all of it is. */
export const directory = temporaryDirectory();

/** The program under test. */
export const program = copyProgram(directory);

const plain = join(directory, "plain");
mkdirSync(plain);
makeLiveMedium(plain);

/** The stick. */
export const image = join(directory, "stick.img");

/** Makes the stick. */
export function makeStick(): void {
  rmSync(image, { force: true });
  run(["truncate", "--size", "64M", image]);
  run(["mkfs.ext4", "-q", "-F", "-L", "STICK", "-d", plain, image]);
}

/** Runs a script where the stick is mounted at "at"; $1 is the program. */
export function whereMounted(script: string): Outcome {
  const whole = `cd "$2"; mkdir -p at; mount -o loop stick.img at; ${script}`;
  return tryRun(["unshare", "--mount", "sh", "-uc", whole, "sh", program, directory]);
}
