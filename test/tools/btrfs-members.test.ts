// "backstore check" of a btrfs on several devices: any of them leads to the store, and if one is
// missing, that is told, and not what its checker makes of it.
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { isRoot, run, temporaryDirectory, tryRun } from "./programs.ts";
import { program } from "./stores.ts";

const directory = temporaryDirectory();
const why = isRoot ? "" : " (skipped: no root)";
const timeout = 60_000;

/** Makes a btrfs with a store on so many devices, and passes them to `use`. */
function withDevices(profile: string, count: number, use: (devices: string[]) => void): void {
  const files = Array.from({ length: count }, (_, index) => join(directory, `${profile}-${index}`));
  for (const file of files) run(["truncate", "-s", "160M", file]);
  run(["mkfs.btrfs", "-q", "-f", "-d", profile, "-m", profile, "-L", "store", ...files]);
  const devices = files.map((file) => run(["losetup", "--show", "-f", file]).trim());
  try {
    const script = `btrfs device scan "$@" && mount "$1" /mnt &&
      mkdir -p /mnt/persistent_RESCUE1100/x86_64/upperdir /mnt/persistent_RESCUE1100/x86_64/workdir`;
    run(["unshare", "--mount", "sh", "-uc", script, "sh", ...devices]);
    use(devices);
  } finally {
    forget(devices);
    for (const device of devices) tryRun(["losetup", "-d", device]);
    for (const file of files) run(["rm", file]);
  }
}

/** The kernel's list of members is that of the whole machine, on which other tests run. */
function forget(devices: readonly string[]): void {
  for (const device of devices) tryRun(["btrfs", "device", "scan", "--forget", device]);
}

describe.skipIf(!isRoot)(`btrfs on several devices${why}`, () => {
  for (const [profile, count] of [
    ["raid1", 2],
    ["raid0", 3],
  ] as const)
    test(`check of any member of a ${profile} finds the store`, { timeout }, () => {
      withDevices(profile, count, (devices) => {
        for (const device of devices) {
          const { status, stdout } = tryRun([program, "check", device]);
          expect([status, stdout]).toEqual([
            0,
            expect.stringMatching(
              `^"/persistent_RESCUE1100/x86_64" on ${device} .* is in order\n$`,
            ),
          ]);
        }
      });
    });

  test("check does not take what btrfs cannot read of another device for damage", {
    timeout,
  }, () => {
    const file = join(directory, "unreadable");
    run(["truncate", "-s", "1M", file]);
    const other = run(["losetup", "--show", "-f", file]).trim();
    try {
      // Each read is beyond its end now: an input/output error.
      run(["truncate", "-s", "0", file]);
      withDevices("raid0", 2, ([first = ""]) => {
        const check = run(["sh", "-c", 'btrfs check --readonly "$1" 2>&1', "sh", first]);
        expect(check).toContain(`ERROR: cannot scan ${other}: Input/output error`);
        const { status, stdout } = tryRun([program, "check", first]);
        expect([status, stdout]).toEqual([0, expect.stringMatching(/ is in order\n$/)]);
      });
    } finally {
      tryRun(["losetup", "-d", other]);
    }
  });

  for (const [profile, count] of [
    ["raid1", 2],
    ["raid1c3", 3],
  ] as const)
    test(`check of a ${profile} of which a member is missing says so`, { timeout }, () => {
      withDevices(profile, count, ([first = "", second = "", ...others]) => {
        forget([first, second, ...others]);
        run(["losetup", "-d", second]);
        const { status, stdout } = tryRun([program, "check", first]);
        const here = count === 2 ? "only 1 is here" : "only 2 are here";
        expect([status, stdout]).toEqual([
          8,
          expect.stringContaining(`no boot uses it: its btrfs needs ${count} devices, and ${here}`),
        ]);
        for (const other of [first, ...others]) expect(stdout).toContain(other);
        expect(stdout).not.toMatch(/corrupt|damaged|in order/);
      });
    });
});
