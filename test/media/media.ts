// Checks installing and undoing it on a directory of media, each a directory with its files:
//
//     npm run media -- DIR [NAME]...
//
// Each medium is read and its changes are planned, also where the add-on has no way into its
// initramfs. Taken out again, they must give every menu as it was. Where the README.md of DIR has a
// row for a medium, its main entries must be changed as it says, or left with a reason. Then the
// executable installs on a copy and undoes it, which must give the copy back, digest for digest.
import { spawnSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { decodeByteText } from "../../src/core/bytes/byte-text.ts";
import { addonFile } from "../../src/core/install/install-record.ts";
import {
  type MediumChanges,
  type MediumFiles,
  planChanges,
} from "../../src/core/install/plan-changes.ts";
import { editText, undoInsertions } from "../../src/core/menus/edit.ts";
import type { MenuEntry } from "../../src/core/menus/menu-entry.ts";
import { identifyMenu } from "../../src/core/menus/menu-files.ts";
import { type Menu, readMenus } from "../../src/core/menus/read-menus.ts";
import { type ExpectedChange, parseExpectations } from "./expectations.ts";
import { digestTree, readMedium } from "./tree.ts";

const binary = resolve("dist/backstore");
const addon = addonFile("1");
/** Ends the title of a copy. */
const mark = " [backstore]";
const [top = "", ...names] = process.argv.slice(2);
if (top === "") throw new Error("npm run media -- DIR [NAME]...");

const table = existsSync(join(top, "README.md"))
  ? readFileSync(join(top, "README.md"), "utf8")
  : "";
const expectations = parseExpectations(table);
const media = readdirSync(top)
  .filter((name) => statSync(join(top, name)).isDirectory())
  .filter((name) => names.length === 0 || names.includes(name));
const faults: string[] = [];
const counts = { changed: 0, left: 0, installed: 0, refused: 0 };
for (const name of media) checkMedium(name);
console.log(
  `${media.length} media: ${counts.changed} entries of the table changed as it says, ${counts.left} left with a reason; installed on ${counts.installed} and undone, ${counts.refused} refused; ${faults.length} faults`,
);
process.exit(faults.length === 0 ? 0 : 1);

function checkMedium(name: string): void {
  const directory = join(top, name);
  const medium = readMedium(directory);
  const all = planChanges(medium, { addon, words: ["backstore"], everyFamily: true });
  const fault = (text: string) => {
    faults.push(`${name}: ${text}`);
    console.log(`  FAULT: ${text}`);
  };
  const { family } = all;
  console.log(
    `${name}: ${family === undefined ? "not recognised" : `${family.name}, ${family.way}`}`,
  );
  for (const { path, original = "", edits } of all.changes)
    if (identifyMenu(path) && undoInsertions(editText(original, edits), edits) !== original)
      fault(`${path}: taken out again, the menu is another`);
  const wanted = applyAll(medium, expectations.get(name) ?? []);
  for (const expected of expectations.get(name) ?? [])
    checkExpected({ medium, all, wanted }, expected, fault);
  checkCommand(directory, fault);
}

/** Returns the menus of a medium as the table wants them. */
function applyAll(medium: MediumFiles, expected: readonly ExpectedChange[]): Map<string, string> {
  const texts = new Map<string, string>();
  // From the end to the beginning, so that the numbers of lines stay.
  for (const change of expected.toSorted((one, other) => other.line - one.line)) {
    const text = texts.get(change.file) ?? medium.texts.get(change.file) ?? "";
    const at = findLine(text, change.line, change.before);
    if (at < 0 || change.after === undefined) continue;
    const after = change.after.replaceAll("/backstore.img", `/${addon}`);
    const changed = text.slice(0, at) + after + text.slice(at + change.before.length);
    texts.set(change.file, changed);
  }
  return texts;
}

interface Compared {
  readonly medium: MediumFiles;
  readonly all: MediumChanges;
  readonly wanted: ReadonlyMap<string, string>;
}

/** Compares a menu as the table wants it with ours, as the boot loader understands it. */
function checkExpected(
  { medium, all, wanted }: Compared,
  expected: ExpectedChange,
  fault: (text: string) => void,
): void {
  const { file, line, before, after } = expected;
  const place = `${file}:${line}`;
  const at = findLine(medium.texts.get(file) ?? "", line, before);
  if (at < 0) {
    fault(`${place} of the table is not in the medium`);
    return;
  }
  const entries = readAll(medium);
  const index = entries.findIndex(
    (entry) => entry.file === file && entry.from <= at && at <= entry.to,
  );
  const reported = all.entries.filter(({ title }) => !title.endsWith(mark));
  const found = reported[index];
  if (found !== undefined && (after === undefined || !isTaken(found.reason))) {
    counts.left++;
    console.log(`  ${place} left: ${found.reason}`);
    if (found.changed) fault(`${place} has to be left as it is`);
    return;
  }
  const theirs = readAll(medium, wanted);
  const texts = all.changes.map(
    ({ path, original = "", edits }) => [path, editText(original, edits)] as const,
  );
  const ours = readAll(medium, new Map(texts));
  const affected = theirs.flatMap((entry, number) => {
    const isAffected = index < 0 ? isOther(entry, entries[number]) : number === index;
    return isAffected ? [{ entry, mine: findOurs(ours, entry, reported[number]?.reason) }] : [];
  });
  if (affected.length === 0) {
    counts.left++;
    console.log(`  ${place} left: it is part of no entry`);
  }
  for (const { entry, mine } of affected) compareEntries(place, entry, mine, fault);
  for (const { mine } of affected)
    if (all.family?.way === "rdinit" && !mine?.words.includes("rdinit=/backstore-init"))
      fault(`${place}: rdinit is missing`);
  if (affected.length === 0) return;
  counts.changed++;
  const how = found?.reason === "own-place" ? "in a copy" : "changed";
  console.log(`  ${place} ${how}${all.family?.way === "none" ? " (but there is no way in)" : ""}`);
}

function isTaken(reason: string | undefined): boolean {
  return reason === undefined || reason === "own-place";
}

function isOther(one: MenuEntry, other: MenuEntry | undefined): boolean {
  return JSON.stringify(one.initrds) !== JSON.stringify(other?.initrds);
}

/** Finds the entry of ours by its place among those of its file, or its copy by its title. */
function findOurs(
  ours: readonly MenuEntry[],
  entry: MenuEntry,
  reason: string | undefined,
): MenuEntry | undefined {
  if (reason === "own-place") return ours.find(({ title }) => title === `${entry.title}${mark}`);
  return ours.find(
    ({ file, title, from }) =>
      file === entry.file && title === entry.title && isNear(from, entry.from),
  );
}

/** What was inserted before an entry moves it by less than it is long. */
function isNear(one: number, other: number): boolean {
  return Math.abs(one - other) < 2000;
}

/** The table names one change or the other of an entry, and ours has all of them. */
function compareEntries(
  place: string,
  theirs: MenuEntry,
  mine: MenuEntry | undefined,
  fault: (text: string) => void,
): void {
  const wanted = new Set(theirs.initrds.flat());
  const loaded = new Set(mine?.initrds.flat());
  const isNamed = [...wanted].some((path) => path.endsWith(`/${addon}`));
  const missing = [...wanted].filter((path) => !loaded.has(path));
  const more = [...loaded].filter((path) => !wanted.has(path));
  const isMore = isNamed ? more.length > 0 : more.some((path) => !path.endsWith(`/${addon}`));
  if (missing.length > 0 || isMore)
    fault(`${place}: ${JSON.stringify(missing)} is missing, ${JSON.stringify(more)} is too much`);
  const lists = mine?.initrds ?? [];
  if (lists.length === 0 || !lists.every((list) => list.at(-1)?.endsWith(`/${addon}`)))
    fault(`${place}: the add-on is not the last initramfs`);
  const words = [...theirs.words, "backstore"].filter((word) => !mine?.words.includes(word));
  if (words.length > 0) fault(`${place}: the arguments ${words.join(" ")} are missing`);
}

function findLine(text: string, line: number, before: string): number {
  const bytes = decodeByteText(Buffer.from(before));
  const start = text
    .split("\n")
    .slice(0, line - 1)
    .join("\n").length;
  const at = text.indexOf(bytes, Math.max(0, start - 1));
  return at;
}

function readAll(medium: MediumFiles, texts: ReadonlyMap<string, string> = new Map()): MenuEntry[] {
  const created = [...texts.keys()].filter((file) => !medium.texts.has(file));
  const menus = [...medium.texts.keys(), ...created].flatMap((file): Menu[] => {
    const loader = identifyMenu(file);
    const text = texts.get(file) ?? medium.texts.get(file) ?? "";
    return loader === undefined ? [] : [{ file, text, loader }];
  });
  return readMenus(menus);
}

/** Runs the executable on a copy. */
function checkCommand(directory: string, fault: (text: string) => void): void {
  const work = mkdtempSync(join(tmpdir(), "backstore-media-"));
  try {
    const tree = join(work, "tree");
    cpSync(directory, tree, { recursive: true });
    const before = digestTree(tree);
    const installed = call("install", tree);
    if (installed.status !== 0) {
      counts.refused++;
      console.log(`  ${installed.stderr.trim().split("\n")[0]?.replace(tree, "DIR")}`);
    } else {
      counts.installed++;
      checkInstalled(tree, before, fault);
      const again = digestTree(tree);
      call("install", tree);
      compare(again, digestTree(tree), (text) => fault(`installed twice: ${text}`));
      const undone = call("uninstall", tree);
      if (undone.status !== 0) fault(`uninstall: ${undone.stderr}`);
    }
    compare(before, digestTree(tree), (text) => fault(`undone: ${text}`));
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** Nothing but what is planned may differ. */
function checkInstalled(
  tree: string,
  before: ReadonlyMap<string, string>,
  fault: (text: string) => void,
): void {
  const after = digestTree(tree);
  const changed = [...after.keys()].filter((path) => after.get(path) !== before.get(path));
  const ours = changed.filter((path) => path === "backstore" || path.startsWith("backstore/"));
  const planned = readRecordPaths(tree);
  for (const path of changed)
    if (!ours.includes(path) && !planned.includes(path)) fault(`${path} was changed as well`);
  for (const path of planned) if (!changed.includes(path)) fault(`${path} was not changed`);
}

function readRecordPaths(tree: string): string[] {
  const text = readFileSync(join(tree, "backstore/install1.json"), "utf8");
  return (JSON.parse(text) as { files: { path: string }[] }).files.map(({ path }) => path);
}

function compare(
  one: ReadonlyMap<string, string>,
  other: ReadonlyMap<string, string>,
  fault: (text: string) => void,
): void {
  for (const path of new Set([...one.keys(), ...other.keys()]))
    if (one.get(path) !== other.get(path)) fault(`${path} differs`);
}

function call(command: string, tree: string): { status: number | null; stderr: string } {
  return spawnSync(binary, [command, "--tree", tree], { encoding: "utf8" });
}
