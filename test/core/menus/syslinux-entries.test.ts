import { describe, expect, test } from "vitest";
import { readSyslinuxEntries } from "../../../src/core/menus/syslinux-entries.ts";

function read(text: string) {
  return readSyslinuxEntries({ file: "boot/syslinux/syslinux.cfg", text });
}

function mark(text: string): string {
  return read(text)
    .flatMap((entry) => entry.places)
    .toSorted((one, other) => other.at - one.at || (one.what === "initrd" ? 1 : -1))
    .reduce(
      (marked, { at, what, before }) =>
        `${marked.slice(0, at)}<${before}${what === "initrd" ? "+" : "="}>${marked.slice(at)}`,
      text,
    );
}

describe("readSyslinuxEntries()", () => {
  test("readSyslinuxEntries() reads title, kernel, initramfs and arguments", () => {
    const text =
      "label live\n\tmenu label ^Live system\n\tlinux /live/vmlinuz\n\tinitrd /u,/live/initrd\n\tappend boot=live quiet\n";
    expect(read(text)).toMatchObject([
      {
        ...{ title: "Live system", obstacle: undefined, kernels: ["/live/vmlinuz"] },
        ...{ initrds: [["/u", "/live/initrd"]], mains: ["/live/initrd"] },
        words: ["boot=live", "quiet"],
      },
    ]);
  });

  const marked: readonly [what: string, text: string][] = [
    ["INITRD and APPEND", "LABEL a\nLINUX /v\nINITRD /u,/i<,+>\nAPPEND <=>quiet\n"],
    ["an initrd= in APPEND", "LABEL a\nKERNEL /v\nAPPEND <=>vga=1 initrd=/i<,+> quiet --\n"],
    ["lines that end as in DOS", "LABEL a\r\nLINUX /v\r\nINITRD /i<,+>\r\nAPPEND <=>b\r\n"],
    ["arguments behind the kernel", "LABEL a\nLINUX /v< => b=c\nINITRD /i<,+>\n"],
    ["APPEND with a dash for nothing", "LABEL a\nLINUX /v< =>\nINITRD /i<,+>\nAPPEND -\n"],
    ["an empty APPEND", "LABEL a\nLINUX /v< =>\nINITRD /i<,+>\nAPPEND\n"],
    ["APPEND before its kernel", "label a\n append <=>initrd=/i<,+> x\n kernel /v"],
    [
      "a help text with keywords",
      "LABEL a\nTEXT HELP\nAPPEND x\nENDTEXT\nLINUX /v< =>\nINITRD /i<,+>",
    ],
    [
      "arguments for all entries",
      "APPEND quiet\nLABEL a\nLINUX /v< =>\nINITRD /i<,+>\nLABEL b\nLINUX /v\nINITRD /i<,+>\nAPPEND <=>x\n",
    ],
  ];
  for (const [what, text] of marked)
    test(`readSyslinuxEntries() finds the places with ${what}`, () => {
      expect(mark(text.replace(/<[^>]*>/g, ""))).toBe(text);
    });

  const obstacles: readonly [what: string, text: string, obstacle: string][] = [
    ["a menu", "CONFIG other.cfg", "no-kernel"],
    ["a local disk", "LOCALBOOT 0x80", "chain"],
    ["a module of syslinux", "COM32 reboot.c32", "chain"],
    ["a module as kernel", "KERNEL ifcpu64.c32\nAPPEND a -- b", "chain"],
    ["Xen", "KERNEL mboot.c32\nAPPEND /xen --- /v --- /i", "multiboot"],
    ["a memory test", "LINUX /memtest", "no-initrd"],
    ["a network", "LINUX ::/v\nINITRD ::/i", "netboot"],
    ["another partition", "LINUX (hd1,1)/v\nINITRD (hd1,1)/i", "elsewhere"],
    ["two lists of initramfs", "LINUX /v\nINITRD /i\nAPPEND initrd=/j", "not-understood"],
    ["two APPENDs", "LINUX /v\nINITRD /i\nAPPEND a\nAPPEND b", "not-understood"],
    ["an empty path", "LINUX /v\nINITRD /i,", "not-understood"],
  ];
  for (const [what, body, obstacle] of obstacles)
    test(`readSyslinuxEntries() leaves ${what} alone`, () => {
      const [entry] = read(`LABEL a\n${body}\n`);
      expect([entry?.obstacle, entry?.places]).toEqual([obstacle, []]);
    });

  test("readSyslinuxEntries() leaves alone what loads the initramfs of all entries", () => {
    const [one, other] = read(
      "APPEND initrd=/i\nLABEL a\nKERNEL /v\nLABEL b\nKERNEL /v\nAPPEND initrd=/i x",
    );
    expect([one?.obstacle, other?.obstacle]).toEqual(["not-understood", undefined]);
  });

  test("readSyslinuxEntries() does not read labels in comments", () => {
    expect(read("#LABEL a\n # LABEL b\n  #KERNEL c\n")).toEqual([]);
  });

  test("readSyslinuxEntries() ends an entry before what does not belong to it", () => {
    const text = "LABEL a\nLINUX /v\nINITRD /i\nTEXT HELP\nx\nENDTEXT\n\nINCLUDE tail.cfg\n";
    const [entry] = read(text);
    expect(text.slice(entry?.from, entry?.to)).toBe(
      "LABEL a\nLINUX /v\nINITRD /i\nTEXT HELP\nx\nENDTEXT",
    );
  });
});
