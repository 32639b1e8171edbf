// One store has one number of used room, whichever command tells it: on real file systems with a
// ballast, in a file and in a directory, at rest, on a mounted host and under a session's overlay.
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { copyProgram, isRoot, run, temporaryDirectory } from "./programs.ts";

const timeout = 120_000;
const directory = temporaryDirectory();
copyProgram(directory);

/** Ends with the JSON of each command, one after the other, in a private mount namespace. */
const script = `
disk=$1.img
mount -t tmpfs none /run
mkdir -p /run/backstore/at /run/host base/proc base/run base/dev base/sys root
cp backstore base/
mount -o loop $disk /run/host
if [ "$1" = directory ]
then store=/run/host/persistent_X/x86_64; mkdir -p $store
else ./backstore create /run/host "$2" --type "$1" --quiet >/dev/null
  mount -o loop /run/host/sysrcd.bs /run/backstore/at; store=/run/backstore/at
fi
mkdir -p $store/upperdir/etc $store/workdir
head -c 3000000 /dev/urandom >$store/upperdir/etc/data
head -c 4194304 /dev/urandom >$store/backstore.ballast
sync
mount -t overlay -o lowerdir=base,upperdir=$store/upperdir,workdir=$store/workdir overlay root
for name in proc run dev sys; do mount --rbind /$name root/$name; done
echo '{"session":"persistent","problems":[]}' >/run/backstore/boot.json
# The status tells what is wrong, such as a store that is in use.
tell() { "$@" --json || :; }
look() { tell ./backstore list --image $disk; tell ./backstore check --image $disk; }
look
tell chroot root /backstore status
umount -R root
[ "$1" = directory ] || umount /run/backstore/at
look
[ "$1" = directory ] || tell ./backstore check /run/host
umount /run/host
look`;

/** Returns the number of used bytes of each object, which are indented. */
function usedIn(told: string): number[] {
  return [...told.matchAll(/^ +"usedBytes": (\d+),?$/gm)].map(([, bytes]) => Number(bytes));
}

describe.skipIf(!isRoot)("used room (skipped without root)", () => {
  for (const [kind, mebibytes] of [
    ["ext4", "32"],
    ["xfs", "320"],
    ["btrfs", "320"],
    ["directory", "0"],
  ] as const)
    test(`list, check and status tell the same used room: ${kind}`, { timeout }, () => {
      // One of its own: mount takes a loop device that shows the file already, and somebody who looks
      // at all devices keeps the read-only one of the case before.
      const disk = join(directory, `${kind}.img`);
      run(["truncate", "-s", "600M", disk]);
      run(["mkfs.ext4", "-qF", disk]);
      const inside = ["sh", "-euc", `cd "$3"; ${script}`, "sh", kind, mebibytes, directory];
      const used = usedIn(run(["unshare", "--mount", ...inside]));
      expect(used).toHaveLength(kind === "directory" ? 7 : 8);
      const [inUse, atRest] = [used.slice(0, 3), used.slice(3)];
      expect(new Set(inUse).size, used.join()).toBe(1);
      expect(new Set(atRest).size, used.join()).toBe(1);
      // Mounted for writing, xfs keeps back blocks for itself, and counts them as used.
      if (kind === "xfs") expect(inUse[0]).toBeGreaterThan(atRest[0] ?? 0);
      else expect(inUse[0]).toBe(atRest[0]);
    });
});
