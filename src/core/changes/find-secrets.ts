// What should not leave a machine when its store is shared, by where programs keep it and how it
// is written there: ssh-keygen(1), NetworkManager's nm-settings-keyfile(5), wpa_supplicant.conf(5),
// iwd.network(5), curl's netrc(5), git-credential-store(1), shadow(5), machine-id(5). The secret
// itself is never part of a result.

import { decodeByteText } from "../bytes/byte-text.ts";

/** A kind of secrets. */
export type SecretKind =
  | "private-key"
  | "host-key"
  | "wifi"
  | "token"
  | "password-hash"
  | "history"
  | "browser"
  | "machine-id";

/** A file with secrets of one kind. */
export interface Secret {
  readonly path: string;
  readonly kind: SecretKind;
  /** The lines that have one; empty where the whole file is one. */
  readonly lines: readonly number[];
}

/** How a secret is recognised in the files of one place. */
export interface SecretRule {
  readonly kind: SecretKind;
  /** What the path has as well. */
  readonly path?: RegExp;
  /** What a line with a secret has; without it, any content is one. */
  readonly line?: RegExp;
  /** Whether only lines count of which the base does not have what `line` has found. */
  readonly isComparedWithBase?: true;
}

/** So much is read of a file in a place that is known, or that begins like a key. */
export const mostSecretBytes = 65_536;

/** So much is read of any other file. */
export const headBytes = 40;

/** Returns the rules for a path, none for most. */
export function matchSecretRules(path: string): readonly SecretRule[] {
  const end = path.lastIndexOf("/");
  const name = path.slice(end + 1);
  const directory = path.slice(path.lastIndexOf("/", end - 1) + 1, end + 1);
  const dot = name.lastIndexOf(".");
  const ending = dot > 0 ? name.slice(dot) : "";
  return [name, directory, `*${ending}`]
    .flatMap((place) => places.get(place) ?? [])
    .filter((rule) => rule.path?.test(path) !== false);
}

/** Returns whether a file begins like one with a private key. */
export function isLikeKey(head: Uint8Array): boolean {
  // Most files are told apart by their first byte.
  if (!keyStarts.has(head[0] ?? 0)) return false;
  const text = decodeByteText(head);
  return keyHeads.some((start) => text.startsWith(start));
}

/** Finds what the rules recognise in the first bytes of a file; the base's are compared by some. */
export function findSecrets(
  path: string,
  rules: readonly SecretRule[],
  { content, base }: { content: Uint8Array; base: Uint8Array | undefined },
): Secret[] {
  const text = decodeByteText(content);
  const lines = text.split("\n");
  const known = new Set(base && decodeByteText(base).split("\n"));
  const found = new Map<SecretKind, Set<number>>();
  for (const { kind, line, isComparedWithBase } of rules) {
    const at = line === undefined ? [] : findLines(lines, line, isComparedWithBase && known);
    if (line === undefined ? !isWritten.test(text) : at.length === 0) continue;
    found.set(kind, new Set([...(found.get(kind) ?? []), ...at]));
  }
  return [...found].map(([kind, at]) => ({ path, kind, lines: [...at].sort((a, b) => a - b) }));
}

function findLines(
  lines: readonly string[],
  wanted: RegExp,
  known: ReadonlySet<string> | undefined,
): number[] {
  const found = (line: string) => wanted.exec(line)?.[0];
  const before = new Set([...(known ?? [])].map(found));
  return lines.flatMap((line, index) => {
    const one = found(line);
    return one === undefined || before.has(one) ? [] : [index + 1];
  });
}

/** A file of zeros, such as one whose content is in the base, has nothing. */
const isWritten = /[^\0\s]/;

// All expressions take time in proportion to a line, whatever it has.
const privateKey =
  /-----BEGIN (?:[A-Z0-9 ]{0,30}PRIVATE KEY|OpenVPN Static key)|AGE-SECRET-KEY-1|PuTTY-User-Key-File-/;
const keyHeads = ["-----BEGIN ", "AGE-SECRET-KEY-1", "# created: ", "Bag Attributes", "PuTTY-User"];
const keyStarts = new Set(keyHeads.map((head) => head.charCodeAt(0)));

const key: SecretRule = { kind: "private-key", line: privateKey };
const wholeKey: SecretRule = { kind: "private-key" };
const wireGuard: SecretRule = {
  kind: "private-key",
  line: /^\s*(?:private-?key|preshared-?key)\s*=\s*[A-Za-z0-9+/]{43}=/i,
};
const history: SecretRule = { kind: "history" };
const shadow: SecretRule = {
  kind: "password-hash",
  path: /^\/etc\//,
  line: /^[^:]+:!*[^:!*]{13,}:/,
  isComparedWithBase: true,
};
const machineId: SecretRule = {
  kind: "machine-id",
  path: /^\/(?:etc|var\/lib\/dbus)\//,
  line: /^[0-9a-f]{32}$/,
};
const urlWithPassword: SecretRule = { kind: "token", line: /:\/\/[^\s:@/]*:[^\s@/]+@/ };
const netrc: SecretRule = { kind: "token", line: /(?:^|\s)password(?:\s|$)/ };
const forge: SecretRule = {
  kind: "token",
  line: /\b(?:gh[oprsu]_[A-Za-z0-9]{36}|github_pat_[A-Za-z0-9_]{22}|gl[a-z]{2,4}-[A-Za-z0-9_-]{20}|npm_[A-Za-z0-9]{36}|pypi-[A-Za-z0-9_-]{50})/,
};
const cluster: SecretRule = {
  kind: "token",
  line: /(?:^|[\s"{,])(?:token|client-key-data|password|id-token|refresh-token)"?\s*:\s*"?[^\s"]/,
};
const wpa: SecretRule = {
  kind: "wifi",
  line: /^\s*(?:psk|sae_password|wep_key[0-3]|password)\s*=\s*\S/,
};
const browser: SecretRule = {
  kind: "browser",
  path: /\/\.(?:mozilla|config|thunderbird|librewolf|var)\//,
};

/**
 * The rules for places: a name, the name of the directory that a file is in ("ssh/"), or the end of
 * a name ("*.pem").
 */
const places: ReadonlyMap<string, readonly SecretRule[]> = new Map<string, readonly SecretRule[]>([
  [".ssh/", [key]],
  ["*.pem", [key]],
  ["*.key", [key]],
  ["*.ovpn", [key]],
  ["age/", [key]],
  ["*.p12", [wholeKey]],
  ["*.pfx", [wholeKey]],
  ["private-keys-v1.d/", [wholeKey]],
  ["secring.gpg", [wholeKey]],
  ["credential.secret", [wholeKey]],
  ["krb5.keytab", [wholeKey]],
  ["wireguard/", [wireGuard]],
  ["*.netdev", [wireGuard]],
  ["ssh/", [{ kind: "host-key", path: /^\/etc\/ssh\/ssh_host_\w+_key$/ }]],
  ["dropbear/", [{ kind: "host-key", path: /_host_key$/ }]],
  [
    "system-connections/",
    [
      { kind: "wifi", line: /^(?:psk|wep-key[0-3]|leap-password)\s*=\s*\S/ },
      { kind: "token", line: /^(?:password|pin|private-key-password|secret)\s*=\s*\S/ },
      wireGuard,
    ],
  ],
  ["wpa_supplicant/", [wpa]],
  ["wpa_supplicant.conf", [wpa]],
  ["netplan/", [{ kind: "wifi", line: /^\s*"?password"?\s*:\s*\S/ }]],
  [
    "iwd/",
    [
      {
        kind: "wifi",
        line: /^(?:PreSharedKey|Passphrase|SAE-PT-\w+|EAP-[\w-]{0,40}Password)\s*=\s*\S/,
      },
    ],
  ],
  ["settings", [{ kind: "wifi", path: /\/connman\//, line: /^Passphrase=\S/ }]],
  [".netrc", [netrc]],
  ["auth.conf", [netrc]],
  ["auth.conf.d/", [netrc]],
  [".git-credentials", [urlWithPassword]],
  ["git/", [{ ...urlWithPassword, path: /\/credentials$/ }]],
  [".git/", [{ ...urlWithPassword, path: /\/config$/ }]],
  [".docker/", [{ kind: "token", line: /"(?:auth|identitytoken|registrytoken)"\s*:\s*"[^"]/ }]],
  ["auth.json", [{ kind: "token", line: /"(?:auth|identitytoken)"\s*:\s*"[^"]/ }]],
  [".aws/", [{ kind: "token", line: /^\s*aws_(?:secret_access_key|session_token)\s*=\s*\S/ }]],
  [".kube/", [cluster]],
  ["kubernetes/", [cluster]],
  ["k3s.yaml", [cluster]],
  ["gh/", [{ kind: "token", path: /\/hosts\.yml$/, line: /oauth_token\s*:\s*\S/ }]],
  ["glab-cli/", [forge]],
  [".npmrc", [forge, { kind: "token", line: /_(?:authToken|auth|password)\s*=\s*[^\s$]/ }]],
  [".pypirc", [{ kind: "token", line: /^\s*password\s*[=:]\s*\S/ }]],
  ...[".env", ".envrc", ".env.local", ".env.production", ".env.development", "environment"].map(
    (name) => [name, [forge]] as const,
  ),
  ...[".bashrc", ".bash_profile", ".profile", ".zshrc", ".zshenv", ".gitconfig"].map(
    (name) => [name, [forge]] as const,
  ),
  ...["shadow", "shadow-", "gshadow", "gshadow-"].map((name) => [name, [shadow]] as const),
  ...["bash", "zsh", "ash", "sh", "python", "mysql", "psql", "sqlite", "node_repl"].map(
    (name) => [`.${name}_history`, [history]] as const,
  ),
  [".histfile", [history]],
  ["fish_history", [history]],
  ["logins.json", [browser]],
  ["key4.db", [browser]],
  ["cookies.sqlite", [browser]],
  ["Login Data", [browser]],
  ["Cookies", [browser]],
  ["machine-id", [machineId]],
]);

/** The rule for a file that only begins like a key. */
export const keyRules: readonly SecretRule[] = [key];
