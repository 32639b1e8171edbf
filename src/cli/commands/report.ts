// backstore report: the running session, its changes, its boots and the disks as one page.

import { growChangeTree } from "../../core/overview/change-tree.ts";
import { composeOverview, type Overview } from "../../core/overview/overview.ts";
import { Failure } from "../../core/text/failure.ts";
import { formatPath } from "../../core/text/quoted.ts";
import { renderConsole } from "../../report/overview/console.ts";
import { summariseOverview } from "../../report/overview/json.ts";
import { pageBeginning, renderPage } from "../../report/overview/page.ts";
import { inspectChanges } from "../../system/changes/inspect-changes.ts";
import { findSessionChanges } from "../../system/changes/open-changes.ts";
import { discoverDevices } from "../../system/devices/discover-devices.ts";
import { orFail } from "../../system/port/errors.ts";
import { readPastBoots } from "../../system/status/read-past-boots.ts";
import { writePage } from "../../system/status/write-page.ts";
import { usage } from "../command-line/arguments.ts";
import type { Command, Invocation } from "../command-line/command.ts";
import { learnStatus } from "../command-line/learn-status.ts";
import { showWait } from "../command-line/progress.ts";
import { isQuiet, quietFlag, tell } from "../command-line/tell.ts";

/** Reports on the running session in one page. */
export const command: Command = {
  name: "report",
  usage: "report [--output FILE | --text | --json]",
  description: `Writes a report on the running session as one HTML file, which opens in any browser without a
network, and prints well: whether changes are kept, and if not, why and which command mends that;
the room that is left, and when it is full at the pace of the last boots; a tree map of the changes,
in which the area of each is its size; the last twenty boots on the store, phase by phase; and the
disks with the reason why the boot took each for the store, or not.

On a terminal the same is shown in characters, unless --output names a file. Without root the changes
and earlier boots are not seen.`,
  flags: [
    { name: "output", value: "FILE", help: "write the page to FILE instead of standard output" },
    { name: "text", help: "draw the report with characters" },
    { name: "json", help: "print JSON (docs/report-json.md)" },
    quietFlag,
  ],
  operands: [],
  run,
};

function run(invocation: Invocation): number {
  const { system, arguments: given, context } = invocation;
  const { switches } = given;
  const [output] = given.values.get("output") ?? [];
  if (output === "") throw usage(command, '"--output" requires the name of a file');
  const [form, other] = [
    ...(output === undefined ? [] : ["output"]),
    ...["text", "json"].filter((name) => switches.has(name)),
  ];
  if (other !== undefined)
    throw usage(command, `"--${form}" and "--${other}" cannot be used together`);
  const overview = learnOverview(invocation);
  if (output !== undefined) {
    writePage(system, output, { html: renderPage(overview), beginning: pageBeginning });
    tell(invocation, { text: () => `Wrote ${formatPath(output)}\n`, json: () => ({}) });
    return 0;
  }
  const { stdout, columns } = context.terminal;
  const isText = switches.has("text") || stdout;
  tell(invocation, {
    text: () => (isText ? renderConsole(overview, columns) : renderPage(overview)),
    json: () => summariseOverview(overview),
  });
  return 0;
}

function learnOverview(invocation: Invocation): Overview {
  const { system, context } = invocation;
  const { word, boot, findings, hidesChanges, lostChanges, room } = learnStatus(
    system,
    context.version,
  );
  return composeOverview({
    nowMs: Date.now(),
    uptimeMs: system.uptimeMs(),
    version: context.version,
    state: { word, boot, findings, lacksChanges: hidesChanges || lostChanges, room },
    changes: context.isRoot
      ? learnChanges(invocation)
      : { unseen: "Only root can read what overlayfs has marked" },
    ...readPastBoots(system, boot?.store),
    devices: discoverDevices(system),
  });
}

/** A report is made whatever cannot be seen. */
function learnChanges(invocation: Invocation): Overview["changes"] {
  const { system, context } = invocation;
  const { add, end, sums } = growChangeTree();
  const wait = showWait(system, context.terminal, "comparing the changes with the base");
  let [told, problems] = [0, 0];
  try {
    const session = findSessionChanges(system);
    orFail("Cannot show changes", () =>
      inspectChanges(system, session, {
        under: [],
        tell(change) {
          if (++told % 256 === 0 && !isQuiet(invocation)) wait.tell();
          add(change);
        },
        tellFault: () => {
          problems++;
        },
      }),
    );
    return { tree: end(), sums, problems, isInMemory: session.isInMemory };
  } catch (error) {
    if (error instanceof Failure) return { unseen: error.message };
    throw error;
  } finally {
    wait.end();
  }
}
