// What "changes" reads of the files in a store and its base: package databases, and files that may
// have secrets.

import { encodeUtf8 } from "../../src/core/bytes/utf.ts";
import {
  findSecrets,
  headBytes,
  isLikeKey,
  matchSecretRules,
  mostSecretBytes,
} from "../../src/core/changes/find-secrets.ts";
import {
  identifyPacmanPackage,
  type LineReader,
  type Package,
  readDpkgList,
  readDpkgStatus,
  readPacmanList,
} from "../../src/core/changes/packages.ts";
import { partsOf, promise, type Reader, textOf } from "./reader.ts";

/** Places of every rule for secrets, and one of none. */
const secretPlaces = [
  ...["root/.ssh/id_ed25519", "etc/ssh/ssh_host_rsa_key", "etc/wireguard/wg0.conf"],
  ...["etc/NetworkManager/system-connections/a.nmconnection", "etc/shadow", "root/.netrc"],
  ...["etc/wpa_supplicant/wpa_supplicant.conf", "var/lib/iwd/a.psk", "root/.git-credentials"],
  ...["root/.bash_history", "etc/machine-id", "root/key.pem", "root/.config/gh/hosts.yml", "a/b"],
];

/** Readers of files in a store and in its base. */
export const readersOfChanges: readonly Reader[] = [
  {
    name: "packages",
    words: ["\nPackage: ", "\nStatus: install ok installed\n", "Version: 1", "%FILES%\n", "-1-1"],
    read: (input) => {
      const text = textOf(input);
      const [first = ""] = partsOf(input, 2);
      const checkPackage = ({ name, lists }: Package) => {
        promise(name !== "", "a package has a name");
        for (const list of lists)
          promise(!list.replace(/\/files$/, "").includes("/"), "a list is in its directory");
      };
      const checkPath = (path: string) => promise(path.startsWith("/"), "a path begins with /");
      readLines(text, readDpkgStatus(checkPackage));
      readLines(text, readDpkgList(checkPath));
      readLines(text, readPacmanList(checkPath));
      const pacman = identifyPacmanPackage(first.replaceAll("/", ""));
      if (pacman !== undefined) checkPackage(pacman);
    },
  },
  {
    name: "secrets",
    words: [
      ...["-----BEGIN PRIVATE KEY-----\n", "PrivateKey = ", "psk=", "password=", "machine a "],
      ...["oauth_token: ", "https://a:b@c\n", "root:$6$a$b:1::::::\n", "AGE-SECRET-KEY-1"],
    ],
    read: (all) => {
      const input = all.subarray(0, mostSecretBytes);
      isLikeKey(input.subarray(0, headBytes));
      const [, ...halves] = partsOf(input, 2);
      const base = encodeUtf8(halves.join("\n"));
      const lines = input.filter((byte) => byte === 10).length + 1;
      for (const path of secretPlaces) {
        const rules = matchSecretRules(path);
        for (const secret of findSecrets(path, rules, { content: input, base }))
          promise(
            secret.lines.every((line) => line >= 1 && line <= lines),
            "a line is in the file",
          );
        for (const { lines: found } of findSecrets(path, rules, { content: input, base: input }))
          promise(found.length <= lines, "a line is told once");
      }
    },
  },
];

function readLines(text: string, reader: LineReader): void {
  for (const line of text.split("\n")) reader.line(line);
  reader.end();
}
