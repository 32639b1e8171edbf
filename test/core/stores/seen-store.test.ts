import { describe, expect, test } from "vitest";
import type { StoreFile } from "../../../src/core/stores/file-store.ts";
import {
  type ExaminedStore,
  identifySeen,
  summariseRecord,
  uncleanOf,
} from "../../../src/core/stores/seen-store.ts";
import type { Unclean } from "../../../src/core/superblocks/superblock.ts";
import { device, directoryFacts, storeFile } from "../../support/devices.ts";

/** Makes a file store as it was found on a stick; what matters is named. */
function seen(fields: Partial<ExaminedStore> = {}): ExaminedStore {
  return {
    kind: "file",
    device: device("/dev/sdb1", { type: "vfat" }),
    path: "/sysrcd.bs",
    bytes: 1 << 28,
    usedBytes: 1 << 20,
    file: storeFile(),
    directory: directoryFacts({ directory: "", names: ["upperdir", "workdir"] }),
    use: undefined,
    hasPendingLog: undefined,
    unfinished: undefined,
    obstacle: undefined,
    ...fields,
  };
}

function fileWith(unclean: readonly Unclean[], type = "ext4"): StoreFile {
  return storeFile({ type, unclean });
}

function holding(...names: string[]): ExaminedStore {
  return seen({ directory: directoryFacts({ directory: "", names }) });
}

describe("identifySeen()", () => {
  const cases: readonly (readonly [
    name: string,
    store: ExaminedStore,
    kind: string,
    reason?: RegExp,
  ])[] = [
    ["changes are a store in use before", holding("upperdir", "workdir"), "used"],
    ["an empty file system is a new store", holding(), "new"],
    ["what mkfs makes is a new store", holding("lost+found"), "new"],
    ["a record alone is a new store", holding("backstore.json"), "new"],
    [
      "aufs's names are one of the first generation",
      holding(".wh..wh.aufs", "etc"),
      "aufs",
      /first generation/,
    ],
    [
      "aufs beside changes is not touched either",
      holding(".wh..wh.plnk", "upperdir"),
      "aufs",
      /untouched/,
    ],
    ["anything else is no store", holding("photos"), "none", /"photos"/],
    [
      "a link in the place of the changes is no store",
      seen({ directory: directoryFacts({ obstacle: "upperdir" }) }),
      "none",
      /links are not followed/,
    ],
    [
      "an obstacle counts before what is inside",
      seen({ obstacle: { kind: "none", reason: "it is a link, not a file" } }),
      "none",
      /a link/,
    ],
    [
      "what was not looked into is not known",
      seen({ directory: undefined }),
      "unknown",
      /not inspected/,
    ],
  ];
  for (const [name, store, kind, reason] of cases) {
    test(`identifySeen(): ${name}`, () => {
      const state = identifySeen(store);
      expect(state.kind).toBe(kind);
      if (reason === undefined) expect(state.reason).toBe(undefined);
      else expect(state.reason).toMatch(reason);
    });
  }
});

describe("uncleanOf()", () => {
  const disk = (unclean: readonly Unclean[]) => device("/dev/sda", { type: "ext4", unclean });
  const cases: readonly (readonly [
    name: string,
    store: ExaminedStore,
    expected: readonly Unclean[] | undefined,
  ])[] = [
    ["a file's is what its superblock says", seen({ file: fileWith(["dirty"]) }), ["dirty"]],
    ["a file's is not its host's", seen({ device: disk(["errors"]) }), []],
    [
      "a directory's is its file system's",
      seen({ kind: "directory", file: undefined, device: disk(["orphans"]) }),
      ["orphans"],
    ],
    [
      "a log that only a mount finds counts",
      seen({ file: fileWith([], "xfs"), hasPendingLog: true }),
      ["journal"],
    ],
    [
      "a journal is told once",
      seen({ file: fileWith(["journal"]), hasPendingLog: true }),
      ["journal"],
    ],
    [
      "nothing is settled while it is in use",
      seen({ use: { by: "mount", where: "/mnt" } }),
      undefined,
    ],
    ["what is not recognised tells nothing", seen({ file: storeFile({ type: null }) }), undefined],
  ];
  for (const [name, store, expected] of cases)
    test(`uncleanOf(): ${name}`, () => expect(uncleanOf(store)).toEqual(expected));
});

describe("summariseRecord()", () => {
  const whole = {
    format: 1,
    id: "1",
    created: "2024-01-31T00:00:00Z",
    base: { label: "LIVE", image: "base.sfs" },
    overlay: "index=off,metacopy=off,xino=off,redirect_dir=nofollow",
  };
  const withRecord = (record: string | undefined) =>
    summariseRecord(seen({ directory: directoryFacts({ names: ["upperdir"], record }) }));

  test("summariseRecord() gives the store's identity and its last base", () => {
    expect(withRecord(JSON.stringify(whole))).toEqual({
      id: "1",
      created: "2024-01-31T00:00:00Z",
      base: { label: "LIVE", image: "base.sfs" },
      boots: [],
    });
  });

  const others: readonly (readonly [
    name: string,
    record: string | undefined,
    expected: unknown,
  ])[] = [
    ["none where there is no record", undefined, undefined],
    ["none of what cannot be read", "{", undefined],
    ["none of a newer format", JSON.stringify({ ...whole, format: 2 }), undefined],
    [
      "no base where it is not what it should be",
      JSON.stringify({ ...whole, base: 7, created: 7 }),
      { id: "1", created: undefined, base: undefined, boots: [] },
    ],
    [
      "a base whose medium had no label",
      JSON.stringify({ ...whole, base: { image: "base.sfs" } }),
      {
        ...{ id: "1", created: whole.created, boots: [] },
        base: { label: undefined, image: "base.sfs" },
      },
    ],
  ];
  for (const [name, record, expected] of others)
    test(`summariseRecord() gives ${name}`, () => expect(withRecord(record)).toEqual(expected));
});
