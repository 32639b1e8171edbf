// Whole boots with a user at the console, on a machine in memory.
import { describe, expect, test } from "vitest";
import { ext4 } from "../support/call.ts";
import type { Disk } from "../support/memory/disks.ts";
import { file, type Tree } from "../support/memory/entry.ts";
import { type Booted, start, stick } from "./start.ts";

const directory = "persistent_RESCUE1100/x86_64";

/** Makes a file system with a store whose contents distinguish it from others. */
function storeDisk(name: string, { motd = name, ...more }: Partial<Disk> & { motd?: string } = {}) {
  const upper = { upperdir: { etc: { motd: `${motd}\n` } }, workdir: {} };
  return { name, content: ext4("data", { [directory]: upper }), isRemovable: true, ...more };
}

/** Makes a stick with a store's file. */
function hostDisk(name: string, more: Tree = {}): Disk {
  const content = ext4("inner", {
    upperdir: { etc: { motd: `${name}\n` }, ...more },
    workdir: {},
  });
  const tree = { "sysrcd.bs": file({ ...content, allocated: content.length }) };
  return { name, content: ext4(`host-${name}`, tree), isRemovable: true };
}

/** Describes the result of a boot as briefly as possible. */
function tell({ ending, motd, verdict }: Booted) {
  return { ending, motd, session: verdict.session, device: verdict.store?.device };
}

const runs = "/sbin/init quiet";
/** Made anew for each boot, because boots write to them. */
const two = () => [stick(), storeDisk("sdb"), storeDisk("sdc")];

describe("backstore=ask", () => {
  test("takes the one of two with one label that was chosen, and says who chose it", () => {
    const booted = start("cow_label=data backstore=ask", { disks: two(), stdin: "2\n" });
    expect(tell(booted)).toEqual({
      ending: runs,
      motd: "sdc\n",
      session: "persistent",
      device: "/dev/sdc",
    });
    expect(booted.verdict).toMatchObject({ chosenBy: "person", problems: [] });
    expect(booted.console).toContain("every change is kept, as chosen at the console\n");
  });

  test("takes by Enter alone what it would have taken", () => {
    const disks = [stick(), hostDisk("sdb"), storeDisk("sdc")];
    const asked = start("backstore=ask", { disks, stdin: "\n" });
    expect(tell(asked)).toMatchObject({ motd: "sdb\n", device: "/dev/sdb" });
    expect(tell(start("", { disks }))).toEqual(tell(asked));
    expect(asked.console).toContain(' *  1  "/sysrcd.bs" on /dev/sdb'.slice(1));
  });

  test("offers stores of both kinds, those first that the options lead to", () => {
    const disks = [stick(), hostDisk("sdb"), storeDisk("sdc")];
    const named = start("cow_label=data backstore=ask", { disks, stdin: "2\n" });
    expect(tell(named)).toMatchObject({ motd: "sdb\n", device: "/dev/sdb" });
    const other = start("backstore=ask", { disks, stdin: "2\n" });
    expect(tell(other)).toMatchObject({ motd: "sdc\n", device: "/dev/sdc" });
  });

  test("goes on without a store, which nobody misses then", () => {
    const booted = start("cow_label=data backstore=ask,required", { disks: two(), stdin: "v\n" });
    expect(tell(booted)).toMatchObject({ ending: runs, motd: "as it came\n", session: "volatile" });
    expect(booted.verdict.problems).toEqual([]);
    expect(booted.console).not.toContain("VOLATILE");
  });

  const endings = [
    ["p\n", "poweroff"],
    ["r\n", "reboot"],
  ] as const;
  for (const [stdin, ending] of endings) {
    test(`ends the machine by ${ending}`, () => {
      expect(start("backstore=ask", { disks: two(), stdin }).ending).toBe(`ends: ${ending}`);
    });
  }

  test("shows details, refuses what it does not offer, and asks again", () => {
    const booted = start("cow_label=data backstore=ask", {
      disks: two(),
      stdin: "d\n7\nx\u0007\n1\n",
    });
    expect(tell(booted)).toMatchObject({ motd: "sdb\n" });
    expect(booted.console).toContain(
      '- /dev/sdb (64.0 MiB, ext4, "data"): it is labelled "data", but so is',
    );
    expect(booted.console).toContain('"7" is not one of the choices.\n');
    expect(booted.console).toContain('"x\\u0007" is not one of the choices.\n');
  });

  test("looks again when a device comes, also one that was asked for", () => {
    const disks = [stick(), storeDisk("sdb", { comesAtMs: 60_000 })];
    const { console, ...booted } = start("cow_label=data backstore=ask", {
      disks,
      stdin: [{ atMs: 90_000, text: "\n" }],
    });
    expect(tell({ console, ...booted })).toMatchObject({ motd: "sdb\n", session: "persistent" });
    expect(console).toMatch(
      /No store was found[\s\S]*A device was added or removed[\s\S]*Which store/,
    );
  });

  test("does what it would have done where there is no console", () => {
    const disks = [stick(), storeDisk("sdb")];
    const booted = start("cow_label=data backstore=ask", { disks });
    expect(tell(booted)).toMatchObject({ motd: "sdb\n", session: "persistent" });
    expect(booted.console).toContain("backstore: no answer at the console\n");
    expect(booted.verdict).not.toHaveProperty("chosenBy");
  });

  test("asks nothing with backstore=off", () => {
    const booted = start("backstore=ask,off", { disks: two(), stdin: "1\n" });
    expect([booted.motd, booted.console.includes("Which store")]).toEqual(["as it came\n", false]);
  });
});

describe("backstore=required", () => {
  const missing = "cow_label=nowhere backstore=required,wait=1";

  test("asks where there is no store, and takes another", () => {
    const booted = start(missing, { disks: two(), stdin: "1\n" });
    expect(tell(booted)).toMatchObject({ ending: runs, motd: "sdb\n", session: "persistent" });
    expect(booted.verdict).toMatchObject({ chosenBy: "person", problems: [] });
  });

  test("goes on without a store all the same where somebody says so", () => {
    const booted = start(missing, { disks: two(), stdin: "t\nv\n" });
    expect(tell(booted)).toMatchObject({ ending: runs, session: "volatile" });
  });

  test("goes on by itself when the store that was asked for comes", () => {
    const booted = start("cow_label=data backstore=required,wait=1", {
      disks: [stick(), storeDisk("sdb", { comesAtMs: 60_000 })],
      stdin: [{ atMs: 300_000, text: "p\n" }],
    });
    expect(tell(booted)).toMatchObject({ ending: runs, motd: "sdb\n", session: "persistent" });
    expect(booted.verdict).not.toHaveProperty("chosenBy");
  });

  test("asks again where the chosen store cannot be used either", () => {
    const faults = [
      { call: "mount", naming: "/run/initramfs/backstore/store", errno: "EIO" },
    ] as const;
    const booted = start(missing, { disks: two(), stdin: "1\np\n", faults });
    expect(booted.ending).toBe("ends: poweroff");
    expect(booted.console.match(/Which store/g)).toHaveLength(2);
  });

  test("waits where there is no console, and gives no shell", () => {
    const booted = start(missing, { disks: two() });
    expect(booted.ending).toBe("waits");
    expect(booted.console).toContain("press Ctrl-Alt-Del to restart");
  });
});

describe("a boot that cannot go on", () => {
  const deadEnds = [
    ["has no medium", { disks: [storeDisk("sdb")] }],
    [
      "cannot even run in memory",
      { disks: two(), faults: [{ call: "mount", naming: "overlay", errno: "EIO" }] },
    ],
  ] as const;
  for (const [is, machine] of deadEnds) {
    test(`ends the machine when it is told to, where it ${is}`, () => {
      const booted = start("", { ...machine, stdin: [{ atMs: 50_000, text: "hello\np\n" }] });
      expect(booted.ending).toBe("ends: poweroff");
      expect(booted.console).toContain("type r to restart or p to power off, and press Enter\n");
    });
  }
});
