// A report as one HTML file: it opens in any browser without a network, prints well, and has no
// script in it; a policy in it forbids all that it does not need.

import type { Overview } from "../../core/overview/overview.ts";
import { formatEscaped, formatLine } from "../../core/text/quoted.ts";
import { formatElement, formatHtml } from "./html.ts";
import { renderBoots } from "./page-boots.ts";
import { renderDisk } from "./page-disks.ts";
import { renderMap } from "./page-map.ts";
import { describeHeadline, describePace, describeRoom, formatMinute } from "./words.ts";

/** What every report begins with, and no other page. */
export const pageBeginning = '<!DOCTYPE html>\n<html lang="en" class="backstore-report">';

/** Nothing is fetched and nothing runs. */
const policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:";

const style = `
body { font: 15px/1.4 sans-serif; color: #222; background: #fff; max-width: 960px; margin: 0 auto; padding: 16px; }
header { border-left: 12px solid; padding: 4px 16px; background: #f4f4f4; }
header.green { border-color: #2e7d32; } header.amber { border-color: #e69500; } header.red { border-color: #c62828; }
h1 { font-size: 22px; margin: 8px 0; } h2 { font-size: 18px; margin: 28px 0 8px; } h3 { font-size: 15px; margin: 16px 0 4px; }
code { background: #fff; border: 1px solid #ccc; padding: 1px 5px; }
table { border-collapse: collapse; } td { padding: 2px 12px 2px 0; vertical-align: top; overflow-wrap: anywhere; }
td:first-child, td:nth-child(3) { white-space: nowrap; }
svg { display: block; width: 100%; } svg.bar { width: 28vw; max-width: 320px; height: 14px; margin-top: 3px; } svg.room { height: 10px; }
svg.map, svg.disk { border: 1px solid #555; box-sizing: border-box; } svg text { font: 11px sans-serif; }
.map rect { stroke: #fff; stroke-width: 0.5; } .map rect.outline { fill: none; stroke: #222; stroke-width: 0.8; } .map rect.depth1 { stroke-width: 2; }
.map text.directory { font-weight: bold; paint-order: stroke; stroke: #fff; stroke-width: 3px; }
.legend { list-style: none; padding: 0; margin: 6px 0; } .legend li { display: inline-block; margin-right: 20px; }
.key, .dot { display: inline-block; width: 12px; height: 12px; border: 1px solid #555; } .dot { border-radius: 50%; }
.added { fill: #8bc58e; background: #8bc58e; } .changed { fill: #f3c65f; background: #f3c65f; }
.deleted { fill: #e08a86; background: #e08a86; } .same { fill: #cfcfcf; background: #cfcfcf; }
.before { fill: #b9b9b9; background: #b9b9b9; } .medium { fill: #7fa7d9; background: #7fa7d9; }
.store { fill: #d69a5b; background: #d69a5b; } .mounting { fill: #6aa874; background: #6aa874; }
.dot.green { background: #2e7d32; } .dot.amber { background: #e69500; } .dot.red { background: #c62828; }
.disk rect { stroke: #222; stroke-width: 0.5; } .free { fill: #fff; } .part { fill: #d5dbe3; } .ofMedium { fill: #7fa7d9; } .ofStore { fill: #8bc58e; }
.room .used { fill: #7a7a7a; } .room .left { fill: #dedede; }
footer { margin-top: 32px; color: #666; font-size: 13px; }
@media print { body { padding: 0; } header, svg, tr { break-inside: avoid; } h2, h3 { break-after: avoid; } * { print-color-adjust: exact; -webkit-print-color-adjust: exact; } }
`;

/** Renders a report as HTML. */
export function renderPage(overview: Overview): string {
  const { banner, changes, boots, bootsFault, disks, made, version } = overview;
  const title = `backstore: ${describeHeadline(banner)}`;
  const sections = [
    renderBanner(overview),
    formatElement("h2", {}, "Changes"),
    "unseen" in changes ? renderSentence(changes.unseen) : renderMap(changes),
    formatElement("h2", {}, "Boots"),
    ...(bootsFault === undefined
      ? []
      : [renderSentence(`The earlier boots in the store are ignored: ${bootsFault}`)]),
    boots.length === 0 ? renderSentence("No boot is recorded") : renderBoots(boots),
    formatElement("h2", {}, "Disks"),
    disks.length === 0 ? renderSentence("No disk was found") : disks.map(renderDisk).join("\n"),
    formatElement(
      "footer",
      {},
      formatHtml(`Made ${formatMinute(made)} UTC by backstore ${formatEscaped(version)}`),
    ),
  ];
  return `${[
    pageBeginning,
    '<head><meta charset="utf-8">',
    formatElement("meta", { "http-equiv": "Content-Security-Policy", content: policy }),
    formatElement("meta", { name: "viewport", content: "width=device-width" }),
    formatElement("link", { rel: "icon", href: "data:," }),
    formatElement("title", {}, formatHtml(title)),
    formatElement("style", {}, style),
    "</head>",
    formatElement("body", {}, `\n${sections.join("\n")}\n`),
    "</html>",
  ].join("\n")}\n`;
}

function renderBanner({ banner }: Overview): string {
  const { level, reason, wrong, mend, room } = banner;
  const lines = [describeRoom(banner), describePace(banner)].filter((line) => line !== undefined);
  const inside = [
    formatElement("h1", {}, formatHtml(describeHeadline(banner))),
    ...(reason === undefined ? [] : [renderSentence(reason)]),
    ...(wrong.length === 0
      ? []
      : [formatElement("ul", {}, wrong.map((line) => renderItem(line)).join(""))]),
    ...(mend === undefined
      ? []
      : [formatElement("p", {}, `Do: ${formatElement("code", {}, formatHtml(mend))}`)]),
    ...(lines.length === 0 ? [] : [formatElement("p", {}, formatHtml(lines.join("; ")))]),
    ...(room === undefined ? [] : [renderRoom(room)]),
  ];
  return formatElement("header", { class: level }, inside.join("\n"));
}

function renderRoom({ totalBytes, usedBytes }: { totalBytes: number; usedBytes: number }): string {
  const share = totalBytes === 0 ? 1 : Math.min(1, usedBytes / totalBytes);
  const box = { y: 0, height: 10 };
  return formatElement(
    "svg",
    {
      class: "room",
      viewBox: "0 0 960 10",
      preserveAspectRatio: "none",
      role: "img",
      "aria-label": "Room",
    },
    formatElement("rect", { class: "left", x: 0, width: 960, ...box }, "") +
      formatElement("rect", { class: "used", x: 0, width: 960 * share, ...box }, ""),
  );
}

function renderSentence(sentence: string): string {
  return formatElement("p", {}, formatHtml(formatLine(sentence)));
}

function renderItem(sentence: string): string {
  return formatElement("li", {}, formatHtml(formatLine(sentence)));
}
