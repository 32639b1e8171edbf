import { describe, expect, test } from "vitest";
import {
  type HostFacts,
  type HostOffer,
  identifyOffer,
} from "../../../src/core/stores/host-offer.ts";
import { formatResizeRecord } from "../../../src/core/stores/resize-record.ts";
import {
  directoryFacts,
  type FileFields,
  hostFacts,
  hostWith,
  hostWithout,
  storeFile,
} from "../../support/devices.ts";

const refused = (reason: string): HostOffer => ({ kind: "refused", reason });
const needs = "a store needs ext2, ext3, ext4, xfs, btrfs or f2fs";
const torn = formatResizeRecord({
  operation: "grow",
  from: 1 << 20,
  to: 1 << 21,
  stage: "applying",
  scratch: "/x",
});

describe("identifyOffer()", () => {
  const cases: readonly (readonly [is: string, facts: HostFacts, offer: HostOffer])[] = [
    ["nothing", hostFacts(), { kind: "nothing" }],
    [
      "a host that nobody could look into",
      hostFacts({ obstacle: "this kernel has no driver for exfat" }),
      { kind: "unseen", reason: "this kernel has no driver for exfat" },
    ],
    [
      "a host whose journal may hold the file",
      hostFacts({ ignoredJournal: true }),
      { kind: "unseen", reason: expect.stringContaining("after its journal is replayed") },
    ],
    [
      "a directory in its place",
      hostWithout({ kind: "none", reason: "it is a directory" }),
      refused("it is a directory"),
    ],
    ["an empty file", hostWith({ bytes: 0, type: null }), refused("it is empty")],
    [
      "a file that no file system fits into",
      hostWith({ bytes: 1000, type: null }),
      refused("it is too small for a file system (1000 B)"),
    ],
    [
      "a file that is no file system",
      hostWith({ type: null }),
      refused("no file system was recognised in it"),
    ],
    [
      "a file with a vfat in it",
      hostWith({ type: "vfat" }),
      refused(`it contains vfat, and ${needs}`),
    ],
    [
      "a file with the marks of two file systems",
      hostWith({ type: "ambivalent" }),
      refused(`it contains ambivalent, and ${needs}`),
    ],
    [
      "an encrypted file",
      hostWith({ type: "crypto_LUKS" }),
      refused("it is encrypted (crypto_LUKS), which this version does not support"),
    ],
    [
      "a file that was copied in part",
      hostWith({ bytes: 1 << 20, innerBytes: 3 << 20 }),
      refused("it is truncated: its file system has 3.0 MiB, the file only 1.0 MiB"),
    ],
    [
      "a file system that cannot be mounted",
      hostWith({}, { problem: "it cannot be inspected: bad" }),
      refused("it contains ext4, and it cannot be inspected: bad"),
    ],
    [
      "a file system that cannot be mounted because its size was being changed",
      hostWith({ intent: torn }, { problem: "it cannot be inspected: bad" }),
      refused(
        'it contains ext4, and it cannot be inspected: bad; an interrupted resize must be completed first (backstore grow "/run/backstore/host/sysrcd.bs" 2097152B)',
      ),
    ],
    [
      "a store of the first generation",
      hostWith({ type: "ext3" }, { names: [".wh..wh.aufs", "etc"] }),
      refused(
        "it contains a store of the first generation (aufs), which is left untouched; take it over with: backstore import MOUNT/sysrcd.bs NEW",
      ),
    ],
    [
      "a file system with something else in it",
      hostWith({}, { names: ["lost+found", "photos"] }),
      refused('it is not a store and not empty (it contains "photos")'),
    ],
    [
      "a link in the place of the upper directory",
      hostWith({}, { obstacle: "upperdir" }),
      refused('"upperdir" is not a directory, and links are not followed'),
    ],
  ];
  for (const [is, facts, offer] of cases) {
    test(`identifyOffer() knows ${is}`, () => {
      expect(identifyOffer(facts)).toEqual(offer);
    });
  }

  const stores: readonly (readonly [is: string, fields: FileFields, names: string[]])[] = [
    ["a new store", {}, ["lost+found"]],
    ["a new store without anything in it", { type: "xfs" }, []],
    ["a used store", { type: "btrfs" }, ["backstore.json", "upperdir", "workdir"]],
    ["a store that fills its file exactly", { innerBytes: 256 << 20 }, ["upperdir"]],
    ["a sparse store", { allocatedBytes: 0 }, ["upperdir"]],
    ["a store with errors, which is for the plan to know", { unclean: ["errors"] }, ["upperdir"]],
  ];
  for (const [is, fields, names] of stores) {
    test(`identifyOffer() knows ${is}`, () => {
      expect(identifyOffer(hostWith(fields, { names }))).toEqual({
        kind: "store",
        file: storeFile(fields),
        directory: directoryFacts({ exists: true, directory: "", names }),
      });
    });
  }
});
