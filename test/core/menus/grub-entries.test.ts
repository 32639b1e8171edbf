// biome-ignore-all lint/suspicious/noTemplateCurlyInString: they are GRUB's variables
import { describe, expect, test } from "vitest";
import { readGrubEntries } from "../../../src/core/menus/grub-entries.ts";
import { unknownPart } from "../../../src/core/menus/menu-entry.ts";

function read(text: string, others: Readonly<Record<string, string>> = {}) {
  const more = Object.entries(others).map(([file, one]) => ({ file, text: one }));
  return readGrubEntries([{ file: "boot/grub/grub.cfg", text }, ...more]);
}

/** Marks in the text where something can be added. */
function mark(text: string): string {
  const places = read(text).flatMap((entry) => entry.places);
  return places
    .toSorted((one, other) => other.at - one.at)
    .reduce(
      (marked, { at, what, device }) =>
        `${marked.slice(0, at)}<${what === "initrd" ? `${device}+` : "="}>${marked.slice(at)}`,
      text,
    );
}

const loading = "linux /live/vmlinuz boot=live\ninitrd /live/initrd.img\n";

describe("readGrubEntries()", () => {
  test("readGrubEntries() reads title, kernel, initramfs and arguments", () => {
    const [entry] = read(`menuentry "Live \${name}" --hotkey=l {\n${loading}}\n`);
    expect(entry).toMatchObject({
      ...{ title: "Live ${name}", loader: "grub", obstacle: undefined, from: 0 },
      ...{ kernels: ["/live/vmlinuz"], initrds: [["/live/initrd.img"]] },
      ...{ mains: ["/live/initrd.img"], words: ["/live/vmlinuz", "boot=live"] },
    });
  });

  const marked: readonly [what: string, text: string][] = [
    ["an entry", "menuentry 'a' {\n\tlinux\t/v<=> quiet ---\n\tinitrd\t/ucode /i<+>\n}"],
    ["other names of the commands", "menuentry a {\nlinuxefi /v<=>\ninitrdefi /i<+>\n}"],
    ["lines that end as in DOS", "menuentry a {\r\nlinux /v<=> b\r\ninitrd /i<+>\r\n}\r\n"],
    [
      "both branches of a condition",
      "menuentry a {\nif cpuid -l; then\nlinux /v<=>\ninitrd /i<+>\nelse\nlinux /w<=>\ninitrd /j<+>\nfi\n}",
    ],
    ["a variable as device", "menuentry a {\nlinux ($root)/v<=> b\ninitrd ($root)/i<($root)+>\n}"],
    ["a command over lines", "menuentry a {\nlinux /v<=> \\\n  b \\\n  c\ninitrd /i<+>\n}"],
    ["variables in a list", "menuentry a {\nlinux /v<=>\ninitrd ${ucode} /i ${more}<+>\n}"],
    [
      "a script in quotes",
      "eval \"\nmenuentry 'a' {\nlinux /v<=> $b\ninitrd /i<+>\n}\nsource /custom.cfg\n\"",
    ],
    ["a function", "function f {\nlinux /v<=> $1\ninitrd /i<+>\n}"],
    ["entries in a submenu", "submenu x {\nmenuentry a {\nlinux /v<=>\ninitrd /i<+>\n}\n}"],
    ["words in quotes", "menuentry a {\nlinux \"/v\"<=> b=\"c 'd'\"\ninitrd '/i'<+>\n}"],
  ];
  for (const [what, text] of marked)
    test(`readGrubEntries() finds the places in ${what}`, () => {
      expect(mark(text.replace(/<[^>]*>/g, ""))).toBe(text);
    });

  test("readGrubEntries() takes commands from variables, if all their values are alike", () => {
    const text = "menuentry a {\n$cmd /v\n$load /i\n}\n";
    const both = "set cmd=linux\nif efi; then set cmd=linuxefi; fi\nset load=initrd\n";
    expect(read(both + text)[0]).toMatchObject({ obstacle: undefined, kernels: ["/v"] });
    expect(read(`${both}set cmd=echo\n${text}`)[0]?.obstacle).toBe("no-kernel");
    expect(read(text)[0]?.obstacle).toBe("no-kernel");
  });

  test("readGrubEntries() puts in variables of other menus and arguments of the entry", () => {
    const main = 'menuentry "a" --class x "$kopts" {\nlinux /boot/vmlinuz-$2\ninitrd $list\n}';
    const [entry] = read(main, {
      "boot/grub/kernels.cfg":
        'set list="/u /i"\nfor k in x86_64 misobasedir=m; do kopts="x86_64 $k"; done',
    });
    expect(entry?.words).toContain("misobasedir=m");
    expect(entry?.initrds).toEqual([["/u", "/i"]]);
    expect(entry?.mains).toEqual(["/i"]);
  });

  test("readGrubEntries() marks what is known only while booting", () => {
    const [entry] = read("menuentry a {\nlinux /v findiso=${iso_path}\ninitrd /i\n}");
    expect(entry?.words).toContain(`findiso=${unknownPart}`);
  });

  const obstacles: readonly [what: string, body: string, obstacle: string][] = [
    ["a memory test", "linux16 /memtest", "no-initrd"],
    ["a chain load", "chainloader /EFI/shell.efi", "chain"],
    ["a restart", "reboot", "no-kernel"],
    ["an empty entry", "true", "no-kernel"],
    ["Xen", "multiboot2 /xen.gz\nmodule2 /v\nmodule2 /i", "multiboot"],
    ["an image on another disk", `loopback l /x.iso\n${loading}`, "elsewhere"],
    ["a literal device", "linux (loop)/v\ninitrd (loop)/i", "elsewhere"],
    ["a network", "linux (tftp)/v\ninitrd (tftp)/i", "netboot"],
    ["paths that only a network has", "linux vmlinuz\ninitrd initrd.img", "netboot"],
    ["two lists of initramfs", "linux /v\ninitrd /i\ninitrd /j", "not-understood"],
    [
      "an initramfs under one condition, a kernel under another",
      "if a; then\nlinux /v\nfi\nif b; then\ninitrd /i\nfi",
      "not-understood",
    ],
    ["a kernel without a name", "linux\ninitrd /i", "not-understood"],
    ["a character without meaning", "linux /v a&b\ninitrd /i", "not-understood"],
    ["nothing but variables", "linux $a\ninitrd $b", "not-understood"],
  ];
  for (const [what, body, obstacle] of obstacles)
    test(`readGrubEntries() leaves ${what} alone`, () => {
      const [entry] = read(`menuentry a {\n${body}\n}`);
      expect([entry?.obstacle, entry?.places]).toEqual([obstacle, []]);
    });

  test("readGrubEntries() does not read entries in comments", () => {
    expect(read("#~ menuentry a {\n  #~ linux /v\n#~ }\n#menuentry b {\n#}\n")).toEqual([]);
  });

  test("readGrubEntries() does not understand a file that is none", () => {
    expect(read('menuentry "a {').map(({ obstacle }) => obstacle)).toEqual(["not-understood"]);
    expect(read('eval "menuentry \\"a\\" { linux /v }"')).toEqual([]);
  });

  test("readGrubEntries() comes to an end where variables contain each other", () => {
    const assignments = Array.from({ length: 200 }, (_, one) =>
      Array.from(
        { length: 20 },
        (_, other) => `set v${one}="$v${(one + other) % 200} $v${other}"\n`,
      ),
    );
    const text = `${assignments.flat().join("")}menuentry a {\nlinux /v $v1\ninitrd /i $v2\n}`;
    expect(read(text)[0]?.title).toBe("a");
  });
});
