// backstore changes --secrets: what should be known before a store is shared.

import { headOf, renderJsonLine } from "../../report/json.ts";
import {
  renderSecret,
  renderSecretsSummary,
  type SecretsSummary,
  summariseSecret,
  summariseSecrets,
} from "../../report/secrets.ts";
import type { OverlayDirectories } from "../../system/changes/inspect-changes.ts";
import { inspectSecrets } from "../../system/changes/inspect-secrets.ts";
import { orFail } from "../../system/port/errors.ts";
import type { Invocation } from "../command-line/command.ts";
import { tellFault } from "../command-line/store-view.ts";

/** Tells the secrets at a path and below; none of a store that is new. */
export function tellSecrets(
  invocation: Invocation,
  { directories, under }: { directories: OverlayDirectories | undefined; under: readonly string[] },
): void {
  const { system, arguments: given, context } = invocation;
  const isJson = given.switches.has("json");
  const write = (text: string) => system.say("stdout", text);
  let secrets = 0;
  let problems = 0;
  if (directories !== undefined)
    orFail("Cannot look for secrets", () =>
      inspectSecrets(system, directories, {
        under,
        tell(secret) {
          secrets++;
          write(isJson ? renderJsonLine(summariseSecret(secret)) : renderSecret(secret));
        },
        tellFault(path, reason) {
          problems++;
          tellFault(invocation, path, reason);
        },
      }),
    );
  const summary: SecretsSummary = { secrets, problems };
  write(
    isJson
      ? renderJsonLine({ ...headOf(context.version), ...summariseSecrets(summary) })
      : renderSecretsSummary(summary),
  );
}
