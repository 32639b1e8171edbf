// The last boots of a page: stacked bars, one phase after the other, all to one scale.

import { type BootBar, phaseNames } from "../../core/overview/boot-bars.ts";
import { formatElement, formatHtml } from "./html.ts";
import { describeBoot, formatMinute, formatSeconds, phaseWords } from "./words.ts";

const width = 400;

/** Renders boots, the newest first. */
export function renderBoots(boots: readonly BootBar[]): string {
  const longestMs = Math.max(1, ...boots.map(({ totalMs }) => totalMs));
  const rows = boots.toReversed().map((boot) => renderRow(boot, longestMs));
  return formatElement("table", {}, rows.join("\n")) + renderLegend();
}

function renderLegend(): string {
  const items = phaseNames.map((name) => {
    const key = formatElement("span", { class: `key ${name}` }, "");
    return formatElement("li", {}, `${key} ${formatHtml(phaseWords[name])}`);
  });
  return formatElement("ul", { class: "legend" }, items.join(""));
}

function renderRow(boot: BootBar, longestMs: number): string {
  const { started, level, totalMs } = boot;
  const cells = [
    formatHtml(started === undefined ? "" : formatMinute(started)),
    totalMs === 0 ? "" : renderBar(boot, longestMs),
    totalMs === 0 ? "" : formatSeconds(totalMs),
    formatElement("span", { class: `dot ${level}` }, "") + formatHtml(` ${describeBoot(boot)}`),
  ];
  return formatElement("tr", {}, cells.map((cell) => formatElement("td", {}, cell)).join(""));
}

function renderBar({ phases }: BootBar, longestMs: number): string {
  let x = 0;
  const parts = phaseNames.flatMap((name) => {
    const milliseconds = phases[name] ?? 0;
    const length = (milliseconds / longestMs) * width;
    const title = formatElement(
      "title",
      {},
      formatHtml(`${phaseWords[name]}: ${formatSeconds(milliseconds)}`),
    );
    const place = { class: name, x, y: 0, width: length, height: 14 };
    x += length;
    return length === 0 ? [] : [formatElement("rect", place, title)];
  });
  const shape = { class: "bar", viewBox: `0 0 ${width} 14`, preserveAspectRatio: "none" };
  return formatElement("svg", { ...shape, role: "img", "aria-label": "Phases" }, parts.join(""));
}
