// Boots in memory with modules of SystemRescue on the medium: which become layers, and what is said
// of those that do not.
import { describe, expect, test } from "vitest";
import { ext4 } from "../support/call.ts";
import * as formats from "../support/formats.ts";
import { type Entry, file, type Tree } from "../support/memory/entry.ts";
import { image } from "../support/memory/image.ts";
import type { Fault } from "../support/memory/recorded.ts";
import { type Booted, start, stick } from "./start.ts";

/** Makes a module that is told from others by its creation time. */
function srm(tree: Tree, time: number): Entry {
  const superblock = formats.squashfs();
  superblock[8] = time;
  const pieces = [{ offset: 0, bytes: superblock }];
  return file(image({ type: "squashfs", bytes: 1 << 13, tree, pieces }));
}

const a = srm({ "etc/motd": "from a\n" }, 2);
const b = srm({ "etc/motd": "from b\n", "etc/b": "b\n" }, 3);
const both = { "sysresccd/a.srm": a, "sysresccd/b.srm": b };

interface Given {
  readonly cmdline?: string;
  readonly files?: Tree;
  readonly faults?: readonly Fault[];
}

function startWith({ cmdline = "loadsrm", files = both, faults = [] }: Given): Booted {
  return start(cmdline, { disks: [stick(files)], faults });
}

const directory = "/run/initramfs/backstore";
const layers = (...names: readonly string[]) => names.map((name) => `${directory}/${name}`);
const messages = ({ verdict }: Booted) =>
  (verdict.problems ?? []).map((problem) => ("message" in problem ? String(problem.message) : ""));

describe("boot()", () => {
  const yaml = { "sysrescue.d/100.yaml": "global:\n  loadsrm: true\n" };
  const cases: readonly {
    readonly is: string;
    readonly given: Given;
    readonly motd: string;
    readonly layers: readonly string[];
    readonly problems?: readonly RegExp[];
  }[] = [
    {
      is: "no module without loadsrm",
      given: { cmdline: "" },
      motd: "as it came\n",
      layers: ["base"],
    },
    {
      is: "modules over the base, the first by name on top",
      given: {},
      motd: "from a\n",
      layers: ["srm1", "srm2", "base"],
    },
    {
      is: "modules because a file of the medium says so",
      given: { cmdline: "", files: { ...both, ...yaml } },
      motd: "from a\n",
      layers: ["srm1", "srm2", "base"],
    },
    {
      is: "no module where the command line cancels that",
      given: { cmdline: "loadsrm=no", files: { ...both, ...yaml } },
      motd: "as it came\n",
      layers: ["base"],
    },
    {
      is: "no file that is no image, and says so",
      given: { files: { "sysresccd/a.srm": "text", "sysresccd/b.srm": b } },
      motd: "from b\n",
      layers: ["srm1", "base"],
      problems: [
        /^Cannot load the module "sysresccd\/a\.srm": it is neither squashfs nor erofs; the session goes/,
      ],
    },
    {
      is: "no module that the kernel refuses, and says so",
      given: {
        faults: [{ call: "withLoop", naming: `${directory}/medium/sysresccd/a.srm`, errno: "EIO" }],
      },
      motd: "from b\n",
      layers: ["srm1", "base"],
      problems: [
        /^Cannot mount the module ".*\/sysresccd\/a\.srm" \(squashfs\) on ".*\/srm1" .*; the session goes on without it$/,
      ],
    },
    {
      is: "none of several that the kernel refuses",
      given: { faults: [{ call: "mount", naming: `${directory}/srm1`, errno: "EINVAL" }] },
      motd: "as it came\n",
      layers: ["base"],
      problems: [/a\.srm.* on ".*\/srm1".*goes on/, /b\.srm.* on ".*\/srm1".*goes on/],
    },
  ];
  for (const { is, given, motd, layers: names, problems = [] } of cases)
    test(`boot() loads ${is}`, () => {
      const booted = startWith(given);
      expect([booted.ending, booted.motd]).toEqual(["/sbin/init quiet", motd]);
      expect(booted.verdict).toMatchObject({ session: "volatile", layers: layers(...names) });
      expect(messages(booted)).toEqual(problems.map((one) => expect.stringMatching(one)));
      const mounted = Object.keys(booted.sessionMounts).filter((name) => name.startsWith("srm"));
      expect(mounted).toEqual(names.filter((name) => name !== "base"));
    });

  test("boot() loads at most 64 modules", () => {
    const names = Array.from({ length: 66 }, (_, index) => `sysresccd/${100 + index}.srm`);
    const booted = startWith({
      files: Object.fromEntries(names.map((name) => [name, b] as const)),
    });
    expect(Object.keys(booted.sessionMounts).filter((name) => name.startsWith("srm"))).toHaveLength(
      64,
    );
    expect(messages(booted)).toEqual([
      'Cannot load the module "sysresccd/164.srm": at most 64 modules are loaded (1 more are left out); the session goes on without it',
    ]);
  });

  test("boot() mounts a store anew without a module that the kernel refuses", () => {
    const booted = start("loadsrm cow_label=store", {
      disks: [stick(both), { name: "sdb", content: ext4("store", {}) }],
      faults: [{ call: "mount", naming: `${directory}/srm1`, errno: "EINVAL", times: 1 }],
    });
    expect(booted.verdict).toMatchObject({ session: "persistent", layers: layers("srm1", "base") });
    expect(messages(booted)).toEqual([expect.stringMatching(/a\.srm/)]);
    expect(booted.motd).toBe("from b\n");
    // Each is mounted once.
    expect(Object.keys(booted.sessionMounts).sort()).toEqual(["base", "medium", "srm1", "store"]);
  });

  /** Boots one after the other on one store. */
  function startAll(...boots: readonly Given[]): Booted[] {
    const disk = { name: "sdb", content: ext4("store", {}) };
    return boots.map(({ cmdline = "", files = both }, index) =>
      start(`cow_label=store ${cmdline}`, {
        disks: [stick(files), disk],
        proc: { "sys/kernel/random/boot_id": `boot-${index}\n` },
      }),
    );
  }

  test("boot() says that a base has other modules than last time, and only once", () => {
    const newer = srm({ "etc/motd": "newer\n" }, 4);
    const boots = startAll(
      {},
      { cmdline: "loadsrm" },
      { cmdline: "loadsrm" },
      { cmdline: "loadsrm", files: { "sysresccd/b.srm": newer, "sysresccd/c.srm": a } },
      {},
    );
    const told = boots.map((booted) => messages(booted).filter((one) => /modules/.test(one)));
    const is = (changes: string) =>
      `The base is "RESCUE1100" with other modules than last time (${changes}): changed files stay as they are, even where the base has newer ones now`;
    expect(told).toEqual([
      [],
      [is('with "a.srm" and with "b.srm"')],
      [],
      [is('with "c.srm", without "a.srm" and with a different build of "b.srm"')],
      [is('without "b.srm" and without "c.srm"')],
    ]);
    expect(boots[2]!.verdict).toMatchObject({
      store: { lastBase: { modules: [{ name: "a.srm" }, { name: "b.srm" }] } },
      medium: { modules: [{ name: "a.srm" }, { name: "b.srm" }] },
    });
  });

  test("boot() takes other modules for another base", () => {
    const [, second] = startAll({}, { cmdline: "loadsrm backstore=base=readonly" });
    expect(second!.verdict).toMatchObject({ session: "readonly" });
    expect(second!.motd).toBe("from a\n");
  });
});
