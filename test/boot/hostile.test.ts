// Boots in memory with sticks and stores that somebody made to do harm: the boot goes on, says why
// something was not used, and reads nothing that is not on the disk.
import { describe, expect, test } from "vitest";
import * as formats from "../support/formats.ts";
import { directory, file, link, makeEntry, type Tree } from "../support/memory/entry.ts";
import { image } from "../support/memory/image.ts";
import type { Fault } from "../support/memory/recorded.ts";
import { type Booted, start, stick } from "./start.ts";

const kept = "persistent_RESCUE1100/x86_64";
const used = { "upperdir/etc/motd": "changed\n", workdir: {} };
const settings = "index=off,metacopy=off,xino=off,redirect_dir=nofollow";
const record = (more: object) => JSON.stringify({ format: 1, id: "a", overlay: settings, ...more });
const nested = (levels: number) => `[${"[".repeat(levels)}${"]".repeat(levels)}]`;

function startOn(
  tree: Tree,
  more: { readonly medium?: Tree; readonly faults?: readonly Fault[] } = {},
): Booted {
  const content = image({
    type: "ext4",
    tree,
    pieces: [{ offset: 0, bytes: formats.ext("ext4", "store") }],
  });
  const disks = [stick(more.medium ?? {}), { name: "sdb", content }];
  return start("cow_label=store", { disks, faults: more.faults ?? [] });
}

const messages = ({ verdict }: Booted) =>
  (verdict.problems ?? []).map((problem) => ("message" in problem ? String(problem.message) : ""));

describe("a store", () => {
  const records: readonly (readonly [is: string, text: string, reason: string])[] = [
    [
      "whose record is nested 10,000 deep",
      record({ more: 0 }).replace("0", nested(10_000)),
      "it is nested deeper than 32 levels",
    ],
    [
      "whose record is nested deeper than the engine's stack",
      nested(500_000),
      "it is nested deeper than 32 levels",
    ],
    [
      "whose record would be larger than what is read",
      record({ more: Array.from({ length: 300_000 }, () => 1) }),
      "it is longer than 1 MiB when it is written",
    ],
  ];
  for (const [is, text, reason] of records)
    test(`${is} is used, and the record left as it is`, () => {
      const booted = startOn({ [kept]: { ...used, "backstore.json": text } });
      expect([booted.verdict.session, booted.motd]).toEqual(["persistent", "changed\n"]);
      expect(messages(booted).join("\n")).toContain(reason);
    });

  const entries = [
    ["a link to a log that never ends", link("/proc/kmsg")],
    ["a link to a file beside it", link("workdir/../other")],
    ["a pipe", makeEntry("fifo")],
    ["a device", makeEntry("character", { deviceNumber: 0x105 })],
    ["a directory", directory({})],
    ["longer than 1 MiB", file(new Uint8Array((1 << 20) + 1))],
  ] as const;
  for (const [is, entry] of entries)
    test(`whose record is ${is} is used, and the record left as it is`, () => {
      const booted = startOn({ [kept]: { ...used, other: record({}), "backstore.json": entry } });
      expect([booted.verdict.session, booted.motd]).toEqual(["persistent", "changed\n"]);
      expect(messages(booted).join("\n")).toContain("it is not JSON");
    });

  test("with more directories beside it than are listed is used, without a word of them", () => {
    const others = Object.fromEntries(
      Array.from({ length: 20_001 }, (_, at) => [`persistent_${at}`, {}]),
    );
    const { verdict, motd } = startOn({ ...others, [kept]: used });
    expect([verdict.session, motd]).toEqual(["persistent", "changed\n"]);
    // What lies there besides is not known, so no room is kept back from it.
    expect(verdict).toMatchObject({ ballast: null });
  });

  test("with more names in it than are listed is not used", () => {
    const names = Object.fromEntries(Array.from({ length: 20_001 }, (_, at) => [`n${at}`, ""]));
    const { verdict } = startOn({ [kept]: { ...used, ...names } });
    expect(verdict).toMatchObject({
      session: "volatile",
      reason: "/dev/sdb could not be inspected: file too large",
    });
  });
});

describe("the configuration of a medium", () => {
  const global = (words: string) => `global:\n  ${words}\n`;

  test("is read from files alone, and each other thing is named", () => {
    const medium = {
      "sysrescue.d/a.yaml": link("/proc/kmsg"),
      "sysrescue.d/b.yaml": makeEntry("character", { deviceNumber: 0x105 }),
      "sysrescue.d/c.yaml": makeEntry("fifo"),
      "sysrescue.d/d.yaml": global("cow_label: store"),
    };
    const booted = startOn({ [kept]: used }, { medium });
    expect(booted.verdict.session).toBe("persistent");
    expect(booted.verdict.problems).toMatchObject([
      { file: "a.yaml", message: expect.stringContaining("links are not followed") },
      { file: "b.yaml", message: "Cannot read the file: it is not a file" },
      { file: "c.yaml", message: "Cannot read the file: it is not a file" },
    ]);
  });

  test("that is a link to a directory elsewhere is not read", () => {
    const booted = startOn({ [kept]: used }, { medium: { "sysrescue.d": link("/proc/1") } });
    expect(booted.verdict.session).toBe("persistent");
    expect(messages(booted)).toEqual([expect.stringContaining("links are not followed")]);
  });

  test("is read up to 1 MiB in all, and what is left out is named once", () => {
    const large = file(new TextEncoder().encode(`#${"x".repeat(300_000)}\n`));
    const names = Array.from({ length: 300 }, (_, at) => `sysrescue.d/${1000 + at}.yaml`);
    const medium = Object.fromEntries(names.map((name) => [name, large]));
    const booted = startOn({ [kept]: used }, { medium });
    expect(booted.verdict.session).toBe("persistent");
    expect(booted.verdict.problems).toMatchObject([
      { file: "1003.yaml", message: expect.stringContaining("(296 more)") },
    ]);
  });

  test("is read from 100 files at most", () => {
    const names = Array.from({ length: 300 }, (_, at) => `sysrescue.d/${1000 + at}.yaml`);
    const medium = Object.fromEntries(names.map((name) => [name, "\n"]));
    const booted = startOn({ [kept]: used }, { medium });
    expect(booted.verdict.problems).toMatchObject([
      { file: "1100.yaml", message: expect.stringContaining("(199 more)") },
    ]);
  });
});

describe("a medium", () => {
  test("whose base is a link is none", () => {
    const evil = image({
      type: "ext4",
      tree: { "sysresccd/x86_64/airootfs.sfs": link("/dev/sda") },
      pieces: [{ offset: 0, bytes: formats.ext("ext4", "RESCUE1100") }],
    });
    const disks = [
      { name: "sda", content: evil },
      { ...stick(), name: "sdb" },
    ];
    const booted = start("archisolabel=RESCUE1100", { disks });
    expect(booted.verdict).toMatchObject({ session: "volatile", medium: { device: "/dev/sdb" } });
  });

  test("is taken although thirty more carry a live system, and those left out are named once", () => {
    const { content } = stick();
    const disks = Array.from({ length: 30 }, (_, at) => ({
      name: `sd${String.fromCharCode(97 + (at % 26))}${at < 26 ? "" : "a"}`,
      content,
    }));
    const booted = start("", { disks });
    expect(booted.verdict.session).toBe("volatile");
    const left = messages(booted).filter((message) => message.includes("were left out"));
    expect(left).toEqual([expect.stringMatching(/: \/dev\/\w+ and 13 more were left out/)]);
  });
});

describe("the last guard", () => {
  const at = `/run/initramfs/backstore/look/store/${kept}`;
  const bug = "this is a bug in backstore, please report it (Error: ";
  const cases: readonly (readonly [where: string, fault: Fault, session: string])[] = [
    ["a look into a store", { call: "listBelow", naming: at, errno: "bug" }, "volatile"],
    [
      "a look at what was changed",
      { call: "listBelow", naming: `${at}/upperdir`, errno: "bug" },
      "volatile",
    ],
    ["a step", { call: "mount", naming: "overlay", errno: "bug", times: 1 }, "readonly"],
  ];
  for (const [where, fault, session] of cases)
    test(`a bug in ${where} refuses the store, and the boot goes on and says so`, () => {
      const { verdict, console } = startOn({ [kept]: used }, { faults: [fault] });
      expect(verdict.session).toBe(session);
      expect(JSON.stringify(verdict)).toContain(bug);
      expect(JSON.stringify(verdict)).toMatch(/, at [^"]*\)/);
      if (session === "volatile") expect(console).toContain(bug);
    });

  test("a bug in a look into one medium leaves the other", () => {
    const faults = [
      {
        call: "listBelow",
        naming: "/run/initramfs/backstore/look/medium/",
        errno: "bug",
        times: 1,
      },
    ] as const;
    const disks = [stick(), { ...stick(), name: "sdb" }];
    const booted = start("archisolabel=RESCUE1100", { disks, faults });
    expect(booted.verdict).toMatchObject({ session: "volatile", medium: { device: "/dev/sdb" } });
  });
});
