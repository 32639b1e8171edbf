// Partition tables made by sfdisk and xorriso, with sfdisk's own reading of them as the oracle.

import { mkdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { openSource } from "../../src/core/bytes/source.ts";
import { identify } from "../../src/core/superblocks/identify.ts";
import { readPartitions, readTable } from "../../src/core/superblocks/partitions.ts";
import { newImage, patch, withReader } from "./images.ts";
import { run, temporaryDirectory } from "./programs.ts";

const directory = temporaryDirectory();
const tree = join(directory, "tree");
mkdirSync(tree);
writeFileSync(join(tree, "file"), "content\n");

function partitionsOf(file: string, sectorBytes?: number) {
  return withReader(file, (read, bytes) => readPartitions(openSource(read, bytes), sectorBytes));
}

interface Listed {
  readonly node: string;
  readonly start: number;
  readonly size: number;
  readonly type: string;
  readonly uuid?: string;
  readonly name?: string;
}

/** Returns what sfdisk lists, in our words, without extended partitions. */
function listedBySfdisk(file: string) {
  // The format is sfdisk's, and the tests fail if it is another.
  const listing = JSON.parse(run(["sfdisk", "--json", file])) as {
    partitiontable: { label: string; id: string; sectorsize: number; partitions?: Listed[] };
  };
  const { label, id, sectorsize, partitions = [] } = listing.partitiontable;
  return partitions
    .filter(({ type }) => !(label === "dos" && ["5", "f", "85"].includes(type)))
    .map(({ node, start, size, type, uuid, name }) => {
      const number = Number(node.slice(file.length));
      const mbrUuid = `${id.slice(2)}-${number.toString(16).padStart(2, "0")}`;
      return {
        number,
        offset: start * sectorsize,
        bytes: size * sectorsize,
        partUuid: label === "gpt" ? uuid?.toLowerCase() : mbrUuid,
        partLabel: name,
        typeId: label === "gpt" ? type.toLowerCase() : `0x${type}`,
      };
    });
}

describe("readPartitions() lists what sfdisk lists of", () => {
  const scripts = [
    { name: "an MBR with one partition", count: 1, script: "label: dos\n,,c,*\n" },
    {
      name: "an MBR with a gap in its numbers",
      count: 2,
      script: "label: dos\n1: start=2048 size=2048 type=83\n3: start=8192 size=4096 type=82\n",
    },
    {
      name: "an MBR with logical partitions",
      count: 7,
      script: "label: dos\n,1M,83\n,1M,83\n,30M,5\n,2M,7\n,1M,83\n,3M,82\n,1M,83\n,1M,83\n",
    },
    {
      name: "an MBR with an extended partition as its first",
      count: 2,
      script: "label: dos\n,30M,f\n,2M,83\n,,83\n",
    },
    { name: "an MBR without partitions", count: 0, script: "label: dos\n" },
    {
      name: "a GPT with names",
      count: 3,
      script: `label: gpt\nsize=1M, name="größe ☕"\nsize=1M\nname="${"n".repeat(36)}"\n`,
    },
    {
      name: "a GPT with a gap in its numbers",
      count: 2,
      script: "label: gpt\n2: size=1M\n7: size=2M, type=uefi\n",
    },
    { name: "a GPT of 512 entries", count: 1, script: "label: gpt\ntable-length: 512\nsize=1M\n" },
    { name: "a GPT without partitions", count: 0, script: "label: gpt\n" },
  ];
  for (const [index, { name, count, script }] of scripts.entries()) {
    test(name, () => {
      const file = newImage(directory, `table${index}`, 64);
      run(["sfdisk", "--quiet", file], script);
      const found = partitionsOf(file);
      expect(found).toHaveLength(count);
      expect(found).toEqual(listedBySfdisk(file));
      expect(withReader(file, identify)).toBeUndefined();
    });
  }

  test("a GPT whose first header is overwritten", () => {
    const file = newImage(directory, "backup", 64);
    run(["sfdisk", "--quiet", file], 'label: gpt\nsize=1M, name="kept"\n');
    patch(file, 512, new Uint8Array(512));
    // sfdisk takes the backup, the kernel does not.
    const { partitions, fault } = withReader(file, readTable);
    expect(partitions).toEqual([]);
    expect(fault?.backup).toMatchObject([{ partLabel: "kept" }]);
    expect(fault?.backup).toEqual(listedBySfdisk(file));
  });

  test("a GPT in sectors of 4096 bytes, which nothing else can tell", () => {
    const file = newImage(directory, "4096", 64);
    run(["fdisk", "--sector-size", "4096", file], "g\nn\n\n\n+1M\nw\n");
    expect(partitionsOf(file, 4096)).toMatchObject([{ number: 1, bytes: 2 ** 20 }]);
    expect(partitionsOf(file)).toEqual([]);
  });

  const store = newImage(directory, "store", 4);
  run(["mkfs.ext4", "-q", "-L", "beside", store]);
  const hybrids = [
    { name: "an MBR", options: ["-append_partition", "3", "0x83", store] },
    {
      name: "a GPT",
      options: ["-append_partition", "3", "0x83", store, "-appended_part_as_gpt"],
    },
  ];
  for (const { name, options } of hybrids) {
    test(`a hybrid image with ${name}, and the file system beside the image`, () => {
      const file = join(directory, `${name}.iso`);
      const base = ["xorriso", "-as", "mkisofs", "-quiet", "-partition_offset", "16"];
      run([...base, ...options, "-V", "HYBRID", "-o", file, tree]);
      const found = partitionsOf(file);
      const listed = listedBySfdisk(file);
      // For sfdisk, an identity of zeros is one.
      const plain = listed.map((partition) =>
        partition.partUuid?.startsWith("00000000-")
          ? { ...partition, partUuid: undefined }
          : partition,
      );
      expect(found).toEqual(plain);
      const labels = withReader(file, (read, bytes) => {
        const whole = identify(read, bytes);
        const parts = found.map(({ offset, bytes: size }) =>
          identify((at, length) => read(offset + at, Math.min(length, size - at)), size),
        );
        return [whole, ...parts].map((superblock) => superblock?.label);
      });
      expect(labels[0]).toBe("HYBRID");
      expect(labels).toContain("beside");
    });
  }
});

describe("readPartitions() finds none in", () => {
  const makers = [
    { name: "vfat 12", megabytes: 4, argv: ["mkfs.vfat", "-F", "12"] },
    { name: "vfat 16", megabytes: 40, argv: ["mkfs.vfat", "-F", "16"] },
    { name: "vfat 32", megabytes: 300, argv: ["mkfs.vfat", "-F", "32"] },
    { name: "exfat", megabytes: 32, argv: ["mkfs.exfat"] },
    { name: "ntfs", megabytes: 8, argv: ["mkntfs", "-q", "-F", "-f"] },
    { name: "ext4", megabytes: 8, argv: ["mkfs.ext4", "-q"] },
  ];
  for (const { name, megabytes, argv } of makers) {
    test(`a device that is ${name} as a whole`, () => {
      const file = newImage(directory, name, megabytes);
      run([...argv, file]);
      expect(statSync(file).size).toBe(megabytes * 2 ** 20);
      expect(withReader(file, identify)?.type).toBe(name.split(" ")[0]);
      expect(partitionsOf(file)).toEqual([]);
    });
  }
});
