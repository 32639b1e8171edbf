// The entries of systemd-boot and of what else follows the Boot Loader Specification: a file for
// each, a key on a line. Each initramfs has a line of its own.

import type { MenuText } from "./grub-entries.ts";
import { isMicrocode, type MenuEntry, type Obstacle, type Place } from "./menu-entry.ts";

interface Line {
  readonly key: string;
  readonly value: string;
  /** Where the key and the value begin, and where the line ends, without its end mark. */
  readonly from: number;
  readonly at: number;
  readonly to: number;
}

/** Reads the entry in a file. */
export function readLoaderSpecEntry({ file, text }: MenuText): MenuEntry {
  const lines = splitLines(text);
  const all = (key: string) => lines.filter((line) => line.key === key);
  const [linux, initrd, options] = [all("linux"), all("initrd"), all("options")];
  const words = options.flatMap(({ value }) => value.split(/[ \t]/)).filter((one) => one !== "");
  const paths = initrd.map(({ value }) => value);
  const obstacle = findObstacle(lines, [...linux.map(({ value }) => value), ...paths]);
  return {
    ...{ file, loader: "loader-spec", title: all("title")[0]?.value ?? file },
    ...{ from: 0, to: text.length, obstacle },
    kernels: linux.map(({ value }) => value),
    initrds: paths.length === 0 ? [] : [paths],
    mains: paths.slice(-1),
    words: [...new Set(words)],
    places: obstacle === undefined ? findPlaces(text, { linux, initrd, options }) : [],
  };
}

function splitLines(text: string): Line[] {
  const lines: Line[] = [];
  for (let from = 0; from < text.length; ) {
    const newline = text.indexOf("\n", from);
    const end = newline < 0 ? text.length : newline;
    const line = readLine(text, from, end);
    if (line !== undefined) lines.push(line);
    from = end + 1;
  }
  return lines;
}

function readLine(text: string, start: number, end: number): Line | undefined {
  let [from, to] = [start, end];
  while (from < to && isBlank(text[from])) from++;
  while (to > from && isBlank(text[to - 1])) to--;
  if (from === to || text[from] === "#") return undefined;
  let at = from;
  while (at < to && !isBlank(text[at])) at++;
  const key = text.slice(from, at).toLowerCase();
  while (at < to && isBlank(text[at])) at++;
  return { key, value: text.slice(at, to), from, at, to };
}

function isBlank(character: string | undefined): boolean {
  return character === " " || character === "\t" || character === "\r";
}

function findObstacle(lines: readonly Line[], paths: readonly string[]): Obstacle | undefined {
  const count = (key: string) => lines.filter((line) => line.key === key).length;
  if (count("efi") + count("uki") > 0) return "chain";
  if (count("linux") === 0) return "no-kernel";
  if (count("linux") > 1 || paths.some((path) => path === "")) return "not-understood";
  return count("initrd") === 0 ? "no-initrd" : undefined;
}

interface Found {
  readonly linux: readonly Line[];
  readonly initrd: readonly Line[];
  readonly options: readonly Line[];
}

function findPlaces(text: string, { linux, initrd, options }: Found): Place[] {
  const last = initrd.at(-1);
  if (last === undefined) return [];
  const mark = text.includes("\r\n") ? "\r\n" : "\n";
  const keyed = `${mark}${text.slice(last.from, last.at)}`;
  const before = initrd.slice(0, -1);
  const first = before.findIndex(({ value }) => !isMicrocode(value));
  const more = first < 0 ? [] : before.slice(first).map((line) => line.from);
  const places: Place[] = [
    { at: last.to, from: last.at, lines: more, what: "initrd", before: keyed, device: "" },
  ];
  const [option] = options;
  if (option !== undefined && option.value !== "")
    return [...places, { at: option.at, what: "argument", before: "", device: "" }];
  const [kernel] = linux;
  const at = kernel?.to ?? 0;
  return [...places, { at, what: "argument", before: `${mark}options `, device: "" }];
}
