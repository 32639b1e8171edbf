// HTML and SVG as text: whatever comes from a disk becomes text in it, and nothing else.

import { formatEscaped } from "../../core/text/quoted.ts";

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Formats a text for HTML, in an element or in the value of an attribute. */
export function formatHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? "");
}

/** The attributes of an element; undefined ones are left out. */
export type Attributes = Readonly<Record<string, string | number | undefined>>;

/** Formats an element; `inside` is HTML. */
export function formatElement(name: string, attributes: Attributes, inside?: string): string {
  const words = Object.entries(attributes).flatMap(([key, value]) =>
    value === undefined
      ? []
      : [` ${key}="${typeof value === "number" ? formatNumber(value) : formatHtml(value)}"`],
  );
  const start = `<${name}${words.join("")}>`;
  return inside === undefined ? start : `${start}${inside}</${name}>`;
}

/** Two decimals are finer than any screen. */
function formatNumber(value: number): string {
  return `${Math.round(value * 100) / 100}`;
}

/** Formats a text of a disk for HTML: what a browser would act on or hide is escaped. */
export function formatForeign(text: string): string {
  return formatHtml(formatEscaped(text));
}
