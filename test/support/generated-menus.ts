// biome-ignore-all lint/suspicious/noTemplateCurlyInString: they are GRUB's variables
// Boot menus of GRUB and syslinux in all shapes that their readers know, with what is in them.
import fc from "fast-check";

/** A menu, and how many of its entries are live systems that get the add-on. */
export interface GeneratedMenu {
  readonly text: string;
  readonly live: number;
}

const blank = fc.constantFrom(" ", "  ", "\t", " \t");
const title = fc.constantFrom(
  "'Live system'",
  '"Live (fail-safe)"',
  '"A ${name}"',
  "Live",
  "'ÄÖ\u00ff'",
);
const device = fc.constantFrom("", "($root)", "(${dev})");
const words = fc.array(
  fc.constantFrom("quiet", "splash", 'a="b c"', "findiso=${iso_path}", "vga=788", "$more", "---"),
  { maxLength: 4 },
);
const mark = fc.constantFrom("\n", "\r\n");

const grubLive = fc
  .record({
    title,
    gap: blank,
    device,
    words,
    path: fc.constantFrom("/live/initrd.img", "/i/u.img /i/initrd"),
  })
  .map(({ title: named, gap, device: on, words: more, path }) => [
    `menuentry ${named} --class x {`,
    `\techo 'Loading'`,
    `\tlinux${gap}${on}/live/vmlinuz${gap}boot=live ${more.join(" ")}`,
    `\tinitrd${gap}${path
      .split(" ")
      .map((one) => on + one)
      .join(" ")}${gap}# loaded`,
    "}",
  ]);

const grubOther = fc.constantFrom(
  ["menuentry 'Memory test' {", "linux16 /boot/memtest", "}"],
  ['menuentry "Shell"{', "chainloader /shell.efi", "}"],
  ["menuentry Install {", "linux /install/vmlinuz --- quiet", "initrd /install/initrd.gz", "}"],
  ["# menuentry 'Live' {", "#  linux /live/vmlinuz boot=live", "# }"],
  ["set timeout=10", 'if [ -e /x ]; then source /x; else echo $"no x"; fi'],
  ["menuentry ISO {", "loopback l /a.iso", "linux (l)/v boot=live", "initrd (l)/i", "}"],
  ["function f { shift 2; echo $@; }", ""],
);

/** GRUB menus, with submenus, conditions and a script in quotes around entries. */
export const grubMenus: fc.Arbitrary<GeneratedMenu> = fc
  .record({
    mark,
    parts: fc.array(
      fc.oneof(
        grubLive.map((lines) => ({ lines, live: 1 })),
        grubOther.map((lines) => ({ lines: [...lines], live: 0 })),
      ),
      { maxLength: 8 },
    ),
    around: fc.constantFrom<[string, string]>(
      ["", ""],
      ["submenu 'More' {", "}"],
      ["if true; then", "fi"],
    ),
  })
  .map(({ mark: end, parts, around: [before, after] }) => ({
    text: [before, ...parts.flatMap(({ lines }) => lines), after, ""].join(end),
    live: parts.reduce((sum, { live }) => sum + live, 0),
  }));

const syslinuxLive = fc
  .record({
    label: fc.constantFrom("LABEL", "label"),
    gap: blank,
    form: fc.constantFrom("initrd", "append", "none"),
    words,
  })
  .map(({ label, gap, form, words: more }) => [
    `${label} live`,
    `  MENU LABEL ^Live \u00e9`,
    `  KERNEL${gap}/live/vmlinuz`,
    ...(form === "append"
      ? [`  append${gap}vga=1 initrd=/live/initrd.img boot=live ${more.join(" ")}`]
      : [
          `  INITRD${gap}/u.img,/live/initrd.img`,
          ...(form === "none" ? [] : [`  APPEND${gap}boot=live ${more.join(" ")}`]),
        ]),
    "  TEXT HELP",
    "    KERNEL of the live system",
    "  ENDTEXT",
  ]);

const syslinuxOther = fc.constantFrom(
  ["LABEL memtest", "KERNEL /memtest"],
  ["LABEL hd", "LOCALBOOT 0x80"],
  ["LABEL hdt", "COM32 hdt.c32", "APPEND x=y"],
  ["LABEL install", "LINUX /install/vmlinuz", "INITRD /install/initrd.gz"],
  ["#LABEL old", "# KERNEL /live/vmlinuz"],
  ["MENU SEPARATOR", ""],
);

/** Menus of syslinux; an entry without arguments is a live system only by its initramfs. */
export const syslinuxMenus: fc.Arbitrary<GeneratedMenu> = fc
  .record({
    mark,
    parts: fc.array(
      fc.oneof(
        syslinuxLive.map((lines) => ({ lines, live: 1 })),
        syslinuxOther.map((lines) => ({ lines: [...lines], live: 0 })),
      ),
      { maxLength: 8 },
    ),
  })
  .map(({ mark: end, parts }) => ({
    text: ["DEFAULT live", "TIMEOUT 50", ...parts.flatMap(({ lines }) => lines), ""].join(end),
    live: parts.reduce((sum, { live }) => sum + live, 0),
  }));
