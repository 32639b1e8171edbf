// backstore changes --packages: what has become of the packages of a base.

import { headOf, renderJsonLine } from "../../report/json.ts";
import { renderPackages, summarisePackage, summarisePackages } from "../../report/packages.ts";
import type { OverlayDirectories } from "../../system/changes/inspect-changes.ts";
import { inspectPackages } from "../../system/changes/inspect-packages.ts";
import { orFail } from "../../system/port/errors.ts";
import type { Invocation } from "../command-line/command.ts";
import { tellFault } from "../command-line/store-view.ts";

/** Tells all packages that came or went, and those of which something below a path is changed. */
export function tellPackages(
  invocation: Invocation,
  { directories, under }: { directories: OverlayDirectories | undefined; under: readonly string[] },
): void {
  const { system, arguments: given, context } = invocation;
  const isJson = given.switches.has("json");
  const write = (text: string) => system.say("stdout", text);
  let problems = 0;
  const hear = (path: string, reason: string) => {
    problems++;
    tellFault(invocation, path, reason);
  };
  const nothing = { paths: 0, bytes: 0 };
  const facts =
    directories === undefined
      ? { database: undefined, packages: [], several: nothing, none: nothing }
      : orFail("Cannot tell packages", () =>
          inspectPackages(system, directories, { under, tellFault: hear }),
        );
  if (!isJson) {
    write(renderPackages(facts, { problems, columns: context.terminal.columns }));
    return;
  }
  for (const one of facts.packages) write(renderJsonLine(summarisePackage(one)));
  write(renderJsonLine({ ...headOf(context.version), ...summarisePackages(facts, problems) }));
}
