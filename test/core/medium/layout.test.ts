import { describe, expect, test } from "vitest";
import {
  directoriesToList,
  identifyLayout,
  type LayoutFinding,
  type LayoutRequest,
} from "../../../src/core/medium/layout.ts";

const request: LayoutRequest = { baseDirectory: undefined, machine: "x86_64" };
const fedoraNested = ["LiveOS/rootfs.img", "LiveOS/ext3fs.img"];

/** Formats a finding as a short text: "archiso IMAGE", "refused: REASON", "none". */
function show(finding: LayoutFinding | undefined): string {
  if (finding === undefined) return "none";
  return "refused" in finding
    ? `refused: ${finding.refused}`
    : `${finding.layout.name} ${finding.layout.image}`;
}

const both = ["arch/x86_64/airootfs.sfs", "sysresccd/x86_64/airootfs.sfs"];
const layers = [
  "minimal",
  "minimal.standard",
  "minimal.standard.live",
  "minimal.de",
  "minimal.fr",
].map((name) => `casper/${name}.squashfs`);

const cases: readonly (readonly [
  is: string,
  paths: readonly string[],
  finding: string,
  given?: Partial<LayoutRequest>,
])[] = [
  ["nothing", [], "none"],
  ["somebody's files", ["home", "photos/1.jpg", "x86_64", "airootfs.sfs"], "none"],
  ["SystemRescue", ["sysresccd/x86_64/airootfs.sfs"], "archiso sysresccd/x86_64/airootfs.sfs"],
  ["Arch with erofs", ["arch/x86_64/airootfs.erofs"], "archiso arch/x86_64/airootfs.erofs"],
  ["a name with spaces", ["my live/x86_64/airootfs.sfs"], "archiso my live/x86_64/airootfs.sfs"],
  [
    "both images in one directory",
    ["arch/x86_64/airootfs.erofs", "arch/x86_64/airootfs.sfs"],
    "archiso arch/x86_64/airootfs.sfs",
  ],
  ["another machine's base", ["sysresccd/i686/airootfs.sfs"], "none"],
  [
    "this machine's base of two",
    ["sysresccd/i686/airootfs.sfs", "sysresccd/aarch64/airootfs.sfs"],
    "archiso sysresccd/aarch64/airootfs.sfs",
    { machine: "aarch64" },
  ],
  [
    "two bases",
    both,
    'refused: it has more than one base ("arch/x86_64/airootfs.sfs", "sysresccd/x86_64/airootfs.sfs"); choose one with archisobasedir=',
  ],
  [
    "many bases under names that would forge a line",
    ["a\nb", "c", "d", "e", "f"].map((name) => `${name}/x86_64/airootfs.sfs`),
    'refused: it has more than one base ("a\\nb/x86_64/airootfs.sfs", "c/x86_64/airootfs.sfs", "d/x86_64/airootfs.sfs" and 2 more); choose one with archisobasedir=',
  ],
  [
    "the base that archisobasedir names",
    both,
    "archiso sysresccd/x86_64/airootfs.sfs",
    { baseDirectory: "sysresccd" },
  ],
  [
    "a base in a directory of a directory",
    ["boot/live/x86_64/airootfs.sfs"],
    "archiso boot/live/x86_64/airootfs.sfs",
    { baseDirectory: "boot/live" },
  ],
  [
    "not a base whose directory only ends alike",
    ["a/arch/x86_64/airootfs.sfs"],
    "none",
    { baseDirectory: "arch" },
  ],
  ["nothing where archisobasedir names", both, "none", { baseDirectory: "other" }],
  [
    "nothing else where archisobasedir is given",
    ["live/filesystem.squashfs"],
    "none",
    { baseDirectory: "sysresccd" },
  ],
  ["Debian", ["live/filesystem.squashfs"], "debian live/filesystem.squashfs"],
  ["Fedora", ["LiveOS/squashfs.img"], "fedora LiveOS/squashfs.img"],
  ["Ubuntu", ["casper/filesystem.squashfs"], "ubuntu casper/filesystem.squashfs"],
  [
    "Ubuntu with more images beside the one",
    ["casper/filesystem.squashfs", "casper/installer.squashfs"],
    "ubuntu casper/filesystem.squashfs",
  ],
  [
    "Ubuntu's layers",
    layers,
    'refused: its base consists of layers ("casper/minimal.squashfs", "casper/minimal.standard.squashfs", "casper/minimal.standard.live.squashfs" and 2 more), which are not supported',
  ],
  ["the first generation", ["sysrcd.dat", "sysrcd.md5"], "sysrcd sysrcd.dat"],
  ["not what only looks like it", ["Sysrcd.dat", "live/filesystem.squashfs.old", "liveos"], "none"],
  [
    "archiso before the others",
    ["live/filesystem.squashfs", "sysresccd/x86_64/airootfs.sfs"],
    "archiso sysresccd/x86_64/airootfs.sfs",
  ],
];

describe("identifyLayout()", () => {
  for (const [is, paths, finding, given] of cases) {
    test(`identifyLayout() finds ${is}`, () => {
      expect(show(identifyLayout(paths, { ...request, ...given }))).toBe(finding);
    });
  }

  test("identifyLayout() says where Fedora may have an image in the image", () => {
    expect(identifyLayout(["LiveOS/squashfs.img"], request)).toMatchObject({
      layout: { nested: fedoraNested },
    });
  });
});

describe("directoriesToList()", () => {
  test("directoriesToList() lists what may hold a base, and no more", () => {
    expect(directoriesToList(["EFI", "casper", "live", "sysresccd"], request)).toEqual([
      "live",
      "casper",
      "sysresccd/x86_64",
      "EFI/x86_64",
      "casper/x86_64",
      "live/x86_64",
    ]);
  });

  test("directoriesToList() lists the one that archisobasedir names", () => {
    const given = { ...request, baseDirectory: "boot/live" };
    expect(directoriesToList(["boot", "live"], given)).toEqual(["boot/live/x86_64"]);
  });

  test("directoriesToList() ends on a disk with thousands of names, and misses no usual one", () => {
    const top = [...Array(5000).keys()].map((number) => `photo-${number}`);
    const listed = directoriesToList([...top, "sysresccd", "live"], request);
    expect(listed.length).toBeLessThan(1100);
    expect(listed).toContain("sysresccd/x86_64");
    expect(listed).toContain("live");
  });

  test("directoriesToList() finds a base of any name beside a hundred files", () => {
    const top = [...Array(100).keys()].map((number) => `photo-${number}`);
    expect(directoriesToList([...top, "rescue"], request)).toContain("rescue/x86_64");
  });
});
