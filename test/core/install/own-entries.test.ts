// Our own initramfs in entries, in place of what they load.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { findOwnBase } from "../../../src/core/install/own-base.ts";
import { planChanges } from "../../../src/core/install/plan-changes.ts";
import { editText } from "../../../src/core/menus/edit.ts";
import { identifyMenu } from "../../../src/core/menus/menu-files.ts";
import { readMenus } from "../../../src/core/menus/read-menus.ts";
import { type GeneratedMenu, grubMenus, syslinuxMenus } from "../../support/generated-menus.ts";

const known = "title x\nlinux /live/vmlinuz\ninitrd /live/initrd.img\noptions boot=live\n";
const own = "/backstore/own1.img";

/** Changes a menu on a medium whose family is known by another one. */
function change(file: string, text: string): string {
  const texts = new Map([
    ["loader/entries/known.conf", known],
    [file, text],
  ]);
  const { changes } = planChanges(
    { files: [...texts.keys()], texts },
    { addon: own.slice(1), words: [], isOwn: true },
  );
  return editText(text, changes.find(({ path }) => path === file)?.edits ?? []);
}

const cases: readonly [what: string, file: string, before: string, after: string][] = [
  [
    "behind microcode, in GRUB",
    "boot/grub/grub.cfg",
    "menuentry a {\nlinux /v boot=live\ninitrd ($root)/intel-ucode.img ($root)/amd_ucode.img ($root)/i ($root)/j\n}\n",
    `menuentry a {\nlinux /v boot=live\ninitrd ($root)/intel-ucode.img ($root)/amd_ucode.img ($root)${own}\n}\n`,
  ],
  [
    "in place of a name that has microcode in it, in GRUB",
    "boot/grub/grub.cfg",
    "menuentry a {\nlinux /v boot=live\ninitrd /initrd-ucode.img\n}\n",
    `menuentry a {\nlinux /v boot=live\ninitrd ${own}\n}\n`,
  ],
  [
    "in both branches of a condition",
    "boot/grub/grub.cfg",
    "menuentry a {\nif x; then\nlinux /v boot=live\ninitrd /i\nelse\nlinux /w boot=live\ninitrd /j /k\nfi\n}\n",
    `menuentry a {\nif x; then\nlinux /v boot=live\ninitrd ${own}\nelse\nlinux /w boot=live\ninitrd ${own}\nfi\n}\n`,
  ],
  [
    "behind microcode, in a line of syslinux",
    "isolinux/live.cfg",
    "LABEL a\nLINUX /v\nINITRD /intel_ucode.img,/i,/j\nAPPEND boot=live\n",
    `LABEL a\nLINUX /v\nINITRD /intel_ucode.img,${own}\nAPPEND boot=live\n`,
  ],
  [
    "in an argument of syslinux",
    "isolinux/live.cfg",
    "LABEL a\nKERNEL /v\nAPPEND vga=1 initrd=/i,/j boot=live --\n",
    `LABEL a\nKERNEL /v\nAPPEND vga=1 initrd=${own} boot=live --\n`,
  ],
  [
    "in an entry of systemd-boot",
    "loader/entries/a.conf",
    "linux /v\ninitrd /amd-ucode.img\n initrd /i\noptions boot=live\ninitrd  /j",
    `linux /v\ninitrd /amd-ucode.img\n #initrd /i\noptions boot=live\ninitrd  ${own}`,
  ],
  [
    "with the word for the base in memory",
    "loader/entries/a.conf",
    "linux /v\ninitrd /i\noptions boot=live toram\n",
    `linux /v\ninitrd ${own}\noptions copytoram boot=live toram\n`,
  ],
  [
    "not in an entry for an image in a file",
    "boot/grub/loopback.cfg",
    "menuentry a {\nlinux /v boot=live\ninitrd /i\n}\n",
    "menuentry a {\nlinux /v boot=live\ninitrd /i\n}\n",
  ],
];

function check(file: string, { text, live }: GeneratedMenu): void {
  const read = (one: string) =>
    readMenus([{ file, text: one, loader: identifyMenu(file) ?? "other" }]);
  const after = read(change(file, text));
  const loaded = after.flatMap(({ initrds }) => initrds);
  // Where there are several commands, each is in a branch of its own.
  const ours = after.filter(({ initrds }) => initrds.flat().some((path) => path.endsWith(own)));
  expect(ours.length).toBe(live);
  for (const list of loaded.filter((paths) => paths.some((path) => path.endsWith(own))))
    expect(list.filter((path) => !path.includes("ucode")).length).toBe(1);
  expect(after.map(({ title, obstacle }) => [title, obstacle])).toEqual(
    read(text).map(({ title, obstacle }) => [title, obstacle]),
  );
}

describe("planChanges()", () => {
  for (const [what, file, before, after] of cases)
    test(`planChanges() puts our own initramfs ${what}`, () => {
      expect(change(file, before)).toBe(after);
    });

  test("planChanges() leaves nothing of the distribution's in any menu", () => {
    fc.assert(
      fc.property(grubMenus, (menu) => check("boot/grub/grub.cfg", menu)),
      { numRuns: 100 },
    );
    fc.assert(
      fc.property(syslinuxMenus, (menu) => check("isolinux/live.cfg", menu)),
      { numRuns: 100 },
    );
  });
});

describe("findOwnBase()", () => {
  const find = (text: string, ...files: string[]) =>
    findOwnBase({ files, texts: new Map([["isolinux/live.cfg", text]]) }, "x86_64");
  const entry = (kernel: string, words: string) =>
    `LABEL a\nLINUX ${kernel}\nINITRD i\nAPPEND ${words}\n`;

  test("findOwnBase() finds the kernel where syslinux would, whatever the letter case", () => {
    const image = "live/filesystem.squashfs";
    for (const [kernel, file] of [
      ["/live/vmlinuz", "live/VMLINUZ"],
      ["vmlinuz", "isolinux/vmlinuz"],
      ["boot/vmlinuz", "sysresccd/boot/vmlinuz"],
    ] as const)
      expect(find(entry(kernel, "boot=live"), image, file)).toEqual({ image, kernels: [file] });
    expect(find(entry("v", "boot=live"), image, "a/v", "b/v")).toEqual({
      refused: 'the kernel of "a" in "isolinux/live.cfg" is not found',
    });
  });

  test("findOwnBase() takes the base that an entry names", () => {
    const files = ["a/x86_64/airootfs.sfs", "b/x86_64/airootfs.sfs", "v"];
    expect(find(entry("/v", "archisobasedir=b"), ...files)).toEqual({
      ...{ image: "b/x86_64/airootfs.sfs", kernels: ["v"] },
    });
    const both = `${entry("/v", "archisobasedir=a")}${entry("/v", "archisobasedir=b")}`;
    expect(find(both, ...files)).toEqual({
      refused: 'its entries boot "a/x86_64/airootfs.sfs" and "b/x86_64/airootfs.sfs"',
    });
  });
});
