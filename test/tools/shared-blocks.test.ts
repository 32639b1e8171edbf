// Files whose blocks are shared, on real hosts that share them: a snapshot, a reflink copy, and one
// that is copied on write. What check says of them, and that grow gives a store blocks of
// its own, with the same contents, on a host that is full afterwards.
import { rmSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { isRoot, run } from "./programs.ts";
import { directory, program } from "./stores.ts";

const why = isRoot ? "" : " (skipped: no root)";
const host = join(directory, "host.img");
const timeout = 120_000;

/** Makes a host, and runs a line of shell in it; "$B" is the program. */
function onHost(type: string, script: string): string {
  run(["truncate", "-s", "700M", host]);
  run([`mkfs.${type}`, "-q", "-f", host]);
  const lines = `mount -o loop "$1" /mnt; cd /mnt; B=$2; set +e; ${script}`;
  return run(["unshare", "--mount", "sh", "-uc", lines, "sh", host, program]);
}

afterEach(() => {
  rmSync(host, { force: true });
});

const created = `"$B" create sysrcd.bs 100 >&2
digest() { mount -o loop,ro sysrcd.bs /media; (cd /media; find . -type f | sort | xargs md5sum) | md5sum; umount /media; }
mount -o loop sysrcd.bs /media; mkdir /media/upperdir /media/workdir
dd if=/dev/urandom of=/media/upperdir/big bs=1M count=40 2>/dev/null; umount /media;`;
const shares: readonly (readonly [name: string, type: string, share: string])[] = [
  ["a snapshot of its host", "btrfs", "btrfs subvolume snapshot . snap >&2; sync"],
  ["a reflink copy on xfs", "xfs", "cp --reflink=always sysrcd.bs copy; sync"],
];

describe.skipIf(!isRoot)(`blocks that are shared${why}`, () => {
  for (const [name, type, share] of shares)
    test(`${name}: told by check, and grow gives the store its own`, { timeout }, () => {
      const told = onHost(
        type,
        `${created} "$B" check sysrcd.bs; echo "status $?"; ${share}
         "$B" check sysrcd.bs; echo "status $?"; sum=$(digest)
         "$B" grow sysrcd.bs 100; echo "grow $?"
         "$B" check sysrcd.bs; echo "status $?"; test "$sum" = "$(digest)" || echo differs
         fallocate -l 2G fill 2>/dev/null; dd if=/dev/zero of=fill2 bs=1M 2>/dev/null; sync
         dd if=/dev/urandom of=sysrcd.bs bs=1M count=100 conv=notrunc,fsync 2>/dev/null; echo "written $?"`,
      );
      const seen = told
        .split("\n")
        .filter((line) => /^(status|grow|written|differs)|shares/.test(line));
      expect(seen).toEqual([
        "status 0",
        expect.stringMatching(/shares \S+ MiB with a snapshot or a copy on its host/),
        "status 0",
        "grow 0",
        "status 0",
        "written 0",
      ]);
    });

  test("a full host: a store that shares its blocks is not in order", { timeout }, () => {
    const told = onHost(
      "btrfs",
      `${created} dd if=/dev/urandom of=sysrcd.bs bs=1M count=1 seek=90 conv=notrunc 2>/dev/null; sync
       btrfs subvolume snapshot . snap >&2; dd if=/dev/zero of=fill bs=1M 2>/dev/null; sync
       "$B" check sysrcd.bs; echo "status $?"; "$B" grow sysrcd.bs 100 2>&1; echo "grow $?"`,
    );
    expect(told).toMatch(/error: .* shares .*: changes to it will be lost/);
    expect(told).toMatch(/^status 7$/m);
    expect(told).toMatch(/Cannot grow "\/mnt\/sysrcd.bs".*: only .* is free/);
    expect(told).toMatch(/^grow 7$/m);
  });

  test("a copy on btrfs is copied on write: check tells", { timeout }, () => {
    const told = onHost(
      "btrfs",
      `${created} cp --reflink=never sysrcd.bs other.bs; "$B" check other.bs; echo "status $?"`,
    );
    expect(told).toMatch(/warning: .* copied on write by its host/);
    expect(told).toMatch(/^status 0$/m);
  });
});
