// The disks of a page: the partitions of each to scale, and what the boot thought of them.

import type { DiskBar, DiskPart } from "../../core/overview/disk-bars.ts";
import { formatEscaped } from "../../core/text/quoted.ts";
import { formatSize } from "../../core/text/size.ts";
import { formatElement, formatForeign, formatHtml } from "./html.ts";
import { describePart } from "./words.ts";

const width = 960;

/** Renders a disk. */
export function renderDisk(disk: DiskBar): string {
  const { path, model, bytes, removable, parts } = disk;
  const words = [
    ...(model === undefined ? [] : [formatForeign(model)]),
    formatSize(bytes),
    ...(removable ? ["removable"] : []),
  ];
  const rows = parts.filter(({ path }) => path !== undefined).map(renderRow);
  return [
    formatElement("h3", {}, `${formatForeign(path)} (${words.join(", ")})`),
    renderBar(disk),
    formatElement("table", {}, rows.join("\n")),
  ].join("\n");
}

function renderBar({ path, bytes, parts }: DiskBar): string {
  const boxes = parts
    .filter(({ drawnBytes }) => drawnBytes > 0)
    .map((part) => renderPart(part, width / bytes));
  const label = `The partitions of ${formatEscaped(path)}`;
  return formatElement(
    "svg",
    { class: "disk", viewBox: `0 0 ${width} 30`, role: "img", "aria-label": label },
    boxes.join(""),
  );
}

function renderPart(part: DiskPart, scale: number): string {
  const { start, drawnBytes, bytes, path } = part;
  const box = { x: start * scale, y: 0, width: drawnBytes * scale, height: 30 };
  const title = formatHtml(`${describePart(part)}, ${formatSize(bytes)}`);
  const name = path === undefined ? "" : path.slice(path.lastIndexOf("/") + 1);
  const isWide = name.length * 7 + 8 <= box.width;
  return [
    formatElement("rect", { class: classOf(part), ...box }, formatElement("title", {}, title)),
    isWide && name !== ""
      ? formatElement("text", { x: box.x + 4, y: 19 }, formatForeign(name))
      : "",
  ].join("");
}

function classOf({ path, role }: DiskPart): string {
  if (path === undefined) return "free";
  if (role === undefined) return "part";
  return role === "medium" ? "part ofMedium" : "part ofStore";
}

function renderRow(part: DiskPart): string {
  const cells = [formatSize(part.bytes), formatHtml(describePart(part))];
  return formatElement("tr", {}, cells.map((cell) => formatElement("td", {}, cell)).join(""));
}
