// biome-ignore-all lint/suspicious/noTemplateCurlyInString: they are GRUB's variables
import { describe, expect, test } from "vitest";
import { planChanges } from "../../../src/core/install/plan-changes.ts";
import { editText } from "../../../src/core/menus/edit.ts";

const addon = "backstore/addon1.img";

function plan(texts: Readonly<Record<string, string>>, files: readonly string[] = []) {
  const all = [...Object.keys(texts), ...files];
  return planChanges(
    { files: all, texts: new Map(Object.entries(texts)) },
    { addon, words: ["backstore"] },
  );
}

function grub(args: string, initrd = "/i/initrd.img"): string {
  return `menuentry 'a' {\nlinux /i/vmlinuz ${args}\ninitrd ${initrd}\n}\n`;
}

function after({ changes }: ReturnType<typeof plan>, path: string): string | undefined {
  const change = changes.find((one) => one.path === path);
  return change && editText(change.original ?? "", change.edits);
}

describe("planChanges()", () => {
  const families: readonly [name: string, menu: string, files?: readonly string[]][] = [
    ["archiso", grub("archisobasedir=arch archisolabel=A")],
    ["miso", grub("misobasedir=manjaro")],
    ["live-boot", grub("boot=live components")],
    ["casper", grub("boot=casper quiet")],
    ["casper", grub("layerfs-path=x.squashfs --- quiet", "/casper/initrd")],
    ["dracut", grub("root=live:CDLABEL=F rd.live.image")],
    ["kiwi", grub("root=live:CDLABEL=S", "/boot/x86_64/loader/initrd"), ["LiveOS/squashfs.img"]],
  ];
  for (const [name, menu, files] of families)
    test(`planChanges() recognises ${name} by ${menu.split("\n")[1]}`, () => {
      const { family, entries } = plan({ "boot/grub/grub.cfg": menu }, files);
      expect([family?.name, entries[0]?.changed]).toEqual([name, true]);
    });

  test("planChanges() starts the program first where a family needs that", () => {
    const changed = plan({ "boot/grub/grub.cfg": grub("archisobasedir=arch") });
    expect(after(changed, "boot/grub/grub.cfg")).toBe(
      "menuentry 'a' {\nlinux /i/vmlinuz rdinit=/backstore-init backstore archisobasedir=arch\ninitrd /i/initrd.img /backstore/addon1.img\n}\n",
    );
  });

  const others: readonly [reason: string, menu: string, files?: readonly string[]][] = [
    ["installer", grub("boot=casper only-ubiquity")],
    ["installer", grub("inst.stage2=hd:LABEL=F")],
    ["netboot", grub("boot=live fetch=http://x/y.squashfs")],
    ["netboot", grub("archisobasedir=a archiso_http_srv=http://x/")],
    ["disk", grub("archisobasedir=a findroot")],
    ["stop", grub("archisobasedir=a break")],
    ["forensic", grub("boot=live noswap noautomount")],
    ["volatile", grub("boot=live nopersistence")],
    ["check", grub("boot=casper integrity-check")],
    ["rdinit-taken", grub("boot=live rdinit=/x")],
    ["other-initrd", grub("--- quiet", "/install/initrd.gz")],
    ["no-way", grub("init=/nix/store/x/init")],
    ["no-overlay", grub("quiet", "/boot/core.gz")],
    ["option-taken", grub("quiet", "/isolinux/initram.igz")],
    ["other-media", grub("boot=live"), ["ventoy/ventoy.json"]],
  ];
  for (const [reason, menu, files] of others)
    test(`planChanges() leaves alone, because of ${reason}: ${menu.split("\n")[1]}`, () => {
      const { changes, entries, unserved } = plan({ "boot/grub/grub.cfg": menu }, files);
      expect(entries.map((entry) => entry.reason)).toEqual([reason]);
      expect([changes, unserved]).toEqual([[], [{ firmware: "bios", why: "no-entry" }]]);
    });

  test("planChanges() takes what loads the initramfs of the live system for one", () => {
    const menu = grub("boot=live") + grub("quiet") + grub("quiet", "/other");
    const { entries } = plan({ "boot/grub/grub.cfg": menu });
    expect(entries.map(({ changed }) => changed)).toEqual([true, true, false]);
  });

  test("planChanges() names menus that it does not read", () => {
    const { entries } = plan({ "limine.conf": "/x\n", "pxelinux.cfg/default": "LABEL a\n" });
    expect(entries.map(({ reason }) => reason)).toEqual(["loader", "netboot"]);
  });

  const isolinux = "LABEL a\nLINUX /live/v\nINITRD /live/i\nAPPEND boot=live\n";
  const chain = "LABEL a\nLOCALBOOT 0\n";
  const firmwares: readonly [
    what: string,
    texts: Record<string, string>,
    unserved: string[],
    files?: string[],
  ][] = [
    [
      "both by their own",
      { "isolinux/isolinux.cfg": isolinux, "EFI/BOOT/grub.cfg": grub("boot=live") },
      [],
    ],
    [
      "BIOS without a changed entry",
      {
        "isolinux/isolinux.cfg": `${chain}LABEL b\nLINUX /memtest\n`,
        "EFI/BOOT/grub.cfg": grub("boot=live"),
      },
      ["bios no-entry"],
    ],
    [
      "UEFI without a menu",
      { "isolinux/isolinux.cfg": isolinux },
      ["uefi no-menu"],
      ["EFI/BOOT/BOOTX64.EFI"],
    ],
    [
      "GRUB for UEFI in the place of both",
      { "isolinux/isolinux.cfg": isolinux, "boot/grub/grub.cfg": grub("boot=live") },
      [],
      ["boot/grub/efi.img"],
    ],
    [
      "GRUB alone for both",
      { "boot/grub/grub.cfg": grub("boot=live") },
      [],
      ["EFI/BOOT/BOOTX64.EFI", "boot/grub/i386-pc/eltorito.img"],
    ],
    [
      "a menu for an image on a disk alone",
      { "boot/grub/loopback.cfg": grub("boot=live") },
      ["bios no-menu"],
    ],
    ["systemd-boot", { "loader/entries/a.conf": "linux /v\ninitrd /i\noptions boot=live\n" }, []],
    [
      "syslinux for UEFI that reads the other menu",
      {
        "x/boot/syslinux.cfg": isolinux,
        "EFI/Boot/syslinux.cfg": "INCLUDE /x/boot/syslinux.cfg\n",
      },
      [],
      ["EFI/Boot/bootx64.efi"],
    ],
  ];
  for (const [what, texts, unserved, files] of firmwares)
    test(`planChanges() sees which firmware comes to a changed entry: ${what}`, () => {
      const found = plan(texts, files).unserved.map(({ firmware, why }) => `${firmware} ${why}`);
      expect(found).toEqual(unserved);
    });

  test("planChanges() corrects lists of checksums, and names those it must not or cannot", () => {
    const digest = (digits: number) => "0".repeat(digits);
    const texts = {
      "boot/grub/grub.cfg": grub("boot=live"),
      "md5sum.txt": `${digest(32)}  ./live/x\n${digest(32)}  ./boot/grub/grub.cfg\n`,
      SHA256SUMS: `${digest(64)} *boot/grub/grub.cfg\r\n`,
      "sha512sum.txt": `${digest(128)}  boot/grub/grub.cfg\n`,
      "sha1sum.txt": `${digest(40)}  live/x\n`,
    };
    const changed = plan(texts, ["SHA256SUMS.gpg"]);
    expect(changed.lists).toEqual([
      { path: "md5sum.txt", treatment: "corrected" },
      { path: "SHA256SUMS", treatment: "signed" },
      { path: "sha512sum.txt", treatment: "not-corrected" },
    ]);
    expect(changed.changes.map(({ path }) => path)).toEqual(["boot/grub/grub.cfg", "md5sum.txt"]);
    expect(after(changed, "md5sum.txt")).toMatch(
      /^0{32} {2}\.\/live\/x\n[0-9a-f]{32} {2}\.\/boot\/grub\/grub\.cfg\n$/,
    );
    const unsigned = plan(texts);
    expect(after(unsigned, "SHA256SUMS")).toMatch(
      /^[1-9a-f][0-9a-f]{63} \*boot\/grub\/grub.cfg\r\n$/,
    );
  });
});

describe("planChanges() uses the place for additions", () => {
  const entry = grub("archisobasedir=sysresccd $param");
  const main = `eval "\n${entry}source /boot/grub/custom.cfg\n"\n`;

  test("planChanges() puts copies where SystemRescue's menu reads them, and makes them the default", () => {
    const changed = plan({ "boot/grub/grubsrcd.cfg": main, "boot/grub/custom.cfg": "# own\n" });
    expect(changed.changes.map(({ path }) => path)).toEqual(["boot/grub/custom.cfg"]);
    expect(after(changed, "boot/grub/custom.cfg")).toBe(
      [
        ...["# own", "", "# What follows was added by backstore.", ""],
        "menuentry 'a'\" [backstore]\" --id=backstore {",
        "linux /i/vmlinuz rdinit=/backstore-init backstore archisobasedir=sysresccd $param",
        ...["initrd /i/initrd.img /backstore/addon1.img", "}", "", "set default=backstore", ""],
      ].join("\n"),
    );
    expect(changed.entries.map(({ file, title, reason }) => [file, title, reason])).toEqual([
      ["boot/grub/grubsrcd.cfg", "a", "own-place"],
      ["boot/grub/custom.cfg", "a [backstore]", undefined],
    ]);
  });

  test("planChanges() changes the entries themselves where nothing reads the place", () => {
    const changed = plan({ "boot/grub/grubsrcd.cfg": entry, "boot/grub/custom.cfg": "" });
    expect(changed.changes.map(({ path }) => path)).toEqual(["boot/grub/grubsrcd.cfg"]);
  });

  test("planChanges() gives copies for syslinux labels of their own", () => {
    const sys = [
      "LABEL live",
      ...["TEXT HELP", "x", "ENDTEXT", "MENU LABEL Live", "LINUX boot/v", "INITRD boot/i"],
      ...["APPEND archisobasedir=sysresccd", "", "INCLUDE boot/syslinux/sysresccd_custom.cfg", ""],
    ].join("\n");
    const custom = "sysresccd/boot/syslinux/sysresccd_custom.cfg";
    const changed = plan({ "sysresccd/boot/syslinux/sysresccd_sys.cfg": sys, [custom]: "" });
    expect(after(changed, custom)).toBe(
      [
        ...["", "# What follows was added by backstore.", "", "LABEL live_backstore"],
        ...["MENU DEFAULT", "TEXT HELP", "x", "ENDTEXT", "MENU LABEL Live [backstore]"],
        ...["LINUX boot/v", "INITRD boot/i,/backstore/addon1.img"],
        ...["APPEND rdinit=/backstore-init backstore archisobasedir=sysresccd", "", ""],
      ].join("\n"),
    );
  });

  test("planChanges() makes the file that Grml's menu reads first", () => {
    const changed = plan({
      "boot/grub/grub.cfg": 'source "${prefix}/grub_local_custom_pre_entry.cfg"\n',
      "boot/grub/grml64_default.cfg": grub("boot=live"),
      "boot/grub/grml64_options.cfg": grub("boot=live toram"),
    });
    const [change] = changed.changes;
    expect([changed.changes.length, change?.path, change?.original]).toEqual([
      ...[1, "boot/grub/grub_local_custom_pre_entry.cfg", undefined],
    ]);
    expect(after(changed, "boot/grub/grub_local_custom_pre_entry.cfg")).not.toContain("toram");
    expect(changed.entries.map(({ reason }) => reason)).toEqual([
      "own-place",
      undefined,
      "own-place",
    ]);
  });
});
