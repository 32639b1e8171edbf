// One writer on btrfs, where every subvolume has a number of its own that no list of the kernel
// has, and first files all have one inode: who uses a store is named, and nobody else is taken for
// its user.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { isRoot, run, temporaryDirectory, tryRun } from "./programs.ts";
import { program } from "./stores.ts";

const directory = temporaryDirectory();
const missing = ["mkfs.btrfs", "qemu-system-x86_64"].filter(
  (name) => spawnSync("which", [name]).status !== 0,
);
if (!isRoot) missing.push("root");
const why = missing.length === 0 ? "" : ` (skipped: no ${missing.join(", no ")})`;
const timeout = 120_000;

/** A store by the path by which it is used, and the one that the commands are given. */
interface Place {
  readonly name: string;
  readonly used: string;
  readonly given: string;
}

const places: readonly Place[] = [
  { name: "at the top", used: "top/a.bs", given: "top/a.bs" },
  { name: "in a subvolume", used: "top/other/a.bs", given: "top/other/a.bs" },
  { name: "in a subvolume below another", used: "top/sub/below/a.bs", given: "top/sub/below/a.bs" },
  { name: "in a snapshot", used: "top/snapshot/a.bs", given: "top/snapshot/a.bs" },
  {
    name: "in the default subvolume, by another mount",
    used: "top/sub/a.bs",
    given: "default/a.bs",
  },
];

interface User {
  readonly name: string;
  /** Begins to use $store, and prints the number of its process. */
  readonly begins: string;
  readonly ends: string;
  /** The name of the user, before the number of its process. */
  readonly says: string;
}

const machine =
  "qemu-system-x86_64 -machine none -nodefaults -display none -daemonize -pidfile pid";
const users: readonly User[] = [
  {
    name: "another command",
    begins: `flock $store tail -f /dev/null & echo $!
      while flock --nonblock $store true; do sleep 0.05; done`,
    ends: "kill $(pgrep -P $!) $!; wait $! || true",
    says: 'the program "flock"',
  },
  {
    name: "a virtual machine",
    begins: `${machine} -drive if=none,format=raw,file=$store; cat pid`,
    ends: "kill $(cat pid); while kill -0 $(cat pid) 2> /dev/null; do sleep 0.05; done",
    says: 'the program "qemu-system-x86"',
  },
];

function withMounts(script: string): string {
  const ready = `mount --make-rprivate /; cd "$1"; mkdir -p top default
    disk=$(losetup --find --show btrfs.img); mount -o subvolid=5 $disk top; mount $disk default
    losetup --detach $disk`;
  const words = ["timeout", "100", "unshare", "--mount", "sh", "-euc"];
  return run([...words, `${ready}; ${script}`, "sh", directory, program]);
}

describe.skipIf(missing.length > 0)(`one writer on btrfs${why}`, () => {
  beforeAll(() => {
    run([
      "unshare",
      "--mount",
      "sh",
      "-euc",
      `mount --make-rprivate /; cd "$1"; mkdir top; truncate -s 256M btrfs.img
       mkfs.btrfs --quiet btrfs.img; mount -o loop btrfs.img top
       for each in top/other top/sub top/sub/below; do btrfs --quiet subvolume create $each; done
       for each in top top/other top/sub top/sub/below; do
         fallocate -l 16M $each/a.bs
         mkfs.ext4 -q -F -E lazy_itable_init=0,lazy_journal_init=0 $each/a.bs
       done
       btrfs --quiet subvolume snapshot top/sub top/snapshot
       btrfs subvolume set-default top/sub`,
      "sh",
      directory,
    ]);
  });

  test("the stores are told apart by no number of the kernel's lists", () => {
    const inodes = withMounts(`stat --format %i ${places.map(({ used }) => used).join(" ")}`);
    expect(new Set(inodes.trim().split("\n")).size).toBe(1);
  });

  for (const user of users)
    for (const { name, used, given } of places)
      test(`${user.name} that uses a store ${name} is named`, { timeout }, () => {
        const others = places.filter((place) => place.used !== used);
        // One that has it open without a lock is not its user.
        const said = withMounts(`tail -f ${used} > /dev/null & reader=$!
          store=${used}; ${user.begins}
          for words in "grow $store 24M" "check ${given}" "grow ${given} 24M"; do
            echo @; "$2" $words 2>&1 || echo "status $?"
          done
          for other in ${others.map((other) => other.given).join(" ")}; do
            echo @; "$2" check $other 2>&1 || echo "status $?"
          done
          ${user.ends}; kill $reader`);
        const [pid = "", ...told] = said.split(/^@\n/m);
        expect(told).toHaveLength(3 + others.length);
        for (const [index, text] of told.entries())
          if (index < 3) {
            expect(text).toContain(`${user.says} (process ${pid.trim()})`);
            expect(text).toMatch(/^status 5$/m);
          } else expect(text).not.toMatch(/program|status 5/);
      });

  for (const count of [1, 2])
    test(`a mount of ${count} devices that only another program sees is named`, { timeout }, () => {
      const files = Array.from({ length: count }, (_, index) =>
        join(directory, `disk-${count}-${index}`),
      );
      for (const file of files) run(["truncate", "-s", "160M", file]);
      run(["mkfs.btrfs", "--quiet", "--label", "kept", ...files]);
      const devices = files.map((file) => run(["losetup", "--find", "--show", file]).trim());
      try {
        const script = `mount --make-rprivate /; cd "$1"; mkdir -p at; shift; btrfs device scan "$@" > told
          mount $1 at; mkdir -p at/persistent_X/x86_64/upperdir at/persistent_X/x86_64/workdir; umount at
          unshare --mount sh -euc 'mount $0 at; echo > begun; exec tail -f /dev/null' $1 &
          while [ ! -e begun ]; do sleep 0.05; done; rm begun; echo $!
          for device; do
            for words in "check $device --repair --yes" "label $device other" "create --device $device --label x --erase kept --yes"; do
              echo @; ${program} $words 2>&1 || echo "status $?"
            done
          done
          kill $!; wait $! || true`;
        const words = [
          "timeout",
          "100",
          "unshare",
          "--mount",
          "sh",
          "-euc",
          script,
          "sh",
          directory,
        ];
        const [pid = "", ...told] = run([...words, ...devices]).split(/^@\n/m);
        expect(told).toHaveLength(3 * count);
        for (const text of told) {
          expect(text).toMatch(/mounted on ".*\/at" for the program "tail"/);
          expect(text).toContain(`(process ${pid.trim()})`);
          expect(text).toMatch(/^status 5$/m);
        }
      } finally {
        for (const device of devices) {
          // The kernel's list of members is that of the whole machine, on which other tests run.
          tryRun(["btrfs", "device", "scan", "--forget", device]);
          tryRun(["losetup", "--detach", device]);
        }
      }
    });
});
