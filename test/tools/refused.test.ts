// What cannot be done is refused before the first byte, and a refused command leaves nothing: with
// the real tools, and with what the kernel really refuses.
import { chmodSync, existsSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { copyProgram, isRoot, run, temporaryDirectory, tryRun } from "./programs.ts";

const directory = temporaryDirectory();
chmodSync(directory, 0o755);
const why = isRoot ? "" : " (skipped: only root sets attributes, owners and mounts)";
const timeout = 120_000;
const program = copyProgram(directory);
chmodSync(program, 0o755);

const place = join(directory, "place");
const store = join(place, "sysrcd.bs");

function makeStore(): void {
  rmSync(place, { recursive: true, force: true });
  mkdirSync(place);
  run([program, "create", place, "16", "--label", "before"]);
  chmodSync(store, 0o644);
}

/** What is there, and every byte of it. */
function listPlace(): string {
  const names = readdirSync(place).sort();
  return names.map((name) => run(["sha512sum", join(place, name)])).join("");
}

/** Every command that writes to the file of a store. */
const writing = [
  `grow ${place} 32`,
  `grow ${place} 32 --dry-run`,
  `shrink ${place} 12`,
  `label ${store} after`,
  `create ${place} 16 --force`,
];

interface Refusal {
  readonly name: string;
  /** A line of shell, around "$@". */
  readonly script: string;
  readonly says: RegExp;
  readonly commands: readonly string[];
}

const refusals: readonly Refusal[] = [
  {
    name: "an immutable file",
    script: 'chattr +i "$0"; "$@"; s=$?; chattr -i "$0"; exit $s',
    says: /operation not permitted\nHint: .*lsattr/,
    commands: writing,
  },
  {
    name: "a file that is only appended to",
    script: 'chattr +a "$0"; "$@"; s=$?; chattr -a "$0"; exit $s',
    says: /operation not permitted\nHint: .*lsattr/,
    commands: writing,
  },
  {
    name: "another user's file",
    script: 'setpriv --reuid=65534 --regid=65534 --clear-groups "$@"',
    says: /permission denied\nHint: run it as root/,
    commands: writing.filter((command) => !command.startsWith("create")),
  },
  {
    name: "a file on a mount that is read-only",
    script:
      'unshare --mount sh -euc \'mount --bind "$0" "$0"; mount -o remount,bind,ro "$0"; exec "$@"\' "$(dirname "$0")" "$@"',
    says: /read-only/,
    commands: writing,
  },
];

afterEach(() => {
  if (existsSync(store) && isRoot) tryRun(["chattr", "-ia", store]);
});

for (const { name, script, says, commands } of refusals)
  for (const command of commands)
    test.skipIf(!isRoot)(
      `${command.replaceAll(directory, "")} on ${name} leaves everything${why}`,
      { timeout },
      () => {
        makeStore();
        const before = listPlace();
        const words = ["sh", "-uc", script, store, program, ...command.split(" ")];
        const { status, stdout, stderr } = tryRun(words);
        expect(stderr).toMatch(/^backstore: Cannot .+\n/);
        expect(stderr).toMatch(says);
        expect([stdout, [3, 8].includes(status ?? 0)]).toEqual(["", true]);
        expect(listPlace()).toBe(before);
      },
    );

describe("a label that no boot would read back", () => {
  const labels = ["trail ", "   ", "x".repeat(17), "a\nb", "half \ud800"];
  for (const label of labels)
    test.skipIf(!isRoot)(`${JSON.stringify(label)} erases nothing${why}`, { timeout }, () => {
      const file = join(directory, "device");
      run(["truncate", "-s", "64M", file]);
      run(["mkfs.ext4", "-q", "-F", "-L", "precious", file]);
      const before = run(["sha512sum", file]);
      const loop = run(["losetup", "--show", "-f", file]).trim();
      try {
        for (const words of [
          ["create", "--device", loop, "--label", label, "--erase", "precious"],
          ["create", join(directory, "new.bs"), "16", "--label", label],
          ["label", loop, label],
        ])
          expect(tryRun([program, ...words]).status, words.join(" ")).toBe(2);
      } finally {
        run(["losetup", "-d", loop]);
      }
      expect(run(["sha512sum", file])).toBe(before);
      expect(existsSync(join(directory, "new.bs"))).toBe(false);
    });
});
