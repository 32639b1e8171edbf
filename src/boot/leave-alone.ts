// A root that another initramfs has assembled and that is not taken over: the system starts as
// without this program, but not without a verdict.

import { type OptionTexts, readOptions } from "../core/options/read-options.ts";
import { explain } from "../core/session/explanation.ts";
import { planLeftAlone } from "../core/session/plan-left-alone.ts";
import type { LeftAlone } from "../core/takeover/live-root.ts";
import { readIfPresent } from "../system/port/files.ts";
import type { System } from "../system/port/system.ts";
import { readCredential } from "../system/session/read-credential.ts";
import { askAtConsole } from "./ask-at-console.ts";
import type { Hardware } from "./hardware.ts";
import { type PhaseTimes, tellVerdict } from "./verdict.ts";
import { waitForEver } from "./wait.ts";

/** A root to leave, and what the verdict needs. */
interface LeftRoot {
  readonly left: LeftAlone;
  readonly version: string;
  readonly times: PhaseTimes;
}

/** Leaves a root as it is, reports that, and waits for the user if changes must be kept. */
export function leaveAlone(hardware: Hardware, { left, version, times }: LeftRoot): void {
  const { system } = hardware;
  const { options, problems } = readOptions({ ...readTexts(system), yaml: [] });
  const tell = (isRequired: boolean, chosenBy?: "person") => {
    const { backstore } = options;
    const value = { ...backstore.value, required: isRequired };
    const plan = planLeftAlone({ ...options, backstore: { ...backstore, value } }, left);
    const medium = { reason: "it was not looked for, because the root stays as it is" };
    const explanation = explain({
      ...{ options, problems, candidates: [], plan, medium, live: left, chosenBy },
    });
    tellVerdict(system, {
      ...{ version, explanation, failures: [], baseFailures: [], live: left, times, modules: [] },
    });
    return plan.result.session;
  };
  if (tell(options.backstore.value.required) !== "stopped") return;
  if (!isAccepted(hardware, left))
    waitForEver(system, "backstore=required: press Ctrl-Alt-Del to restart, or restart without it");
  tell(false, "person");
}

/** Reads the options outside the medium, as texts. */
export function readTexts(system: System): OptionTexts {
  return {
    defaults: undefined,
    credential: readCredential(system),
    commandLine: readIfPresent(system, "/proc/cmdline") ?? "",
  };
}

/** Asks whether to continue; no store can be offered, because none could be put under the root. */
function isAccepted(hardware: Hardware, { reason }: LeftAlone): boolean {
  const answer = askAtConsole<true>(hardware, {
    learn: () => ({
      occasion: "stopped",
      stores: [],
      byEnter: { kind: "again" },
      missing: reason,
    }),
    take: ({ kind }) => (kind === "volatile" ? true : undefined),
    takeItself: () => undefined,
    renderDetails: () => `No device was looked at, because the root stays as it is: ${reason}.\n`,
  });
  return answer === true;
}
