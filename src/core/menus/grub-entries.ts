// The entries of GRUB's menus: what each of them loads, and where something can be added. Commands
// in functions and outside of entries count as entries of their own. A script in a string that is
// evaluated is read where it stands.

import {
  literalOf,
  parseGrubScript,
  type Statement,
  type Word,
  type WordPart,
} from "./grub-script.ts";
import { findAssignments, Values } from "./grub-values.ts";
import {
  isMicrocode,
  type MenuEntry,
  type Obstacle,
  type Place,
  unknownPart,
} from "./menu-entry.ts";

/** A menu by its path on the medium; each character of the text is a byte. */
export interface MenuText {
  readonly file: string;
  readonly text: string;
}

const entryCommands = ["menuentry", "hiddenentry"];
const linuxCommands = ["linux", "linux16", "linuxefi"];
const initrdCommands = ["initrd", "initrd16", "initrdefi"];
const multibootCommands = ["multiboot", "multiboot2", "module", "module2"];
const chainCommands = ["chainloader", "appleloader", "ntldr", "legacy_configfile", "freedos"];
const networkDevices = ["(tftp", "(http", "(pxe"];

/** Reads the entries of all GRUB menus of a medium together, because they share variables. */
export function readGrubEntries(menus: readonly MenuText[]): MenuEntry[] {
  const read = menus.map((menu) => ({ menu, reading: readScript(menu.text) }));
  const scripts = read.flatMap(({ reading }) => (reading === undefined ? [] : [reading]));
  const values = new Values(findAssignments(scripts));
  return read.flatMap(({ menu, reading }) =>
    reading === undefined
      ? [unread(menu)]
      : new Finder(menu, values).find(reading, `outside of entries in ${menu.file}`),
  );
}

function unread({ file, text }: MenuText): MenuEntry {
  const nothing = { kernels: [], initrds: [], mains: [], words: [], places: [] };
  const whole = { from: 0, to: text.length };
  return { file, loader: "grub", title: file, ...whole, obstacle: "not-understood", ...nothing };
}

/** Returns the commands of a script, those in evaluated strings as blocks of "eval". */
function readScript(text: string): readonly Statement[] | undefined {
  const reading = parseGrubScript(text);
  return "fault" in reading ? undefined : withEvaluated(text, reading.statements);
}

function withEvaluated(text: string, statements: readonly Statement[]): Statement[] {
  return statements.map((statement) => {
    const blocks = statement.blocks.map((block) => withEvaluated(text, block));
    const [command, script, ...more] = statement.words;
    if (literalOf(command) !== "eval" || script === undefined || more.length > 0)
      return { ...statement, blocks };
    const quoted = text.slice(script.from, script.to);
    const quote = quoted[0] ?? "";
    const inside = quoted.slice(1, -1);
    // With a quote or a backslash in it, what is evaluated is not what is written.
    if (!`'"`.includes(quote) || inside.includes(quote) || inside.includes("\\"))
      return { ...statement, blocks };
    const reading = parseGrubScript(text, script.from + 1, script.to - 1);
    return "fault" in reading
      ? { ...statement, blocks }
      : { ...statement, blocks: [withEvaluated(text, reading.statements)] };
  });
}

class Finder {
  private readonly menu: MenuText;
  private readonly values: Values;
  private readonly found: MenuEntry[] = [];

  constructor(menu: MenuText, values: Values) {
    this.menu = menu;
    this.values = values;
  }

  /** Finds the entries in commands, and one of the commands between them that boot something. */
  find(statements: readonly Statement[], title: string): MenuEntry[] {
    const between = this.collect(statements);
    if (between.some((one) => this.kindOf(one) === "linux"))
      this.found.push(
        this.readEntry({ title, arguments: [], from: 0, to: this.menu.text.length }, between),
      );
    return this.found.toSorted((one, other) => one.from - other.from);
  }

  /** Returns the commands that belong to no entry or function below, and finds those. */
  private collect(statements: readonly Statement[]): Statement[] {
    return statements.flatMap((statement) => {
      const name = literalOf(statement.words[0]) ?? "";
      const isEntry = entryCommands.includes(name);
      if (!isEntry && name !== "function")
        return [statement, ...statement.blocks.flatMap((block) => this.collect(block))];
      const body = statement.blocks.flatMap((block) => this.collect(block));
      const given = statement.words.slice(1);
      const { from, to } = statement;
      if (isEntry) {
        const heading = { title: this.titleOf(given), arguments: given, from, to };
        this.found.push(this.readEntry(heading, body));
      } else if (body.some((one) => this.kindOf(one) === "linux")) {
        const title = `function ${literalOf(given[0]) ?? ""}`;
        this.found.push(this.readEntry({ title, arguments: [], from, to }, body));
      }
      return [];
    });
  }

  private titleOf(words: readonly Word[]): string {
    const [title] = withoutOptions(words);
    return (title?.parts ?? [])
      .map((part) => (part.kind === "text" ? part.text : `\${${part.name}}`))
      .join("");
  }

  private readEntry(heading: Heading, statements: readonly Statement[]): MenuEntry {
    const { title, from, to } = heading;
    const own = ownArguments(heading);
    const resolve = (word: Word) => this.values.resolve(word, own);
    const linux = statements.filter((one) => this.kindOf(one) === "linux");
    const initrd = statements.filter((one) => this.kindOf(one) === "initrd");
    const kernels = linux.flatMap(({ words }) => words.slice(1, 2).flatMap(resolve));
    const words = linux.flatMap((one) => one.words.slice(1).flatMap(resolve).flatMap(splitWords));
    const initrds = initrd.map((one) => one.words.slice(1).flatMap(resolve).flatMap(splitWords));
    const obstacle =
      this.findObstacle(statements) ??
      findOddLoading(linux, initrd) ??
      this.findElsewhere(
        [
          ...linux.flatMap((one) => one.words.slice(1, 2)),
          ...initrd.flatMap((one) => one.words.slice(1)),
        ],
        resolve,
      );
    return {
      ...{ file: this.menu.file, loader: "grub", title, from, to, obstacle },
      ...{ kernels, initrds, mains: initrd.flatMap((one) => mainPaths(one, resolve)) },
      ...{ words: [...new Set(words)], titleTo: withoutOptions(heading.arguments)[0]?.to },
      places: obstacle === undefined ? this.findPlaces(linux, initrd) : [],
    };
  }

  private findObstacle(statements: readonly Statement[]): Obstacle | undefined {
    const kinds = statements.map((one) => this.kindOf(one));
    if (statements.some(({ isBroken }) => isBroken)) return "not-understood";
    if (kinds.includes("multiboot")) return "multiboot";
    if (kinds.includes("loopback")) return "elsewhere";
    if (kinds.includes("linux") && kinds.includes("unknown")) return "not-understood";
    if (kinds.includes("linux")) return undefined;
    return kinds.includes("chain") ? "chain" : "no-kernel";
  }

  private findPlaces(linux: readonly Statement[], initrd: readonly Statement[]): Place[] {
    return [
      ...linux.flatMap(({ words }): Place[] => {
        const at = words[1]?.to ?? 0;
        return [{ at, what: "argument", before: " ", device: "" }];
      }),
      ...initrd.flatMap(({ words }): Place[] => {
        const device = words.slice(1).map((word) => this.deviceOf(word));
        const first = words.findIndex(
          (word, index) =>
            index === words.length - 1 ||
            (index > 0 && !isMicrocode(this.menu.text.slice(word.from, word.to))),
        );
        return [
          {
            ...{ at: words.at(-1)?.to ?? 0, from: words[first]?.from ?? 0 },
            what: "initrd",
            before: " ",
            device: device.find((one) => one !== "") ?? "",
          },
        ];
      }),
    ];
  }

  /** Finds out whether files are loaded from elsewhere than the medium: "($root)" is the medium. */
  private findElsewhere(
    words: readonly Word[],
    resolve: (word: Word) => readonly string[],
  ): Obstacle | undefined {
    const devices = words.map((word) => this.deviceOf(word)).filter((one) => one !== "");
    const files = words
      .filter((word) => this.deviceOf(word) === "")
      .flatMap((word) => {
        const values = resolve(word).flatMap(splitWords);
        // Of "/live/$name" the beginning is known, whatever the name is.
        return this.menu.text[word.from] === "/" ? values.slice(0, 1) : values;
      })
      .filter((path) => !path.startsWith(unknownPart));
    if ([...devices, ...files].some((one) => networkDevices.some((name) => one.startsWith(name))))
      return "netboot";
    if (devices.some((one) => !one.startsWith("($"))) return "elsewhere";
    if (files.some((path) => path.startsWith("("))) return "elsewhere";
    // From a disk GRUB loads nothing by a path without a slash.
    if (files.some((path) => !path.startsWith("/"))) return "netboot";
    return files.length + devices.length === 0 ? "not-understood" : undefined;
  }

  /** Returns the device in front of a path, as it is written. */
  private deviceOf({ from, to }: Word): string {
    const written = this.menu.text.slice(from, to);
    return written.startsWith("(") ? written.slice(0, written.indexOf(")") + 1) : "";
  }

  private kindOf({ words }: Statement): Kind {
    const [first] = words;
    if (first === undefined) return "other";
    const literal = literalOf(first);
    if (literal !== undefined) return kindOfName(literal);
    const kinds = new Set(this.values.resolve(first).map(kindOfName));
    const [kind = "other", ...others] = kinds;
    if (others.length > 0) return "unknown";
    return kind === "other" && words.length > 1 ? "unknown" : kind;
  }
}

type Kind = "linux" | "initrd" | "multiboot" | "chain" | "loopback" | "unknown" | "other";

function kindOfName(name: string): Kind {
  if (linuxCommands.includes(name)) return "linux";
  if (initrdCommands.includes(name)) return "initrd";
  if (multibootCommands.includes(name) || name.startsWith("xen_")) return "multiboot";
  if (chainCommands.includes(name)) return "chain";
  return name === "loopback" ? "loopback" : "other";
}

interface Heading {
  readonly title: string;
  /** The words behind "menuentry": title, options, arguments. */
  readonly arguments: readonly Word[];
  readonly from: number;
  readonly to: number;
}

/** Options of "menuentry" whose value is the next word. */
const optionsWithValue = ["--class", "--users", "--hotkey", "--id", "--source"];

function withoutOptions(words: readonly Word[]): Word[] {
  const found: Word[] = [];
  for (let at = 0; at < words.length; at++) {
    const word = words[at];
    const text = literalOf(word) ?? "";
    if (optionsWithValue.includes(text)) at++;
    else if (word !== undefined && !text.startsWith("--")) found.push(word);
  }
  return found;
}

function ownArguments(heading: Heading): Map<string, readonly WordPart[]> {
  const words = withoutOptions(heading.arguments);
  return new Map(words.map((word, index) => [String(index + 1), word.parts]));
}

/** Returns the paths that the last word with a known one stands for. */
function mainPaths({ words }: Statement, resolve: (word: Word) => readonly string[]): string[] {
  const lists = words
    .slice(1)
    .map((word) => resolve(word).flatMap((value) => splitWords(value).slice(-1)))
    .map((paths) => paths.filter((path) => !path.startsWith(unknownPart)));
  return lists.findLast((paths) => paths.length > 0) ?? [];
}

function splitWords(text: string): string[] {
  return text.split(" ").filter((word) => word !== "");
}

/** Far more than any entry has. */
const mostLoading = 64;

/** What keeps commands that load from being understood; undefined if nothing does. */
function findOddLoading(
  linux: readonly Statement[],
  initrd: readonly Statement[],
): Obstacle | undefined {
  if (linux.length === 0) return undefined;
  if (linux.length + initrd.length > mostLoading) return "not-understood";
  if (initrd.length === 0) return "no-initrd";
  if ([...linux, ...initrd].some(({ words }) => words.length < 2)) return "not-understood";
  // A second initrd command replaces what the first has loaded; and a kernel whose initramfs is
  // loaded under a condition may be started without what is added.
  const isTwice = initrd.some((one, index) =>
    initrd.slice(index + 1).some((other) => !isApart(one, other)),
  );
  const isBare = linux.some((one) => !initrd.some((other) => isBeside(one, other)));
  return isTwice || isBare ? "not-understood" : undefined;
}

/** Returns whether one of two commands is executed only where the other is. */
function isBeside({ branches: one }: Statement, { branches: other }: Statement): boolean {
  return one.every((branch, index) => index >= other.length || branch === other[index]);
}

/** Returns whether two commands are in different branches of a condition. */
function isApart({ branches: one }: Statement, { branches: other }: Statement): boolean {
  const index = one.findIndex((branch, place) => branch !== other[place]);
  const [mine, theirs] = [one[index]?.split("."), other[index]?.split(".")];
  return mine !== undefined && theirs !== undefined && mine[0] === theirs[0];
}
