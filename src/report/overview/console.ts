// A report for a console: the same drawings, made of characters.

import type { Banner } from "../../core/overview/banner.ts";
import { type BootBar, phaseNames } from "../../core/overview/boot-bars.ts";
import { type ChangeGroup, changeGroups } from "../../core/overview/change-tree.ts";
import type { DiskBar } from "../../core/overview/disk-bars.ts";
import type { Overview, SeenChanges } from "../../core/overview/overview.ts";
import { layOutTree, type TreeMap } from "../../core/overview/tree-map.ts";
import { formatEscaped, formatLine } from "../../core/text/quoted.ts";
import { formatSize } from "../../core/text/size.ts";
import { renderPairs, wrapPair } from "../table.ts";
import { wrapWords } from "../wrap.ts";
import {
  describeBoot,
  describeChanges,
  describeHeadline,
  describePace,
  describePart,
  describeRoom,
  formatMinute,
  formatSeconds,
  groupWords,
  nameLeaf,
  phaseWords,
} from "./words.ts";

const usualColumns = 79;

/** Renders a report for a terminal of some columns. */
export function renderConsole(overview: Overview, given: number | undefined): string {
  const { banner, changes, boots, bootsFault, disks } = overview;
  const columns = Math.max(20, given ?? usualColumns);
  const lines = [
    ...renderBanner(banner, columns),
    "",
    ...("unseen" in changes
      ? ["Changes", ...wrap(changes.unseen, columns)]
      : renderChanges(changes, columns)),
    "",
    "Boots",
    ...(bootsFault === undefined
      ? []
      : wrap(`The earlier boots in the store are ignored: ${bootsFault}`, columns)),
    ...renderBoots(boots, columns),
    "",
    "Disks",
    ...(disks.length === 0 ? ["  No disk was found"] : []),
    ...disks.flatMap((disk) => renderDisk(disk, columns)),
  ];
  return lines.map((line) => `${line.trimEnd()}\n`).join("");
}

function wrap(sentence: string, columns: number): string[] {
  return wrapWords(formatLine(sentence), { columns, first: "  ", rest: "  " });
}

function renderBanner(banner: Banner, columns: number): string[] {
  const { level, reason, wrong, mend } = banner;
  const [room, pace] = [describeRoom(banner), describePace(banner)];
  const rows: (readonly [string, string])[] = [
    ...(reason === undefined ? [] : [["reason", formatLine(reason)] as const]),
    ...wrong.map((line) => ["wrong", formatLine(line)] as const),
    ...(mend === undefined ? [] : [["do", mend] as const]),
    ...(room === undefined ? [] : [["room", room] as const]),
    ...(pace === undefined ? [] : [["pace", pace] as const]),
  ];
  const marks = { green: "[ok]", amber: "[!]", red: "[!!]" };
  const headline = `${marks[level]} ${describeHeadline(banner)}`;
  return [
    ...wrapWords(headline, { columns, first: "", rest: "  " }),
    ...renderPairs(rows, columns),
    ...(banner.room === undefined ? [] : [renderRoom(banner.room, columns)]),
  ];
}

function renderRoom(
  { totalBytes, usedBytes }: { totalBytes: number; usedBytes: number },
  columns: number,
): string {
  const length = columns - 4;
  const used =
    totalBytes === 0 ? length : Math.min(length, Math.round((usedBytes / totalBytes) * length));
  return `  [${"#".repeat(used)}${".".repeat(length - used)}]`;
}

const groupMarks: Readonly<Record<ChangeGroup, string>> = {
  added: "+",
  changed: "~",
  deleted: "-",
  same: "=",
};

function renderChanges(
  { tree, sums, problems, isInMemory }: SeenChanges,
  columns: number,
): string[] {
  const where = isInMemory && tree.paths > 0 ? ", in memory alone" : "";
  const lost = problems === 0 ? "" : `; ${problems} could not be compared`;
  const legend = changeGroups
    .filter((group) => sums[group].paths > 0)
    .map((group) => `${groupMarks[group]} ${groupWords[group]}: ${formatSize(sums[group].bytes)}`);
  const height = Math.min(20, Math.max(8, Math.round(columns / 6)));
  const map = layOutTree(tree, { width: columns, height, leastArea: 4, ratio: 2 });
  return [
    ...wrapWords(`Changes: ${describeChanges(tree)}${where}${lost}`, {
      columns,
      first: "",
      rest: "  ",
    }),
    ...legend.flatMap((line) => wrap(line, columns)),
    ...(map.leaves.length === 0 ? [] : drawMap(map)),
  ];
}

function drawMap({ width, height, leaves }: TreeMap): string[] {
  const grid = Array.from({ length: height }, () => Array<string>(width).fill(" "));
  for (const leaf of leaves) {
    // Both sides of an edge are rounded to the same column.
    const [left, right] = [Math.round(leaf.x), Math.round(leaf.x + leaf.width)];
    const [top, bottom] = [Math.round(leaf.y), Math.round(leaf.y + leaf.height)];
    const inside = right - left - 1;
    const name = [...nameLeaf(leaf)].slice(0, inside - 1).join("");
    for (let y = top; y < bottom; y++) {
      const fill = groupMarks[leaf.group].repeat(Math.max(0, right - left));
      const edged = inside >= 2 ? `|${fill.slice(1)}` : fill;
      const line = y === top && inside >= 5 ? `|${name}${fill.slice(1 + [...name].length)}` : edged;
      grid[y]?.splice(left, right - left, ...[...line].slice(0, right - left));
    }
  }
  return grid.map((row) => row.join(""));
}

const phaseMarks: Readonly<Record<(typeof phaseNames)[number], string>> = {
  before: ".",
  medium: "m",
  store: "s",
  mounting: "#",
};

function renderBoots(boots: readonly BootBar[], columns: number): string[] {
  if (boots.length === 0) return ["  No boot is recorded"];
  const longestMs = Math.max(1, ...boots.map(({ totalMs }) => totalMs));
  const isWide = columns >= 70;
  const length = Math.max(8, isWide ? Math.floor(columns / 4) : columns - 30);
  const rows = boots.toReversed().flatMap((boot) => {
    const { started, totalMs, phases } = boot;
    const bar = phaseNames
      .map((name) =>
        phaseMarks[name].repeat(Math.round(((phases[name] ?? 0) / longestMs) * length)),
      )
      .join("");
    const when = (started === undefined ? "" : formatMinute(started)).padEnd(16);
    const time = totalMs === 0 ? "" : formatSeconds(totalMs);
    const before = `  ${when} ${time.padStart(8)}  ${bar}`;
    const words = describeBoot(boot);
    return isWide
      ? wrapPair(`${before.padEnd(29 + length)}  `, words, columns)
      : [before, ...wrapWords(words, { columns, first: "    ", rest: "    " })];
  });
  const legend = phaseNames.map((name) => `${phaseMarks[name]} ${phaseWords[name]}`).join(", ");
  return [...rows, ...wrap(legend, columns)];
}

function renderDisk({ path, model, bytes, removable, parts }: DiskBar, columns: number): string[] {
  const words = [
    ...(model === undefined ? [] : [formatEscaped(model)]),
    formatSize(bytes),
    ...(removable ? ["removable"] : []),
  ];
  const length = columns - 4;
  const scale = length / bytes;
  let bar = "";
  let number = 0;
  const rows = parts.flatMap((part) => {
    if (part.path === undefined) {
      bar = bar.padEnd(Math.round((part.start + part.drawnBytes) * scale), ".");
      return [];
    }
    const mark = "123456789abcdefghijklmnopqrstuvwxyz"[number++] ?? "#";
    bar = bar.padEnd(Math.round((part.start + part.drawnBytes) * scale), mark);
    return wrapPair(
      `  ${mark} ${formatSize(part.bytes).padStart(10)}  `,
      describePart(part),
      columns,
    );
  });
  return [
    ...wrapWords(`${formatEscaped(path)} (${words.join(", ")})`, {
      columns,
      first: "  ",
      rest: "    ",
    }),
    `  [${bar.slice(0, length).padEnd(length, ".")}]`,
    ...rows,
  ];
}
