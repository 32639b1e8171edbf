// Boots that follow one another on the same disks in memory: what each reports of the one before.
import { describe, expect, test } from "vitest";
import { ext4 } from "../support/call.ts";
import type { Disk } from "../support/memory/disks.ts";
import type { Tree } from "../support/memory/entry.ts";
import type { Fault } from "../support/memory/recorded.ts";
import { createMemory } from "../support/memory.ts";
import { type Booted, start, stick } from "./start.ts";

const label = "cow_label=store";
const own = "persistent_RESCUE1100/x86_64";

/** One boot: with which medium, on which machine. */
interface Given {
  readonly cmdline?: string;
  readonly release?: string;
  readonly machine?: string;
  readonly faults?: readonly Fault[];
  /** What is done to the store before. */
  readonly before?: (disk: Disk) => void;
}

/** Boots on the same store again and again; each boot has an id of its own. */
function startAll(tree: Tree, boots: readonly Given[]): Booted[] {
  const disk: Disk = { name: "sdb", content: ext4("store", tree) };
  return boots.map(
    ({ cmdline = label, release = "11.00", machine = "Box 3", before, faults = [] }, index) => {
      before?.(disk);
      return start(cmdline, {
        faults,
        disks: [stick({ "sysresccd/VERSION": `${release}\n` }), disk],
        proc: { "sys/kernel/random/boot_id": `boot-${index}\n` },
        sys: {
          "class/dmi/id": { sys_vendor: "ACME\n", product_name: `${machine}\n` },
          "module/overlay/parameters": { redirect_always_follow: "Y\n", redirect_dir: "Y\n" },
        },
      });
    },
  );
}

/** Mounts the store's overlay as another system does, and perhaps renames a directory of the base. */
function mountElsewhere(disk: Disk, renames: boolean): void {
  const files = { base: { etc: {} }, store: {}, root: {} };
  const { system } = createMemory({ disks: [disk], files });
  const store = `/store/${own}`;
  system.mount({ source: "/dev/sdb", target: "/store", type: "ext4" });
  const data = `lowerdir=/base,upperdir=${store}/upperdir,workdir=${store}/workdir`;
  system.mount({ source: "elsewhere", target: "/root", type: "overlay", data });
  system.makeDirectory("/root/etc/made");
  system.unmount("/root");
  const redirect = new Uint8Array([0x2f, 0x75, 0x73, 0x72]);
  if (renames) system.setXattr(`${store}/upperdir/etc`, "trusted.overlay.redirect", redirect);
  system.unmount("/store");
}

const messages = ({ verdict }: Booted) =>
  (verdict.problems ?? []).map((problem) => ("message" in problem ? problem.message : ""));

describe("boot()", () => {
  test("boot() records its session, and the next one says that it did not end cleanly", () => {
    const [first, second] = startAll({}, [{}, {}]);
    expect(messages(first!)).toEqual([]);
    expect(messages(second!)).toEqual([
      expect.stringMatching(
        /^The last session on the store .* \(started 20\d\d-.* UTC on "ACME Box 3"\) did not end cleanly; /,
      ),
    ]);
    expect(second!.verdict).toMatchObject({
      session: "persistent",
      store: {
        lastBase: { label: "RESCUE1100", release: "11.00" },
        lastSession: { state: "open", boot: "boot-0", machine: "ACME Box 3", count: 1 },
      },
    });
    expect(second!.console).toMatch(/did not end cleanly/);
  });

  test("boot() counts sessions, and says that another machine may go on with one", () => {
    const [, , third] = startAll({}, [{}, {}, { machine: "Box 4" }]);
    expect(messages(third!)).toEqual([
      expect.stringMatching(
        / on "ACME Box 3"\) did not end cleanly or is still running on another/,
      ),
    ]);
    expect(third!.verdict).toMatchObject({ store: { lastSession: { count: 2 } } });
  });

  test("boot() writes nothing in a read-only session", () => {
    const [, second, third] = startAll({}, [{}, { cmdline: `${label} backstore=readonly` }, {}]);
    expect(second!.verdict.session).toBe("readonly");
    expect(messages(second!)).toHaveLength(1);
    expect(third!.verdict).toMatchObject({ store: { lastSession: { boot: "boot-0", count: 1 } } });
  });

  test("boot() names the directories of other releases beside a new one, until it is used", () => {
    const older = { "persistent_RESCUE904/x86_64/upperdir/etc/motd": "old\n" };
    const [first, second] = startAll(older, [{}, {}]);
    expect(messages(first!)).toEqual([
      expect.stringMatching(/; cow_directory=persistent_RESCUE904\/x86_64 uses it$/),
    ]);
    expect(messages(second!)).toEqual([expect.stringMatching(/^The last session/)]);
  });

  const foreign: readonly (readonly [
    does: string,
    redirects: boolean,
    overlay: string,
    says: RegExp,
  ])[] = [
    ["writes", false, "redirect_dir=nofollow", /^Another system, or a boot .* no other overlay/],
    ["renames", true, "redirect_dir=follow", /^Another system has written to the store .*follow/],
  ];
  for (const [does, redirects, overlay, says] of foreign)
    test(`boot() finds out, once, that another system ${does} in the store`, () => {
      const before = (disk: Disk) => mountElsewhere(disk, redirects);
      const [, second, third] = startAll({}, [{}, { before }, {}]);
      expect(messages(second!)).toEqual([
        expect.stringMatching(/^The last session/),
        expect.stringMatching(says),
      ]);
      expect(second!.verdict).toMatchObject({
        session: "persistent",
        store: { overlay: expect.stringContaining(overlay), foreignMount: expect.any(String) },
      });
      expect(messages(third!)).toEqual([expect.stringMatching(/^The last session/)]);
      expect(third!.verdict).toMatchObject({
        store: { overlay: expect.stringContaining(overlay), foreignMount: null },
      });
    });

  test("boot() walks once more after one that could not record its mount, and accuses nobody for sure", () => {
    const faults: readonly Fault[] = [
      {
        call: "rename",
        naming: `/run/initramfs/backstore/store/${own}/backstore.json`,
        errno: "EIO",
      },
    ];
    const [, second, third, fourth] = startAll({}, [{}, { faults }, {}, {}]);
    expect(second!.verdict).toMatchObject({ session: "persistent", store: { foreignMount: null } });
    expect(messages(third!)).toEqual([
      expect.stringMatching(/^The last session/),
      expect.stringMatching(/^Another system, or a boot that was interrupted, has mounted/),
    ]);
    expect(messages(fourth!)).toEqual([expect.stringMatching(/^The last session/)]);
  });

  const strangers: readonly (readonly [is: string, tree: Tree])[] = [
    ["those of other machines", { "persistent_RESCUE904/aarch64/upperdir": {} }],
    ["directories without changes", { "persistent_RESCUE904/x86_64/workdir": {} }],
    ["files", { persistent_RESCUE904: "x" }],
    ["others", { "home/x86_64/upperdir": {} }],
  ];
  for (const [is, tree] of strangers)
    test(`boot() does not name ${is} beside a new directory`, () => {
      const [first] = startAll(tree, [{}]);
      expect(messages(first!)).toEqual([]);
    });

  test("boot() does not read a record that is far too large, says so and leaves it as it is", () => {
    const kept = "persistent_RESCUE1100/x86_64";
    const overlay = "index=off,metacopy=off,xino=off,redirect_dir=nofollow";
    const record = JSON.stringify({ format: 1, id: "1", overlay });
    const tree = { [`${kept}/upperdir`]: {}, [`${kept}/backstore.json`]: record.padEnd(2 << 20) };
    const [first, second] = startAll(tree, [{}, {}]);
    for (const boot of [first!, second!]) {
      expect(boot.verdict.session).toBe("persistent");
      expect(messages(boot)).toEqual([
        expect.stringMatching(/^Cannot read the backstore\.json of .*: it is not JSON$/),
      ]);
    }
  });

  test("boot() passes over a release that is none: a large file, an empty one, a directory", () => {
    for (const release of ["x".repeat(5000), "", "\n\n"]) {
      const [, second] = startAll({}, [{ release }, {}]);
      expect(second!.verdict).toMatchObject({ store: { lastBase: { label: "RESCUE1100" } } });
      expect(second!.verdict).not.toHaveProperty("store.lastBase.release", expect.any(String));
    }
  });
});
