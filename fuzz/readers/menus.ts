// biome-ignore-all lint/suspicious/noTemplateCurlyInString: they are GRUB's variables
// What is read from the files of a medium on which something is installed: boot menus, lists of
// checksums, the record of an earlier run.

import { decodeByteText, encodeByteText } from "../../src/core/bytes/byte-text.ts";
import { formatInstallRecord, parseInstallRecord } from "../../src/core/install/install-record.ts";
import { planChanges } from "../../src/core/install/plan-changes.ts";
import { editText, undoInsertions } from "../../src/core/menus/edit.ts";
import { promise, promiseSame, type Reader, textOf } from "./reader.ts";

const addon = "backstore/addon1.img";
const known = "title x\nlinux /live/vmlinuz\ninitrd /live/initrd\noptions boot=live\n";

/** Reads a menu beside one that says which family it is. */
function readMenu(file: string, input: Uint8Array): void {
  const text = decodeByteText(input);
  const texts = new Map([
    ["loader/entries/a.conf", known],
    [file, text],
  ]);
  const { changes, entries } = planChanges(
    { files: [...texts.keys()], texts },
    { addon, words: ["backstore"] },
  );
  const change = changes.find(({ path }) => path === file);
  const isChanged = entries.some((entry) => entry.file === file && entry.changed);
  promise((change !== undefined) === isChanged, "a file is changed if one of its entries is");
  if (change === undefined) return;
  const edited = editText(text, change.edits);
  promise(undoInsertions(edited, change.edits) === text, "taken out again, the menu is the same");
  promise(encodeByteText(edited).length === edited.length, "a character is a byte");
}

const grubWords = [
  ...["menuentry 'a' {\n", "linux /live/vmlinuz boot=live\n", "initrd /live/initrd\n", "}\n"],
  ...['eval "', "set a=$b\n", "if true; then\n", "fi\n", "submenu x {\n", "for x in a b; do\n"],
  ...["function f {\n", "${a}", "\\\n", "($root)"],
];

/** The readers of boot menus and of what is beside them. */
export const readersOfMenus: readonly Reader[] = [
  {
    name: "grub-menu",
    words: grubWords,
    read: (input) => readMenu("boot/grub/grub.cfg", input),
  },
  {
    name: "syslinux-menu",
    words: [
      ...["LABEL a\n", "KERNEL /live/vmlinuz\n", "INITRD /live/initrd\n", "APPEND ", "initrd="],
      ...["TEXT HELP\n", "ENDTEXT\n", "MENU LABEL ^a\n", "INCLUDE x\n"],
    ],
    read: (input) => readMenu("isolinux/isolinux.cfg", input),
  },
  {
    name: "loader-entry",
    words: ["linux /live/vmlinuz\n", "initrd /live/initrd\n", "options boot=live\n", "efi /x\n"],
    read: (input) => readMenu("loader/entries/b.conf", input),
  },
  {
    name: "checksum-list",
    words: ["00000000000000000000000000000000  ./loader/entries/a.conf\n", " *", "\r\n"],
    read(input) {
      const text = decodeByteText(input);
      const texts = new Map([
        ["loader/entries/a.conf", known],
        ["md5sum.txt", text],
      ]);
      const { changes } = planChanges(
        { files: [...texts.keys()], texts },
        { addon, words: ["backstore"] },
      );
      const { edits = [] } = changes.find(({ path }) => path === "md5sum.txt") ?? {};
      promise(editText(text, edits).length === text.length, "a list keeps its length");
    },
  },
  {
    name: "install-record",
    words: ['"path":"../x"', '"kept":null', '"edits":[]', '"at":-1'],
    read(input) {
      const record = parseInstallRecord(textOf(input));
      if (record === undefined) return;
      const names = record.files.flatMap(({ path }) => path.split("/"));
      promise(!names.includes("..") && !names.includes(""), "a path stays on the medium");
      promiseSame(parseInstallRecord(formatInstallRecord(record)), record, "a record reads back");
    },
  },
];
