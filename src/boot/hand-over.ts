// From the initramfs to the system: its init is found, the program for the end of the session is
// put where systemd looks for it, the kernel's file systems are moved along, and this process
// executes init.
import { parseCommandLine } from "../core/options/cmdline.ts";
import type { Plan, Step } from "../core/steps/step.ts";
import { leaveProgram } from "../core/takeover/takeover-end.ts";
import { formatQuoted } from "../core/text/quoted.ts";
import { isProgramInside } from "../system/port/files.ts";
import type { System } from "../system/port/system.ts";
import { execute } from "../system/steps/execute.ts";
import { waitForEver } from "./wait.ts";

/** The root to hand over to, and the words that init gets. */
interface HandOver {
  readonly root: string;
  readonly words: readonly string[];
  readonly commandLine: string;
}

/** Executes the system's init: the one in init=, or the usual ones. */
export function handOver(system: System, { root, words, commandLine }: HandOver): never {
  const asked = parseCommandLine(commandLine).parameters.findLast(
    ({ name }) => name === "init",
  )?.value;
  const init = [...(asked ? [asked] : []), ...usualInits].find((path) =>
    isProgramInside(system, root, path),
  );
  if (init === undefined)
    return waitForEver(
      system,
      `Cannot start the system: it has no init (${usualInits.join(", ")})`,
    );
  if (asked && init !== asked)
    system.say(
      "stderr",
      `backstore: Cannot start ${formatQuoted(asked)}: no such program; starting ${init} instead\n`,
    );
  const { failures } = execute(system, planMove(system.status(ownProgram)?.bytes, root));
  for (const { message } of failures) system.say("stderr", `backstore: ${message}\n`);
  return system.handOver(root, [init, ...words]);
}

const usualInits = [
  "/sbin/init",
  "/usr/lib/systemd/systemd",
  "/lib/systemd/systemd",
  "/etc/init",
  "/bin/init",
];

const ownProgram = "/init";

/**
 * The initramfs is emptied when the system starts, so the program for its end is copied, while /run
 * is still here.
 */
function planMove(programBytes: number | undefined, root: string): Plan<undefined> {
  return {
    title: "Hand over to the system",
    result: undefined,
    steps: [
      ...(programBytes === undefined
        ? []
        : leaveProgram({ path: ownProgram, bytes: programBytes })),
      ...["/dev", "/proc", "/sys", "/run"].flatMap((path): Step[] => [
        { do: "make-directory", path: `${root}${path}`, optional: true },
        { do: "move-mount", source: path, target: `${root}${path}` },
      ]),
    ],
  };
}
