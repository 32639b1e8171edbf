// The configuration of Ventoy, a JSON file: the archives that it unpacks into the initramfs of
// images. It is changed as text, so that everything else in it stays as it is, to the byte.
// Facts: https://www.ventoy.net/en/plugin_entry.html and plugin_injection.html.

import { decodeByteText, encodeByteText } from "../bytes/byte-text.ts";
import { decodeUtf8, encodeUtf8 } from "../bytes/utf.ts";
import type { Edit } from "../menus/edit.ts";
import { parseJson } from "../text/json.ts";
import { addonFile, slots } from "./install-record.ts";

/** The file's place on the partition for images. */
export const ventoyFile = "ventoy/ventoy.json";

/** What Ventoy unpacks into the initramfs of an image. */
export interface Injection {
  /** The path of the image, with a leading slash; undefined where it is for a whole directory. */
  readonly image: string | undefined;
  readonly archive: string | undefined;
  readonly isOwn: boolean;
}

/** The configuration, as far as it matters here. */
export interface VentoyConfiguration {
  readonly injections: readonly Injection[];
  /** Other lists of the same kind, which count for one firmware. */
  readonly variants: readonly string[];
}

const key = "injection";

/** Parses the configuration; undefined if it is none, or has the same key twice. */
export function parseVentoy(text: string): VentoyConfiguration | undefined {
  const found = findInjections(text);
  if (found === undefined) return undefined;
  return {
    injections: found.elements.map(({ injection }) => injection),
    variants: found.keys.filter((name) => name.startsWith(`${key}_`)),
  };
}

/** Returns the edits that inject an archive into images; a text that is missing is made. */
export function planInjections(
  text: string | undefined,
  images: readonly string[],
  archive: string,
): Edit[] {
  const objects = images.map((image) =>
    decodeByteText(encodeUtf8(`{ "image": ${JSON.stringify(image)}, "archive": "${archive}" }`)),
  );
  if (text === undefined) {
    const lines = objects.map((object) => `        ${object}`).join(",\n");
    return [{ at: 0, removed: 0, text: `{\n    "${key}": [\n${lines}\n    ]\n}\n` }];
  }
  const found = findInjections(text);
  if (found === undefined) return [];
  const list = objects.join(", ");
  const { array, elements, top, keys } = found;
  // Ventoy takes the first that fits, and paths of others may have wildcards.
  if (array !== undefined)
    return [{ at: array, removed: 0, text: ` ${list}${elements.length > 0 ? "," : ""}` }];
  return [{ at: top, removed: 0, text: ` "${key}": [ ${list} ]${keys.length > 0 ? "," : ""}` }];
}

/** Takes our own archives out of a text, whatever else was changed in it. */
export function removeInjections(text: string): string {
  const { elements = [] } = findInjections(text) ?? {};
  let left = text;
  for (const { from, to, injection } of elements.toReversed())
    if (injection.isOwn) left = removeElement(left, from, to);
  return left;
}

function removeElement(text: string, from: number, to: number): string {
  const next = skipSpace(text, to);
  if (text[next] === ",")
    return text.slice(0, text[from - 1] === " " ? from - 1 : from) + text.slice(next + 1);
  let before = from;
  while (isSpace(text[before - 1])) before--;
  return text.slice(0, text[before - 1] === "," ? before - 1 : before) + text.slice(to);
}

interface Found {
  /** Behind the brace that begins the text. */
  readonly top: number;
  readonly keys: readonly string[];
  /** Behind the bracket that begins the list; undefined if there is none. */
  readonly array: number | undefined;
  readonly elements: readonly {
    readonly from: number;
    readonly to: number;
    readonly injection: Injection;
  }[];
}

function findInjections(text: string): Found | undefined {
  const parsed = parseJson(text);
  if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed)) return undefined;
  const top = skipSpace(text, 0) + 1;
  const members = findMembers(text, top);
  const keys = members.map(({ name }) => name);
  const [own, another] = members.filter(({ name }) => name === key);
  if (another !== undefined) return undefined;
  if (own === undefined) return { top, keys, array: undefined, elements: [] };
  if (text[own.from] !== "[") return undefined;
  const array = own.from + 1;
  const elements = findElements(text, array).map(({ from, to }) => ({
    ...{ from, to },
    injection: readInjection(parseJson(text.slice(from, to))),
  }));
  return { top, keys, array, elements };
}

function readInjection(value: unknown): Injection {
  const textOf = (name: string): string | undefined => {
    if (typeof value !== "object" || value === null) return undefined;
    const [, found] = Object.entries(value).find(([one]) => one === name) ?? [];
    return typeof found === "string" ? decodeUtf8(encodeByteText(found)) : undefined;
  };
  const archive = textOf("archive");
  const isOwn = slots.some((slot) => archive === `/${addonFile(slot, "tar.gz")}`);
  return { image: textOf("image"), archive, isOwn };
}

interface Range {
  readonly from: number;
  readonly to: number;
}

/** Finds the members of an object; the text is known to be JSON. */
function findMembers(text: string, start: number): (Range & { readonly name: string })[] {
  const found: (Range & { readonly name: string })[] = [];
  for (let at = skipSpace(text, start); text[at] === '"'; ) {
    const end = skipValue(text, at);
    const name = String(parseJson(text.slice(at, end)));
    const from = skipSpace(text, skipSpace(text, end) + 1);
    const to = skipValue(text, from);
    found.push({ name, from, to });
    at = skipComma(text, to);
  }
  return found;
}

function findElements(text: string, start: number): Range[] {
  const found: Range[] = [];
  for (let from = skipSpace(text, start); text[from] !== "]"; ) {
    const to = skipValue(text, from);
    found.push({ from, to });
    from = skipComma(text, to);
  }
  return found;
}

function skipComma(text: string, at: number): number {
  const next = skipSpace(text, at);
  return text[next] === "," ? skipSpace(text, next + 1) : next;
}

function skipSpace(text: string, from: number): number {
  let at = from;
  while (isSpace(text[at])) at++;
  return at;
}

function isSpace(character: string | undefined): boolean {
  return character !== undefined && " \t\r\n".includes(character);
}

/** Returns where a value ends. */
function skipValue(text: string, from: number): number {
  let depth = 0;
  for (let at = from; at < text.length; at++) {
    const character = text[at] ?? "";
    if (character === '"') {
      at = skipText(text, at);
      if (depth === 0) return at + 1;
    } else if (character === "[" || character === "{") depth++;
    else if (character === "]" || character === "}") {
      if (depth === 0) return at;
      if (--depth === 0) return at + 1;
    } else if (depth === 0 && (character === "," || isSpace(character))) return at;
  }
  return text.length;
}

/** Returns where a text ends, at its closing quote. */
function skipText(text: string, from: number): number {
  let at = from + 1;
  while (at < text.length && text[at] !== '"') at += text[at] === "\\" ? 2 : 1;
  return at;
}
