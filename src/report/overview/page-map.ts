// The tree map of a page, as SVG.

import { type ChangeGroup, changeGroups, type GroupSums } from "../../core/overview/change-tree.ts";
import type { SeenChanges } from "../../core/overview/overview.ts";
import {
  layOutTree,
  type MapDirectory,
  type MapLeaf,
  type TreeMap,
} from "../../core/overview/tree-map.ts";
import { formatEscaped, formatPath } from "../../core/text/quoted.ts";
import { formatSize } from "../../core/text/size.ts";
import { formatElement, formatHtml } from "./html.ts";
import { describeChanges, formatCount, groupWords, nameLeaf } from "./words.ts";

const width = 960;
const height = 480;

/** A smaller rectangle is not seen as one. */
const leastArea = 60;

/** Renders the changes of a session: a sentence, a legend and a map. */
export function renderMap({ tree, sums, problems, isInMemory }: SeenChanges): string {
  const where = isInMemory && tree.paths > 0 ? ", in memory alone" : "";
  const lost = problems === 0 ? "" : `; ${problems} could not be compared`;
  const map = layOutTree(tree, { width, height, leastArea });
  return [
    formatElement("p", {}, formatHtml(`${describeChanges(tree)}${where}${lost}.`)),
    tree.paths === 0 ? "" : renderLegend(sums),
    map.leaves.length === 0 ? "" : renderSvg(map),
  ].join("\n");
}

function renderLegend(sums: GroupSums): string {
  const items = changeGroups
    .filter((group) => sums[group].paths > 0)
    .map((group) => {
      const { bytes, paths } = sums[group];
      const words = ` ${groupWords[group]}: ${formatSize(bytes)} in ${formatCount(paths)}`;
      return formatElement("li", {}, `${renderKey(group)}${formatHtml(words)}`);
    });
  return formatElement("ul", { class: "legend" }, items.join(""));
}

function renderKey(group: ChangeGroup): string {
  return formatElement("span", { class: `key ${group}` }, "");
}

function renderSvg(map: TreeMap): string {
  const label = "Tree map: the area of each change is its size";
  return formatElement(
    "svg",
    { class: "map", viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": label },
    [
      ...map.leaves.map(renderLeaf),
      ...map.directories.filter(isOutlined).map(renderOutline),
      ...map.leaves.map(renderName),
      ...map.directories.filter(isOutlined).map(renderDirectoryName),
    ].join("\n"),
  );
}

function renderLeaf(leaf: MapLeaf): string {
  const { x, y, width, height, group, bytes, paths, isSum } = leaf;
  const what = isSum ? `${formatCount(paths)} in ${formatPath(leaf.path)}` : formatPath(leaf.path);
  const title = formatHtml(`${what}: ${group}, ${formatSize(bytes)}`);
  return formatElement(
    "rect",
    { class: group, x, y, width, height, "data-bytes": `${bytes}` },
    formatElement("title", {}, title),
  );
}

/** Outlines within outlines would be seen as changes. */
function isOutlined({ depth, width, height }: MapDirectory): boolean {
  return (depth === 1 || depth === 2) && width >= 24 && height >= 24;
}

function renderOutline({ x, y, width, height, depth }: MapDirectory): string {
  return formatElement("rect", { class: `outline depth${depth}`, x, y, width, height }, "");
}

const characterWidth = 6.4;
const lineHeight = 15;

function renderName(leaf: MapLeaf): string {
  const { x, y, width, height } = leaf;
  if (height < lineHeight + 2) return "";
  const name = cut(nameLeaf(leaf), width - 8);
  return name === "" ? "" : formatElement("text", { x: x + 4, y: y + 12 }, formatHtml(name));
}

function renderDirectoryName({ x, y, width, height, path, depth }: MapDirectory): string {
  if (depth !== 1 || height < 2 * lineHeight + 4) return "";
  const name = cut(formatEscaped(path), width - 8);
  const place = { class: "directory", x: x + 4, y: y + height - 5 };
  return name === "" ? "" : formatElement("text", place, formatHtml(name));
}

/** Returns what fits, or nothing if that would not be a name any more. */
function cut(name: string, width: number): string {
  const most = Math.floor(width / characterWidth);
  if (name.length <= most) return name;
  return most < 4 ? "" : `${name.slice(0, most - 1)}…`;
}
