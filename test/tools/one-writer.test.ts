// One writer: a command that would write to a store that something else on this machine uses is
// refused with the name of that, by whichever path either of them leads to it. Real mounts, loop
// devices and virtual machines.
import { spawnSync } from "node:child_process";
import { beforeAll, describe, expect, test } from "vitest";
import { copyProgram, isRoot, run, temporaryDirectory } from "./programs.ts";

const directory = temporaryDirectory();
const missing = ["qemu-system-x86_64"].filter((name) => spawnSync("which", [name]).status !== 0);
if (!isRoot) missing.push("root");
const why = missing.length === 0 ? "" : ` (skipped: no ${missing.join(", no ")})`;
const timeout = 120_000;

interface User {
  readonly name: string;
  /** Begins to use $store; `ends` ends what is left of it. */
  readonly begins: string;
  readonly ends: string;
  /** The name of the user, whichever command is refused. */
  readonly says: RegExp;
  /** The output of "check", if that is less. */
  readonly checkSays?: RegExp;
  /** A mounted file system can be labelled, and so can a locked one. */
  readonly mayLabel?: true;
}

const machine =
  "qemu-system-x86_64 -machine none -nodefaults -display none -daemonize -pidfile pid";
const users: readonly User[] = [
  {
    name: "a mount",
    begins: "mount -o loop $store at",
    ends: "umount at",
    says: /mounted on ".*\/at"/,
    mayLabel: true,
  },
  {
    name: "a loop device",
    begins: "loop=$(losetup --find --show $store)",
    ends: "losetup --detach $loop",
    says: /attached to \/dev\/loop\d+/,
    checkSays: /attached to "\/dev\/loop\d+"/,
  },
  {
    name: "a mount that only another program sees",
    begins: `unshare --mount sh -euc 'mount -o loop $0 at; echo > begun; exec tail -f /dev/null' $store &
      while [ ! -e begun ]; do sleep 0.05; done; rm begun`,
    ends: "kill $!; wait $! || true; while losetup --list --noheadings | grep -q sysrcd; do sleep 0.05; done",
    says: /mounted on ".*\/at" for the program "tail" \(process \d+\), through \/dev\/loop\d+/,
    checkSays: /attached to "\/dev\/loop\d+"/,
  },
  {
    name: "another command",
    begins: `flock $store tail -f /dev/null & while flock --nonblock $store true; do sleep 0.05; done`,
    ends: "kill $(pgrep -P $!) $!; wait $! || true",
    says: /the program "flock" \(process \d+\) is working on/,
    mayLabel: true,
  },
  {
    name: "a virtual machine",
    begins: `${machine} -drive if=none,format=raw,file=$store`,
    ends: "kill $(cat pid); while kill -0 $(cat pid) 2> /dev/null; do sleep 0.05; done",
    says: /in use by the program "qemu-system-x86" \(process \d+\)/,
  },
];

const commands = [
  { name: "create --force", words: "create $given 16M --force" },
  { name: "grow", words: "grow $given 24M" },
  { name: "shrink", words: "shrink $given 12M" },
  { name: "check --repair", words: "check $given --repair --yes" },
  { name: "label", words: "label $given other" },
];

const paths: readonly (readonly [is: string, given: string])[] = [
  ["its own path", "host/sysrcd.bs"],
  ["a hard link", "host/second.bs"],
  ["a symbolic link", "link.bs"],
  ["a bind mount", "bound/sysrcd.bs"],
];

function inMounts(script: string): string {
  const ready = "mount --make-rprivate /; mkdir -p at bound; mount --bind host bound";
  return run(["unshare", "--mount", "sh", "-euc", `cd "$1"; ${ready}; ${script}`, "sh", directory]);
}

describe.skipIf(missing.length > 0)(`one writer${why}`, () => {
  beforeAll(() => {
    copyProgram(directory);
    run([
      "sh",
      "-euc",
      `cd "$1"; mkdir host; fallocate -l 16M host/sysrcd.bs
       mkfs.ext4 -q -F -E lazy_itable_init=0,lazy_journal_init=0 host/sysrcd.bs
       ln host/sysrcd.bs host/second.bs; ln -s host/sysrcd.bs link.bs`,
      "sh",
      directory,
    ]);
  });

  for (const { name, begins, ends, says, checkSays = says, mayLabel } of users)
    test(`nothing writes to a store that is in use by ${name}`, { timeout }, () => {
      const tried = commands.filter((command) => !mayLabel || command.name !== "label");
      const calls = tried.flatMap(({ words }) =>
        paths.map(
          ([, given]) =>
            `given=${given}; echo "@$given"; ./backstore ${words} 2>&1 || echo "status $?"`,
        ),
      );
      const said = inMounts(`store=host/sysrcd.bs; ${begins}; sha256sum < $store
        ${calls.join("\n")}
        echo @; sha256sum < $store; ${ends}`);
      const parts = said.split(/^@.*\n/m);
      expect(parts).toHaveLength(tried.length * paths.length + 2);
      for (const [index, command] of tried.entries())
        for (const [at, [is]] of paths.entries()) {
          const told = parts[1 + index * paths.length + at] ?? "";
          const what = `${command.name} by ${is}`;
          expect(told, what).toMatch(command.name.startsWith("check") ? checkSays : says);
          expect(told, what).toMatch(/^status 5$/m);
        }
      expect(parts.at(-1)).toBe(parts[0]);
    });

  const elsewhere = [
    {
      name: "mounted",
      begins: "mount $disk at",
      ends: "umount at",
      // A mounted file system can be labelled, and is only not checked.
      tries: ["check $disk --repair --yes"],
      says: /its file system is mounted on ".*\/at"/,
      status: 0,
    },
    {
      name: "mounted where only another program sees it",
      begins: `unshare --mount sh -euc 'mount $0 at; echo > begun; exec tail -f /dev/null' $disk &
        while [ ! -e begun ]; do sleep 0.05; done; rm begun`,
      ends: "kill $!; wait $! || true",
      tries: [
        "check $disk --repair --yes",
        "label $disk other",
        "create --device $disk --label x --erase kept --yes",
      ],
      says: /is mounted on ".*\/at" for the program "tail" \(process \d+\)/,
      status: 5,
    },
    {
      name: "given to a virtual machine",
      begins: `${machine} -drive if=none,format=raw,file=$disk`,
      ends: "kill $(cat pid); while kill -0 $(cat pid) 2> /dev/null; do sleep 0.05; done",
      tries: [
        "check $disk --repair --yes",
        "label $disk other",
        "create --device $disk --label x --erase kept --yes",
      ],
      says: /in use by the program "qemu-system-x86" \(process \d+\)/,
      status: 5,
    },
  ];
  for (const { name, begins, ends, tries, says, status } of elsewhere)
    test(`nothing writes to the disk of a directory store that is ${name}`, { timeout }, () => {
      const calls = tries.map(
        (words) => `echo @; ./backstore ${words} 2>&1 && echo "status 0" || echo "status $?"`,
      );
      const said = inMounts(`rm -f disk.img; truncate -s 24M disk.img; mkfs.ext4 -q -L kept disk.img
        disk=$(losetup --find --show disk.img); mount $disk at
        mkdir -p at/persistent_X/x86_64/upperdir at/persistent_X/x86_64/workdir; umount at
        ${begins}; ${calls.join("\n")}
        ${ends}; blkid -p -s LABEL -o value $disk; losetup --detach $disk`);
      const parts = said.split(/^@\n/m).slice(1);
      expect(parts).toHaveLength(tries.length);
      for (const part of parts) expect(part).toMatch(says);
      for (const part of parts) expect(part).toMatch(new RegExp(`^status ${status}$`, "m"));
      expect(said.trimEnd().endsWith("\nkept")).toBe(true);
    });
});
