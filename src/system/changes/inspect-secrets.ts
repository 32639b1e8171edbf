// The secrets in a store: each file that the store has changed is looked at, and the beginning of
// those is read that may have one. Files are opened without following a link.

import { compareLayers, upperLayer } from "../../core/changes/compare-layers.ts";
import { findBelow, type Place, rootPlaces } from "../../core/changes/find-below.ts";
import {
  findSecrets,
  headBytes,
  isLikeKey,
  keyRules,
  matchSecretRules,
  mostSecretBytes,
  type Secret,
  type SecretRule,
} from "../../core/changes/find-secrets.ts";
import type { System } from "../port/system.ts";
import {
  attemptTelling,
  type ChangesListener,
  type OpenOverlay,
  type OverlayDirectories,
  withOverlay,
} from "./inspect-changes.ts";

/** Which secrets are told, and to whom. */
export interface SecretsListener extends Pick<ChangesListener, "under" | "tellFault"> {
  readonly tell: (secret: Secret) => void;
}

/** Tells every secret that is found; an errno at the top of a layer passes through. */
export function inspectSecrets(
  system: System,
  directories: OverlayDirectories,
  { under, tell, tellFault }: SecretsListener,
): void {
  const attempt = attemptTelling(tellFault);
  withOverlay(system, directories, (layers) =>
    compareLayers(layers, {
      ...{ under, tellFault, attempt },
      tell({ path, type, kind }) {
        // What is like the base's tells nothing that the base does not tell.
        if (type !== "file" || kind === "same" || kind === "metadata" || kind === "deleted") return;
        const found = attempt(
          () => path,
          () => readSecrets(system, layers, path),
        );
        for (const secret of found ?? []) tell(secret);
      },
    }),
  );
}

function readSecrets(system: System, layers: OpenOverlay, path: string): Secret[] {
  const known = matchSecretRules(path);
  return system.withFile(layers.placeOf({ layer: upperLayer, path }), ({ read }) => {
    const rules = known.length > 0 || !isLikeKey(read(0, headBytes)) ? known : keyRules;
    if (rules.length === 0) return [];
    return findSecrets(path, rules, {
      content: read(0, mostSecretBytes),
      base: readBase(system, layers, { path, rules }),
    });
  });
}

/** Reads what the base has under a path, where that is compared. */
function readBase(
  system: System,
  layers: OpenOverlay,
  { path, rules }: { path: string; rules: readonly SecretRule[] },
): Uint8Array | undefined {
  if (!rules.some(({ isComparedWithBase }) => isComparedWithBase)) return undefined;
  const content: Place | undefined = findBelow(
    layers.lower,
    rootPlaces(layers.lower),
    path,
  )?.content;
  return (
    content && system.withFile(layers.placeOf(content), ({ read }) => read(0, mostSecretBytes))
  );
}
