import { expect, describe as group, test } from "vitest";
import {
  type CreateFacts,
  type CreateRequest,
  planCreate,
} from "../../../src/core/create/plan-create-file.ts";
import { findStoreType, type StoreFileSystem } from "../../../src/core/file-systems/store-types.ts";
import { describe } from "../../../src/core/steps/step.ts";
import { Failure } from "../../../src/core/text/failure.ts";

const MiB = 2 ** 20;
const GiB = 2 ** 30;

function inner(type: string): StoreFileSystem {
  const found = findStoreType(type);
  if (found === undefined) throw new Error(`no ${type}`);
  return found;
}

const stick: CreateFacts = {
  store: "/mnt/usb/sysrcd.bs",
  writable: { store: "/mnt/usb/sysrcd.bs", before: [], after: [] },
  existing: undefined,
  remains: [],
  isUnfinished: false,
  host: {
    type: "ext4",
    target: "/mnt/usb",
    totalBytes: 8 * GiB,
    availableBytes: 6 * GiB,
    sectorBytes: 512,
  },
};
const asked: CreateRequest = {
  size: 256 * MiB,
  inner: inner("ext4"),
  label: undefined,
  force: false,
};
const fat = { ...stick.host, type: "vfat" };

function steps(facts: Partial<CreateFacts>, request: Partial<CreateRequest> = {}): string[] {
  const plan = planCreate({ ...stick, ...facts }, { ...asked, ...request });
  return [plan.title, ...plan.steps.map(describe)];
}

function failure(facts: Partial<CreateFacts>, request: Partial<CreateRequest>): unknown {
  try {
    planCreate({ ...stick, ...facts }, { ...asked, ...request });
  } catch (error) {
    return error;
  }
  return undefined;
}

group("planCreate() plans a store that is whole before it has its name", () => {
  const mkfs = (path: string) =>
    `mkfs.ext4 -q -F -b 4096 -I 256 -i 8192 -m 0 -O none,has_journal,ext_attr,resize_inode,dir_index,filetype,extent,flex_bg,sparse_super,large_file,huge_file,uninit_bg,dir_nlink,extra_isize -J size=4 -E nodiscard,lazy_itable_init=0,lazy_journal_init=1,root_owner=0:0 ${path}`;
  const temporary = "/mnt/usb/sysrcd.bs.backstore-new";

  test("on a stick with room", () => {
    expect(steps({})).toEqual([
      'Create the store "/mnt/usb/sysrcd.bs" of 256.0 MiB (ext4)',
      `create the file "${temporary}"`,
      `allocate 256.0 MiB for "${temporary}"`,
      `create an ext4 file system in "${temporary}" (${mkfs(temporary)})`,
      `make sure that all 256.0 MiB of "${temporary}" is allocated`,
      `sync "${temporary}" to disk`,
      `rename "${temporary}" to "/mnt/usb/sysrcd.bs"`,
      'sync "/mnt/usb" to disk',
    ]);
  });

  test("with what a killed run left, and in place of the store that is there", () => {
    const existing = { kind: "file", type: "ext4" } as const;
    const remains = [{ path: temporary, bytes: 5 }];
    expect(steps({ existing, remains }, { force: true })).toEqual([
      'Create the store "/mnt/usb/sysrcd.bs" of 256.0 MiB (ext4)',
      `remove "${temporary}"`,
      `create the file "${temporary}"`,
      `allocate 256.0 MiB for "${temporary}"`,
      `create an ext4 file system in "${temporary}" (${mkfs(temporary)})`,
      `make sure that all 256.0 MiB of "${temporary}" is allocated`,
      `sync "${temporary}" to disk`,
      `rename "${temporary}" to "/mnt/usb/sysrcd.bs", replacing the existing file`,
      'sync "/mnt/usb" to disk',
    ]);
  });

  test("through another path, on a host that is made writable for the moment", () => {
    const target = "/run/initramfs/backstore/medium";
    const writable = {
      store: `${target}/x.bs`,
      before: [{ do: "remount", target, readonly: false }],
      after: [{ do: "remount", target, readonly: true, optional: true }],
    } as const;
    const said = steps({ writable });
    expect(said[0]).toBe('Create the store "/mnt/usb/sysrcd.bs" of 256.0 MiB (ext4)');
    expect(said[1]).toBe(`remount "${target}" read-write`);
    expect(said[2]).toBe(`create the file "${target}/x.bs.backstore-new"`);
    expect(said.at(-3)).toBe(`rename "${target}/x.bs.backstore-new" to "${target}/x.bs"`);
    expect(said.at(-1)).toBe(`remount "${target}" read-only`);
  });

  test("in small pieces where the host writes zeros", () => {
    const pieces = (facts: Partial<CreateFacts>) =>
      planCreate({ ...stick, ...facts }, asked).steps.flatMap((step) =>
        step.do === "allocate" ? [step.pieceBytes] : [],
      );
    expect([pieces({}), pieces({ host: fat })]).toEqual([[64 * MiB], [8 * MiB]]);
  });
});

group("planCreate() chooses the size", () => {
  const cases = [
    { name: "as it is asked for", facts: {}, size: 256 * MiB, bytes: 256 * MiB },
    { name: "in whole blocks", facts: {}, size: 500_000_000, bytes: 499_998_720 },
    { name: "max: what is free less 64 MiB", facts: {}, size: "max", bytes: 6 * GiB - 64 * MiB },
    {
      name: "max on FAT: the last whole MiB below 4 GiB",
      facts: { host: fat },
      size: "max",
      bytes: 4095 * MiB,
    },
    {
      name: "with the room that remains of a killed run take",
      facts: {
        host: { ...stick.host, availableBytes: 100 * MiB },
        remains: [{ path: "/x", bytes: 256 * MiB }],
      },
      size: 256 * MiB,
      bytes: 256 * MiB,
    },
    {
      name: "the largest that leaves the margin",
      facts: { host: { ...stick.host, availableBytes: 320 * MiB } },
      size: 256 * MiB,
      bytes: 256 * MiB,
    },
  ] as const;
  for (const { name, facts, size, bytes } of cases) {
    test(name, () => {
      expect(planCreate({ ...stick, ...facts }, { ...asked, size }).result.bytes).toBe(bytes);
    });
  }
});

group("planCreate() refuses what cannot be", () => {
  const cases: readonly {
    readonly facts?: Partial<CreateFacts>;
    readonly request?: Partial<CreateRequest>;
    readonly failure: Failure;
  }[] = [
    {
      facts: { existing: { kind: "file", type: "ext4" } },
      failure: new Failure(
        "unsafe",
        'Cannot create "/mnt/usb/sysrcd.bs": it already exists (ext4)',
        'enlarge it with "backstore grow", or replace it and lose its contents with --force',
      ),
    },
    {
      facts: { existing: { kind: "file", type: undefined } },
      failure: new Failure(
        "unsafe",
        'Cannot create "/mnt/usb/sysrcd.bs": a file of that name exists and is not a store',
        "choose another name or replace it with --force",
      ),
    },
    {
      facts: { existing: { kind: "other" } },
      request: { force: true },
      failure: new Failure(
        "usage",
        'Cannot create "/mnt/usb/sysrcd.bs": it exists and is not a file',
        'to create a file system for directory stores on a device, use "backstore create --device"',
      ),
    },
    {
      facts: { existing: { kind: "file", type: "ext4" }, isUnfinished: true },
      request: { force: true },
      failure: new Failure(
        "unsafe",
        'Cannot create "/mnt/usb/sysrcd.bs": an interrupted resize of the existing store must be completed first',
        'complete it with "backstore grow" or "backstore shrink", or remove the store',
      ),
    },
    {
      request: { size: 6 * GiB },
      failure: new Failure(
        "no-room",
        'Cannot create "/mnt/usb/sysrcd.bs" of 6.0 GiB: only 6.0 GiB is free on "/mnt/usb", 64.0 MiB of it reserved for the host',
        "choose a size of at most 6080 MiB or another device",
      ),
    },
    {
      facts: { host: { ...stick.host, availableBytes: 320 * MiB - 1 } },
      failure: new Failure(
        "no-room",
        'Cannot create "/mnt/usb/sysrcd.bs" of 256.0 MiB: only 319.9 MiB is free on "/mnt/usb", 64.0 MiB of it reserved for the host',
        "choose a size of at most 255 MiB or another device",
      ),
    },
    {
      facts: { host: { ...stick.host, availableBytes: 0 } },
      failure: new Failure(
        "no-room",
        'Cannot create "/mnt/usb/sysrcd.bs" of 256.0 MiB: only 0 B is free on "/mnt/usb", 64.0 MiB of it reserved for the host',
        "free some room or choose another device",
      ),
    },
    {
      facts: { host: { ...stick.host, availableBytes: 0 } },
      request: { size: "max" },
      failure: new Failure(
        "no-room",
        'Cannot create "/mnt/usb/sysrcd.bs" of 0 B: an ext4 store needs at least 8.0 MiB',
        "free some room or choose another device",
      ),
    },
    {
      facts: { host: fat },
      request: { size: 4 * GiB },
      failure: new Failure(
        "no-room",
        'Cannot create "/mnt/usb/sysrcd.bs" of 4.0 GiB: a file on vfat must be smaller than 4.0 GiB',
        "choose a size of at most 4095 MiB or another device",
      ),
    },
    {
      request: { size: 299 * MiB, inner: inner("xfs") },
      failure: new Failure(
        "usage",
        'Cannot create "/mnt/usb/sysrcd.bs" of 299.0 MiB: an xfs store needs at least 300.0 MiB',
        "choose a larger size",
      ),
    },
    {
      request: { size: 108 * MiB, inner: inner("btrfs") },
      failure: new Failure(
        "usage",
        'Cannot create "/mnt/usb/sysrcd.bs" of 108.0 MiB: a btrfs store needs at least 109.0 MiB',
        "choose a larger size",
      ),
    },
  ];
  for (const { facts = {}, request = {}, failure: expected } of cases) {
    test(expected.message, () => {
      expect(failure(facts, request)).toEqual(expected);
    });
  }

  test("what the largest hint says is possible", () => {
    const facts = { host: { ...stick.host, availableBytes: 6 * GiB } };
    expect(failure(facts, { size: 6080 * MiB })).toBeUndefined();
  });
});
