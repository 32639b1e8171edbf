// The menu at the console, as lines that fit on a terminal of 80 columns and use none of its
// features: no colours, no cursor, so that a serial line, a log of it and a screen show the same.

import { keyByEnter, type Menu, menuRows, type OfferedStore } from "../../core/choosing/menu.ts";
import type { Candidate } from "../../core/devices/candidate.ts";
import type { Device } from "../../core/devices/device.ts";
import type { Problem } from "../../core/options/option-source.ts";
import { formatEscaped, formatLine, formatList, formatQuoted } from "../../core/text/quoted.ts";
import { formatSize } from "../../core/text/size.ts";
import { describeProblem } from "../problem.ts";
import { wrapWords } from "../wrap.ts";

/** Renders the menu, up to where the answer is typed. */
export function renderMenu(menu: Menu): string {
  const { stores, missing, occasion } = menu;
  const byEnter = keyByEnter(menu);
  const mark = (key: string) => `${key === byEnter ? "*" : " "} ${key.padStart(2)}  `;
  const question =
    stores.length === 0
      ? "No store was found. What should be done?"
      : "Which store should keep the changes of this session?";
  const keys = [...rangeOf(stores.length), ...menuRows.map(({ key }) => key)];
  return [
    "",
    ...(missing === undefined || occasion === "stopped" ? [] : wrapLine(capitalise(`${missing}.`))),
    question,
    "",
    ...stores.flatMap((store, index) => renderStore(store, mark(String(index + 1)))),
    ...menuRows.flatMap(({ key, help }) => wrapLine(help, mark(key), indent)),
    "",
    ...wrapLine(`Type ${formatList(keys, "or")} and press Enter (Enter alone: ${byEnter}).`),
    "> ",
  ].join("\n");
}

/**
 * Renders what was found on each device and what is wrong, for a user who wants to know before
 * choosing.
 */
export function renderDetails({
  candidates,
  problems,
}: {
  readonly candidates: readonly Candidate[];
  readonly problems: readonly Problem[];
}): string {
  return [
    "",
    candidates.length === 0 ? "No device was found." : "Devices (+ the store, - not)",
    ...candidates.flatMap(({ device, model, bytes, type = "?", label, accepted, reason }) => {
      const known = [
        ...(model === undefined ? [] : [formatEscaped(model)]),
        formatSize(bytes),
        formatEscaped(type),
        ...(label === undefined ? [] : [formatQuoted(label)]),
      ];
      const line = `${formatEscaped(device)} (${known.join(", ")}): ${reason}`;
      return wrapLine(line, accepted ? "+ " : "- ", "    ");
    }),
    ...(problems.length === 0 ? [] : ["", "Problems"]),
    ...problems.flatMap((problem) => wrapLine(describeProblem(problem), "- ", "    ")),
    "",
  ].join("\n");
}

const indent = "      ";

function renderStore({ found, isNew }: OfferedStore, mark: string): string[] {
  const { device, file, directory } = found;
  const path = file?.path ?? (directory.directory === "" ? "/" : directory.directory);
  const inner = file && [formatSize(file.bytes), ...describeContent(file.superblock)];
  const name = [
    `${formatQuoted(path)} on ${formatEscaped(device.path)}`,
    ...(inner ?? []),
    ...(isNew ? ["empty"] : []),
  ].join(", ");
  return [...wrapLine(name, mark, indent), ...wrapLine(describeDevice(device), indent, indent)];
}

function describeDevice(device: Device): string {
  const { model, serial, bytes, superblock } = device;
  return [
    model === undefined ? "disk" : formatEscaped(model),
    formatSize(bytes),
    ...describeContent(superblock),
    ...(serial === undefined ? [] : [`serial number ${formatEscaped(serial)}`]),
  ].join(", ");
}

function describeContent(superblock: Device["superblock"]): string[] {
  if (superblock === undefined) return [];
  const { type, label } = superblock;
  return [formatEscaped(type), ...(label === undefined ? [] : [`labelled ${formatQuoted(label)}`])];
}

function rangeOf(count: number): string[] {
  if (count > 3) return [`1 to ${count}`];
  return Array.from({ length: count }, (_, index) => String(index + 1));
}

function capitalise(sentence: string): string {
  return sentence.slice(0, 1).toUpperCase() + sentence.slice(1);
}

/** One less than a terminal has, because some begin a new line after the last column. */
const columns = 79;

function wrapLine(sentence: string, first = "", rest = ""): string[] {
  return wrapWords(formatLine(sentence), { columns, first, rest });
}
