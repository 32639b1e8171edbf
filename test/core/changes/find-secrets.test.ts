import { describe, expect, test } from "vitest";
import { encodeUtf8 } from "../../../src/core/bytes/utf.ts";
import {
  findSecrets,
  isLikeKey,
  matchSecretRules,
  mostSecretBytes,
} from "../../../src/core/changes/find-secrets.ts";

/** "token 1,3", or "history" for a whole file. */
function find(path: string, content: string, base?: string): string[] {
  const secrets = findSecrets(path, matchSecretRules(path), {
    content: encodeUtf8(content),
    base: base === undefined ? undefined : encodeUtf8(base),
  });
  return secrets.map(({ kind, lines }) => [kind, lines.join()].filter((one) => one).join(" "));
}

const pem = "-----BEGIN PRIVATE KEY-----\nMC4CAQ\n-----END PRIVATE KEY-----\n";
const openSsh = "-----BEGIN OPENSSH PRIVATE KEY-----\nb3Bl\n";
const letters = "a1".repeat(30);
const hash = "$y$j9T$0123456789$abcdefghijklmnop";
const wireGuardKey = `${"A".repeat(43)}=`;

describe("findSecrets() finds", () => {
  const cases: readonly (readonly [path: string, content: string, found: readonly string[]])[] = [
    ["/root/.ssh/id_ed25519", openSsh, ["private-key 1"]],
    ["/root/.ssh/id_ed25519.pub", "ssh-ed25519 AAAA root@host\n", []],
    ["/root/.ssh/known_hosts", "host ssh-ed25519 AAAA\n", []],
    ["/etc/ssl/private/web.pem", `-----BEGIN CERTIFICATE-----\nMII\n${pem}`, ["private-key 3"]],
    ["/etc/ssl/certs/web.pem", "-----BEGIN CERTIFICATE-----\nMII\n", []],
    ["/srv/web.key", pem.replace("PRIVATE", "RSA PRIVATE"), ["private-key 1"]],
    ["/srv/web.key", pem.replace("PRIVATE", "ENCRYPTED PRIVATE"), ["private-key 1"]],
    ["/srv/web.p12", "0\u0082", ["private-key"]],
    ["/root/.gnupg/private-keys-v1.d/0A.key", "(11:private-key", ["private-key"]],
    ["/root/.gnupg/secring.gpg", "", []],
    ["/root/.config/sops/age/keys.txt", "# a key\nAGE-SECRET-KEY-1QQ\n", ["private-key 2"]],
    ["/etc/wireguard/wg0.conf", `[Interface]\nPrivateKey = ${wireGuardKey}\n`, ["private-key 2"]],
    ["/etc/ssh/ssh_host_ed25519_key", openSsh, ["host-key"]],
    ["/etc/ssh/ssh_host_ed25519_key.pub", "ssh-ed25519 AAAA\n", []],
    ["/etc/ssh/sshd_config", "Port 22\n", []],
    [
      "/etc/NetworkManager/system-connections/home.nmconnection",
      "[wifi]\nssid=home\n[wifi-security]\npsk-flags=0\npsk=secret\n[vpn-secrets]\npassword=secret\n",
      ["wifi 5", "token 7"],
    ],
    ["/etc/NetworkManager/system-connections/cafe", "[wifi]\nssid=cafe\npsk=\n", []],
    ["/etc/wpa_supplicant/wpa_supplicant.conf", 'network={\n\tpsk="secret"\n}\n', ["wifi 2"]],
    ["/etc/wpa_supplicant.conf", 'network={\n\tssid="open"\n\t#psk="x"\n}\n', []],
    ["/var/lib/iwd/home.psk", "[Security]\nPassphrase=secret\nSAE-PT-Group19=01\n", ["wifi 2,3"]],
    ["/var/lib/iwd/work.8021x", "EAP-PEAP-Phase2-Password=secret\n", ["wifi 1"]],
    ["/etc/netplan/50-wifi.yaml", '          password: "secret"\n', ["wifi 1"]],
    ["/var/lib/connman/wifi_1/settings", "Passphrase=secret\n", ["wifi 1"]],
    ["/root/.bash_history", "ls\n", ["history"]],
    ["/root/.bash_history", "\0\0\0", []],
    ["/home/a/.local/share/fish/fish_history", "- cmd: ls\n", ["history"]],
    ["/root/.netrc", "machine a\nlogin b\npassword c\n", ["token 3"]],
    ["/root/.netrc", "machine a login b\n", []],
    ["/root/.git-credentials", "https://a:b@git.example\n", ["token 1"]],
    ["/srv/a/.git/config", "\turl = https://a:b@git.example/a\n", ["token 1"]],
    ["/srv/a/.git/config", "\turl = https://git.example:80/a@b\n", []],
    ["/root/.docker/config.json", '{"auths":{"a":{"auth":"YTpi"}}}', ["token 1"]],
    ["/root/.docker/config.json", '{"auths":{"a":{}}}', []],
    ["/root/.aws/credentials", "[default]\naws_secret_access_key = x\n", ["token 2"]],
    ["/root/.aws/config", "[default]\nregion = eu\n", []],
    ["/root/.kube/config", "users:\n- name: a\n  user:\n    token: x\n", ["token 4"]],
    ["/root/.kube/config", '{"user":{"client-key-data":"TFM="}}', ["token 1"]],
    ["/etc/kubernetes/pki.conf", "certificate-authority-data: TFM=\n", []],
    ["/srv/app/.env", `A=1\nB=ghp_${letters}\nC=glpat-${letters}\n`, ["token 2,3"]],
    ["/srv/app/.env", "A=ghp_short\n", []],
    ["/root/.npmrc", `//r/:_authToken=${letters}\n`, ["token 1"]],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: npm replaces it.
    ["/root/.npmrc", "//r/:_authToken=${TOKEN}\n", []],
    ["/srv/app/readme", `ghp_${letters}\n`, []],
    ["/root/.mozilla/firefox/a.default/key4.db", "SQLite format 3", ["browser"]],
    ["/srv/key4.db", "SQLite format 3", []],
    ["/etc/machine-id", `${"0a".repeat(16)}\n`, ["machine-id 1"]],
    ["/etc/machine-id", "uninitialized\n", []],
  ];
  for (const [path, content, found] of cases)
    test(`${found.join(", ") || "nothing"} in ${path}`, () => {
      expect(find(path, content)).toEqual(found);
    });

  const shadow = `root:${hash}:1::\ndaemon:*:1::\nlocked:!${hash}x:1::\nopen::1::\n`;
  test("hashes of passwords, and not those of accounts without one", () => {
    expect(find("/etc/shadow", shadow)).toEqual(["password-hash 1,3"]);
    expect(find("/srv/shadow", shadow)).toEqual([]);
  });

  test("only hashes that the base does not have", () => {
    expect(find("/etc/shadow", shadow, `root:${hash}:2::\n`)).toEqual(["password-hash 3"]);
    expect(find("/etc/shadow", shadow, shadow)).toEqual([]);
  });
});

test("isLikeKey() tells a key by its beginning", () => {
  const heads = [pem, openSsh, "# created: 2026", "Bag Attributes\n", "PuTTY-User-Key-File-3"];
  for (const head of heads) expect(isLikeKey(encodeUtf8(head))).toBe(true);
  for (const head of ["", "# a comment", "-----", "BEGIN", "\u007fELF"])
    expect(isLikeKey(encodeUtf8(head))).toBe(false);
});

test("findSecrets() reads what was made to take long in a few steps", () => {
  const repeated = [
    "-----BEGIN ",
    "PRIVATE KEY",
    "psk=",
    "psk ",
    "EAP-Password",
    "://a:b",
    "password ",
    "token ",
    '"auth":',
    "a:!!",
    "PrivateKey=A",
  ];
  const paths = ["/a.pem", "/.kube/config", "/etc/iwd/a", "/.git-credentials", "/.docker/a"];
  const others = ["/.netrc", "/etc/shadow", "/etc/wireguard/a", "/.npmrc", "/.env"];
  for (const path of [...paths, ...others])
    for (const one of repeated)
      find(path, one.repeat(mostSecretBytes / one.length).slice(0, mostSecretBytes));
}, 5000);
