import { describe, expect, test } from "vitest";
import { limitsOf, marginBytes } from "../../../src/core/file-systems/hosts.ts";

const MiB = 2 ** 20;
const GiB = 2 ** 30;

describe("limitsOf() knows what a host cannot do", () => {
  const usual = {
    largestFileBytes: undefined,
    pieceBytes: 8 * MiB,
    reservesFirst: false,
    syncsDeviceFirst: false,
    refusal: undefined,
    note: undefined,
    passing: undefined,
  };
  const lost = (words: string) => ({ note: words, passing: words });
  const cases = [
    { type: "vfat", limits: { ...usual, largestFileBytes: 4 * GiB - 1, reservesFirst: true } },
    { type: "msdos", limits: { ...usual, largestFileBytes: 4 * GiB - 1, reservesFirst: true } },
    { type: "exfat", limits: { ...usual, syncsDeviceFirst: true } },
    { type: "ntfs3", limits: usual },
    { type: "fuseblk", limits: usual },
    { type: "ext2", limits: usual },
    {
      type: "never heard of",
      limits: { ...usual, note: "it is on never heard of, which no boot mounts" },
    },
    ...["zfs", "bcachefs", "jfs", "ecryptfs"].map((type) => ({
      type,
      limits: {
        ...usual,
        ...(type === "bcachefs" && { pieceBytes: 64 * MiB }),
        note: `it is on ${type}, which no boot mounts`,
      },
    })),
    ...["fuse", "fuse.sshfs", "fuse.mergerfs", "fuse.rclone"].map((type) => ({
      type,
      limits: { ...usual, note: `it is behind FUSE (${type}), where no boot finds it` },
    })),
    ...["proc", "sysfs", "cgroup2", "devpts"].map((type) => ({
      type,
      limits: { ...usual, ...lost("nothing can be kept there") },
    })),
    ...["aufs", "fuse.fuse-overlayfs"].map((type) => ({
      type,
      limits: { ...usual, ...lost("it is on an overlay, where no boot finds it") },
    })),
    ...["ramfs", "devtmpfs"].map((type) => ({
      type,
      limits: { ...usual, ...lost("it is in memory and is lost at power-off") },
    })),
    { type: "ext4", limits: { ...usual, pieceBytes: 64 * MiB } },
    { type: "btrfs", limits: { ...usual, pieceBytes: 64 * MiB } },
    { type: "iso9660", limits: { ...usual, refusal: "iso9660 is read-only" } },
    {
      type: "tmpfs",
      limits: {
        ...usual,
        pieceBytes: 64 * MiB,
        ...lost("it is in memory and is lost at power-off"),
      },
    },
    {
      type: "nfs4",
      limits: { ...usual, note: "it is on another machine, where no boot finds it" },
    },
    {
      type: "overlay",
      limits: { ...usual, ...lost("it is on an overlay, where no boot finds it") },
    },
  ];
  for (const { type, limits } of cases) {
    test(`limitsOf() of ${type}`, () => {
      expect(limitsOf(type)).toEqual(limits);
    });
  }
});

describe("marginBytes() leaves 1 % of the host free, between 4 and 64 MiB", () => {
  const cases = [
    { host: 0, margin: 4 * MiB },
    { host: 100 * MiB, margin: 4 * MiB },
    { host: GiB, margin: Math.ceil(GiB / 100) },
    { host: 32 * GiB, margin: 64 * MiB },
  ];
  for (const { host, margin } of cases) {
    test(`marginBytes() of ${host}`, () => {
      expect(marginBytes(host)).toBe(margin);
    });
  }
});
