import { expect, test } from "vitest";
import { describeHidden } from "../../../src/core/devices/hidden-devices.ts";
import { describeTableFault } from "../../../src/core/devices/table-fault.ts";
import { device } from "../../support/devices.ts";

const plain = device("/dev/sda1", { type: "ext4" });

test("describeHidden() tells of what nobody can look into", () => {
  expect(describeHidden([plain])).toBe("");
  const some = device("/dev/sdb", { type: "ambivalent" });
  const marks = { signatures: ["xfs", "iso9660"] };
  const ambivalent = { ...some, superblock: some.superblock && { ...some.superblock, ...marks } };
  expect(describeHidden([plain, ambivalent])).toBe(
    "; not looked into: /dev/sdb (it has the marks of xfs and iso9660, and none of them is believed)",
  );
  const locked = device("/dev/sdc", { type: "crypto_LUKS" });
  const broken = { ...device("/dev/sdd"), problem: "it cannot be read: I/O error" };
  expect(describeHidden([locked, plain, broken])).toBe(
    "; not looked into: /dev/sdc (it is encrypted and locked); /dev/sdd (it cannot be read: I/O error)",
  );
  const drive = { ...device("/dev/sr0"), optical: true, problem: "there is no disc in the drive" };
  expect(describeHidden([drive])).toBe("");
});

test("describeTableFault() tells what can be done about it", () => {
  expect(describeTableFault({ why: "damaged", backup: [] })).toBe(
    'its partition table (GPT) is damaged, so the kernel shows none of its partitions: gdisk repairs it, and "gpt" on the kernel command line uses its backup',
  );
  expect(describeTableFault({ why: "too-long", backup: undefined })).toBe(
    "its partition table (GPT) is that of a larger disk, so the kernel shows none of its partitions: gdisk may repair it",
  );
});
