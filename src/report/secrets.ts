// Where the secrets in a store are, for people and for programs.

import type { Secret, SecretKind } from "../core/changes/find-secrets.ts";
import { formatEscaped, formatFew } from "../core/text/quoted.ts";

/** What is known once all secrets are told. */
export interface SecretsSummary {
  readonly secrets: number;
  /** How many paths could not be looked at. */
  readonly problems: number;
}

const kindWords: Readonly<Record<SecretKind, string>> = {
  "private-key": "private key",
  "host-key": "host key of SSH",
  wifi: "Wi-Fi pass phrase",
  token: "token or password",
  "password-hash": "password hash",
  history: "history",
  browser: "data of a browser",
  "machine-id": "machine ID",
};

/** Renders a line of the list. */
export function renderSecret({ path, kind, lines }: Secret): string {
  const at = formatFew(lines.map(String));
  const where = lines.length === 0 ? "" : ` (${lines.length === 1 ? "line" : "lines"} ${at})`;
  return `${kindWords[kind].padEnd(19)}${formatEscaped(path)}${where}\n`;
}

/** Summarises a line of the list. */
export function summariseSecret({ path, kind, lines }: Secret): object {
  return { path, secret: kind, lines };
}

/** Renders what comes after the list. */
export function renderSecretsSummary({ secrets, problems }: SecretsSummary): string {
  const found =
    secrets === 0
      ? "No secrets were found in the places that are known; there may be some elsewhere."
      : "\nThere may be others: only places that are known were searched.";
  const unseen = problems === 0 ? "" : `${problems} could not be looked at.\n`;
  return `${found}\n${unseen}`;
}

/** Summarises what comes after the list. */
export function summariseSecrets({ secrets, problems }: SecretsSummary): object {
  return { secrets, problems };
}
