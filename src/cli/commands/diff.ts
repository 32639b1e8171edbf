// backstore diff: the lines in which files of a store differ from the base's.

import { Failure } from "../../core/text/failure.ts";
import { formatPath } from "../../core/text/quoted.ts";
import { renderDifference, summariseDifference } from "../../report/differences.ts";
import { headOf, renderJsonLine } from "../../report/json.ts";
import type { OverlayDirectories } from "../../system/changes/inspect-changes.ts";
import { inspectDifferences } from "../../system/changes/inspect-differences.ts";
import { findSessionChanges, withBases, withUpper } from "../../system/changes/open-changes.ts";
import { withLookingPlace } from "../../system/looking/looking-place.ts";
import { orFail } from "../../system/port/errors.ts";
import type { Command, Invocation } from "../command-line/command.ts";
import { readingView, tellFault } from "../command-line/store-view.ts";
import { readSystemPath } from "../command-line/system-path.ts";

/** Shows differences. */
export const command: Command = {
  name: "diff",
  usage: "diff PATH... [--store STORE --base BASE...] [--json]",
  description: `
Shows the lines in which each PATH, or each file below it, differs from what the base has there, as
"diff -u" does. PATH is from the top of the system. Without --store, the changes of the running
session are shown. STORE is a directory store, the file of a store, or a device with one; BASE is an
image of its base or a directory with its files, the topmost first if it has several layers. Nothing
is changed.`,
  flags: [
    { name: "store", value: "STORE", help: "the store (default: that of the session)" },
    {
      name: "base",
      value: "BASE",
      repeated: true,
      help: "an image or directory with the base (default: that of the session)",
    },
    { name: "json", help: "print JSON, one object a line (docs/diff-json.md)" },
  ],
  operands: ({ operands }) => ["PATH", ...operands.slice(1).map(() => "[PATH]")],
  run,
};

function run(invocation: Invocation): number {
  const { system, arguments: given, context } = invocation;
  const paths = given.operands.map((path) => readSystemPath(command, path));
  const [store] = given.values.get("store") ?? [];
  const bases = given.values.get("base") ?? [];
  if (store !== undefined && bases.length === 0)
    throw new Failure(
      "usage",
      `Cannot show how ${formatPath(store)} differs from its base: the base is not named`,
      "name its image: --base IMAGE",
    );
  if (!context.isRoot)
    throw new Failure(
      "tool",
      "Cannot show differences: only root can read what overlayfs has marked",
      "run this as root",
    );
  const session =
    store === undefined
      ? findSessionChanges(
          system,
          "Cannot show differences",
          "name a store and its base: backstore diff PATH --store STORE --base IMAGE",
        )
      : undefined;
  withLookingPlace(system, (at) => {
    const view = readingView(invocation, at);
    withBases(system, { given: bases, view }, (lower) => {
      if (session !== undefined)
        return tell(invocation, paths, { ...session, ...(lower.length > 0 && { lower }) });
      return withUpper(system, { given: store ?? "", view }, (upper) =>
        tell(invocation, paths, upper === undefined ? undefined : { upper, lower }),
      );
    });
  });
  return 0;
}

function tell(
  invocation: Invocation,
  paths: readonly (readonly string[])[],
  directories: OverlayDirectories | undefined,
): void {
  const { system, arguments: given, context } = invocation;
  const isJson = given.switches.has("json");
  const write = (text: string) => system.say("stdout", text);
  let differences = 0;
  let problems = 0;
  if (directories !== undefined)
    for (const under of paths)
      orFail("Cannot show differences", () =>
        inspectDifferences(system, directories, {
          under,
          tell(one) {
            differences++;
            write(
              isJson
                ? renderJsonLine(summariseDifference(one))
                : renderDifference(one, context.terminal.stdout),
            );
          },
          tellFault(path, reason) {
            problems++;
            tellFault(invocation, path, reason);
          },
        }),
      );
  if (isJson) write(renderJsonLine({ ...headOf(context.version), differences, problems }));
}
