// The entries of the menus of syslinux, isolinux and extlinux: one keyword on a line, letter case
// does not matter, what stands before the first label holds for all of them (doc/syslinux.txt of
// syslinux).

import type { MenuText } from "./grub-entries.ts";
import { isMicrocode, type MenuEntry, type Obstacle, type Place } from "./menu-entry.ts";

/** A line: its keyword in small letters, and its value without the blanks around it. */
interface Line {
  readonly keyword: string;
  readonly value: string;
  /** Where the value begins. */
  readonly at: number;
}

interface Section {
  readonly label: string;
  readonly from: number;
  to: number;
  readonly lines: Line[];
}

/** Reads the entries of one menu. */
export function readSyslinuxEntries(menu: MenuText): MenuEntry[] {
  const [common, ...labels] = splitSections(menu.text);
  const append = common?.lines.findLast(({ keyword }) => keyword === "append");
  return labels.map((section) => readEntry(menu, section, append));
}

function splitSections(text: string): Section[] {
  const sections: Section[] = [{ label: "", from: 0, to: 0, lines: [] }];
  let isHelp = false;
  for (let from = 0; from < text.length; ) {
    const newline = text.indexOf("\n", from);
    const end = newline < 0 ? text.length : newline;
    const line = readLine(text, from, end);
    const start = from;
    from = end + 1;
    const last = sections.at(-1);
    if (isHelp) {
      isHelp = line?.keyword !== "endtext";
      if (last !== undefined) last.to = end;
      continue;
    }
    if (line === undefined) continue;
    isHelp = line.keyword === "text" && line.value.toLowerCase().startsWith("help");
    if (line.keyword === "label")
      sections.push({ label: line.value, from: start, to: end, lines: [] });
    const section = sections.at(-1);
    section?.lines.push(line);
    if (section !== undefined && isOfLabel(line)) section.to = end;
  }
  return sections;
}

/** Other keywords begin something that does not belong to the label before them. */
function isOfLabel({ keyword, value }: Line): boolean {
  const [first = ""] = value.toLowerCase().split(" ", 1);
  if (keyword === "menu") return !["begin", "end", "include", "separator"].includes(first);
  return !["include", "ui", "default", "timeout", "prompt", "display"].includes(keyword);
}

function readLine(text: string, from: number, end: number): Line | undefined {
  let at = from;
  while (at < end && isBlank(text[at])) at++;
  let behind = at;
  while (behind < end && !isBlank(text[behind])) behind++;
  const keyword = text.slice(at, behind).toLowerCase();
  if (keyword === "" || keyword.startsWith("#")) return undefined;
  while (behind < end && isBlank(text[behind])) behind++;
  let last = end;
  while (last > behind && isBlank(text[last - 1])) last--;
  return { keyword, value: text.slice(behind, last), at: behind };
}

function isBlank(character: string | undefined): boolean {
  return character === " " || character === "\t" || character === "\r";
}

const kernelKeywords = ["kernel", "linux"];
/** What starts something else than a Linux kernel; "localboot" boots from a disk. */
const chainKeywords = ["localboot", "boot", "bss", "fdimage", "comboot", "pxe"];
/** Endings of files that "kernel" takes for something else than a Linux kernel. */
const otherEndings = [".c32", ".com", ".cbt", ".bs", ".bss", ".bin", ".0", ".img"];

function readEntry({ file }: MenuText, section: Section, common: Line | undefined): MenuEntry {
  const { label, from, to, lines } = section;
  const own = (keyword: string) => lines.filter((line) => line.keyword === keyword);
  const kernel = lines.filter(({ keyword }) => kernelKeywords.includes(keyword));
  const appended = own("append");
  const loaded = own("initrd");
  const effective = appended.at(-1) ?? common;
  const append = effective?.value === "-" ? undefined : effective;
  const words = [...splitValue(kernel.at(-1)).slice(1), ...splitValue(append)];
  const named = words.filter(({ text: word }) => word.startsWith("initrd="));
  const title = titleOf(lines);
  const paths = [
    ...loaded.flatMap(({ value }) => value.split(",")),
    ...named.flatMap(({ text: word }) => word.slice("initrd=".length).split(",")),
  ];
  const kernels = splitValue(kernel.at(-1)).slice(0, 1);
  // What is common to several entries is not changed: each of them is judged by itself.
  const isShared = named.length > 0 && appended.length === 0;
  const obstacle =
    findObstacle(lines, kernels[0]?.text) ??
    (isShared ? "not-understood" : undefined) ??
    findOdd({ kernel, appended, loaded, named, paths: [...paths, kernels[0]?.text ?? ""] });
  const hasOwnAppend = appended.length > 0 && append !== undefined;
  return {
    ...{ file, loader: "syslinux", title: title?.text ?? label, from, to, obstacle },
    ...{ titleTo: title?.to, labelTo: endOf(lines[0]) },
    kernels: kernels.map((one) => one.text),
    initrds: paths.length === 0 ? [] : [paths],
    mains: paths.slice(-1).map((path) => fromTop(file, path)),
    words: [...new Set(words.map((word) => word.text))],
    places:
      obstacle === undefined
        ? findPlaces({ loaded, named, kernels, append: hasOwnAppend ? append : undefined })
        : [],
  };
}

/** A path without a slash in front begins at the directory of the menu. */
function fromTop(file: string, path: string): string {
  if (path.startsWith("/")) return path;
  return `/${file.slice(0, file.lastIndexOf("/") + 1)}${path}`;
}

/** A word of a value, and where it ends. */
interface ValueWord {
  readonly text: string;
  readonly to: number;
}

function splitValue(line: Line | undefined): ValueWord[] {
  if (line === undefined) return [];
  const words: ValueWord[] = [];
  let at = 0;
  for (const text of line.value.split(/[ \t]/)) {
    at += text.length;
    if (text !== "") words.push({ text, to: line.at + at });
    at++;
  }
  return words;
}

function titleOf(lines: readonly Line[]): ValueWord | undefined {
  const line = lines.findLast(
    ({ keyword, value }) => keyword === "menu" && value.toLowerCase().startsWith("label"),
  );
  const title = line?.value.slice("label".length).trim() ?? "";
  // A caret marks the letter behind it as a key.
  return title === "" ? undefined : { text: title.replace("^", ""), to: endOf(line) ?? 0 };
}

function endOf(line: Line | undefined): number | undefined {
  return line && line.at + line.value.length;
}

function findObstacle(lines: readonly Line[], kernel: string | undefined): Obstacle | undefined {
  const has = (keywords: readonly string[]) =>
    lines.some(({ keyword }) => keywords.includes(keyword));
  if (kernel === undefined) return has([...chainKeywords, "com32"]) ? "chain" : "no-kernel";
  const name = kernel.toLowerCase();
  if (name.endsWith("mboot.c32")) return "multiboot";
  if (otherEndings.some((ending) => name.endsWith(ending))) return "chain";
  return has([...chainKeywords, "com32", "config"]) ? "not-understood" : undefined;
}

interface Loading {
  readonly kernel: readonly Line[];
  readonly appended: readonly Line[];
  readonly loaded: readonly Line[];
  readonly named: readonly ValueWord[];
  readonly paths: readonly string[];
}

function findOdd({ kernel, appended, loaded, named, paths }: Loading): Obstacle | undefined {
  if (loaded.length + named.length === 0) return "no-initrd";
  const isPlain = kernel.length === 1 && appended.length <= 1 && loaded.length + named.length === 1;
  if (!isPlain || paths.some((path) => path === "")) return "not-understood";
  // "::" and "address::" are the servers of pxelinux, "(hd1,2)" another partition.
  if (paths.some((path) => path.includes("::"))) return "netboot";
  return paths.some((path) => path.startsWith("(")) ? "elsewhere" : undefined;
}

/** Returns how many characters of a list of paths are microcode before the last one. */
function microcodeLength(list: string): number {
  let length = 0;
  for (const path of list.split(",").slice(0, -1)) {
    if (!isMicrocode(path)) break;
    length += path.length + 1;
  }
  return length;
}

interface Written {
  readonly loaded: readonly Line[];
  readonly named: readonly ValueWord[];
  readonly kernels: readonly ValueWord[];
  readonly append: Line | undefined;
}

function findPlaces({ loaded, named, kernels, append }: Written): Place[] {
  const [line] = loaded;
  const [word] = named;
  const paths = word?.text.slice("initrd=".length) ?? line?.value ?? "";
  const at = word?.to ?? (line === undefined ? 0 : line.at + line.value.length);
  const from = at - paths.length + microcodeLength(paths);
  const place: Place = { at, from, what: "initrd", before: ",", device: "" };
  // At the beginning: the kernel drops words for the system that stand before "rdinit=", and what
  // stands behind "--" is not for it.
  const first = append === undefined || append.value === "" ? undefined : append;
  const argument: Place =
    first === undefined
      ? { at: kernels[0]?.to ?? 0, what: "argument", before: " ", device: "" }
      : { at: first.at, what: "argument", before: "", device: "" };
  return [place, argument];
}
