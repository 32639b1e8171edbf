import { expect, describe as group, test } from "vitest";
import { checkDevice, planDevice } from "../../../src/core/create/plan-create-device.ts";
import { findStoreType } from "../../../src/core/file-systems/store-types.ts";
import { describe } from "../../../src/core/steps/step.ts";
import { Failure } from "../../../src/core/text/failure.ts";
import { emptyPartition, photoPartition } from "../../support/device-facts.ts";

const inner = findStoreType("ext4");
const xfs = findStoreType("xfs");
if (inner === undefined || xfs === undefined) throw new Error("no ext4 and xfs");

const cannot = 'Cannot create a file system on "/dev/sdb1": ';

test("planDevice() looks once more, erases, makes, and waits for the medium", () => {
  const { title, steps } = planDevice(photoPartition, { inner, label: "changes" });
  expect([title, ...steps.map(describe)]).toEqual([
    'Create an ext4 file system of 8.0 GiB on "/dev/sdb1", labelled "changes"',
    'check that "/dev/sdb1" has not changed (8.0 GiB, vfat) and is not in use',
    'erase the signatures on "/dev/sdb1" (wipefs --quiet --all /dev/sdb1)',
    'create an ext4 file system on "/dev/sdb1" (mkfs.ext4 -q -F -b 4096 -I 256 -i 8192 -m 0 -O none,has_journal,ext_attr,resize_inode,dir_index,filetype,extent,flex_bg,sparse_super,large_file,huge_file,uninit_bg,dir_nlink,extra_isize -E nodiscard,lazy_itable_init=1,root_owner=0:0 -L changes /dev/sdb1)',
    'sync "/dev/sdb1" to disk',
  ]);
});

group("checkDevice() refuses what must not or cannot be written to", () => {
  const cases = [
    {
      facts: { uses: ['"/dev/sdb1" is mounted on "/mnt"', "more"] },
      failure: new Failure("in-use", `${cannot}"/dev/sdb1" is mounted on "/mnt"`),
    },
    {
      facts: { isReadonly: true },
      failure: new Failure("unsafe", `${cannot}it is write-protected`),
    },
    {
      facts: { bytes: 299 * 2 ** 20 },
      failure: new Failure(
        "no-room",
        `${cannot}it has only 299.0 MiB, but an xfs file system needs 300.0 MiB`,
        "choose another device, or another --type",
      ),
    },
  ];
  for (const { facts, failure } of cases) {
    test(failure.message, () => {
      const check = () => checkDevice({ ...emptyPartition, ...facts }, { inner: xfs, label: "x" });
      expect(check).toThrow(failure);
    });
  }

  test("and nothing else", () => {
    expect(() => checkDevice(photoPartition, { inner: xfs, label: "x" })).not.toThrow();
  });
});
