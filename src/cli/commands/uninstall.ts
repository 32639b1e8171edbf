// "backstore uninstall": puts a medium back as it was before "backstore install".

import { planUninstall } from "../../core/install/plan-install.ts";
import { formatPath } from "../../core/text/quoted.ts";
import { renderJson } from "../../report/json.ts";
import { renderPlan } from "../../report/plan.ts";
import { inspectTree } from "../../system/install/inspect-tree.ts";
import { execute } from "../../system/steps/execute.ts";
import type { Command, Invocation } from "../command-line/command.ts";
import { tell, tellingFlags, tellPlan } from "../command-line/tell.ts";
import { treeFlag, withTree } from "../command-line/tree.ts";

/** The command. */
export const command: Command = {
  name: "uninstall",
  usage: "uninstall --tree DIR [OPTION]...",
  description: `
Undoes what "backstore install" did to a medium: every file that was changed is put back as it was,
byte for byte, and what was added is removed. Stores stay.`,
  flags: [treeFlag, ...tellingFlags],
  operands: [],
  run,
};

function run(invocation: Invocation): number {
  const { system } = invocation;
  return withTree(invocation, { command, activity: "uninstall from" }, (path, cannot) => {
    const { installed } = inspectTree(system, path, cannot);
    const plan = planUninstall({ ...installed, same: [] });
    const files = [...installed.current.keys()].map((file) => ({
      path: file,
      what: "restored",
    }));
    const removed = installed.own.map((file) => ({ path: file, what: "removed" }));
    const report = { files: [...files, ...removed] };
    const json = () => renderJson(report);
    if (tellPlan(invocation, () => ({ text: () => renderPlan(plan), json }))) return 0;
    execute(system, plan);
    const text =
      report.files.length === 0
        ? `Nothing is installed on ${formatPath(path)}\n`
        : `Put ${formatPath(path)} back as it was: ${files.length} files restored\n`;
    tell(invocation, { text: () => text, json });
    return 0;
  });
}
