// From the initramfs to the system: its init is found, the kernel's file systems move along, and this process becomes it.
import { parseCommandLine } from "../core/cmdline.ts";
import { formatQuoted } from "../core/quoted.ts";
import type { Plan } from "../core/step.ts";
import { execute } from "../system/execute.ts";
import { resolveInside } from "../system/files.ts";
import type { System } from "../system/system.ts";
import { waitForEver } from "./wait.ts";

/** Says what is handed over to, and the words that init gets. */
export interface HandOver {
  readonly root: string;
  readonly words: readonly string[];
  readonly commandLine: string;
}

/** Becomes the system's init: what init= names, or the usual ones. */
export function handOver(system: System, { root, words, commandLine }: HandOver): never {
  const asked = parseCommandLine(commandLine).parameters.findLast(
    ({ name }) => name === "init",
  )?.value;
  const init = [...(asked ? [asked] : []), ...usualInits].find((path) =>
    isProgram(system, root, path),
  );
  if (init === undefined)
    return waitForEver(
      system,
      `Cannot start the system: there is no init in it (${usualInits.join(", ")})`,
    );
  if (asked && init !== asked)
    system.say(
      "stderr",
      `backstore: Cannot start ${formatQuoted(asked)}: there is no such program, so ${init} is started\n`,
    );
  execute(system, movePlan(root));
  return system.handOver(root, [init, ...words]);
}

const usualInits = [
  "/sbin/init",
  "/usr/lib/systemd/systemd",
  "/lib/systemd/systemd",
  "/etc/init",
  "/bin/init",
];

function movePlan(root: string): Plan<undefined> {
  return {
    title: "Hand over to the system",
    result: undefined,
    steps: ["/dev", "/proc", "/sys", "/run"].flatMap((path) => [
      { do: "make-directory", path: `${root}${path}`, optional: true },
      { do: "move-mount", source: path, target: `${root}${path}` },
    ]),
  };
}

function isProgram(system: System, root: string, path: string): boolean {
  const file = resolveInside(system, root, path);
  if (file === undefined) return false;
  const status = system.linkStatus(file);
  return status?.kind === "file" && (status.mode & 0o111) !== 0;
}
