// A short name for a machine that is the same at each boot: the name in its firmware, and a
// checksum of its serial numbers, which themselves should not be on a stick that is passed on. A
// live system has a new machine-id at each boot, so that cannot be used.
import { crc32 } from "../bytes/crc32.ts";
import { encodeUtf8 } from "../bytes/utf.ts";

/** The facts that the firmware reports; an empty text is ignored. */
interface MachineFacts {
  /** The vendor and product, or the board's model. */
  readonly names: readonly string[];
  /** The machine's UUID and serial numbers. */
  readonly serials: readonly string[];
}

/**
 * Formats the name of a machine ("LENOVO 20QDS3 [5f3a2c11]"); undefined if the firmware reports
 * nothing.
 */
export function formatMachine({ names, serials }: MachineFacts): string | undefined {
  const known = names.map(clean).filter((name) => name !== "");
  const numbers = serials.map(clean).filter((serial) => serial !== "");
  if (known.length === 0 && numbers.length === 0) return undefined;
  const check = crc32(encodeUtf8(numbers.join("\n")))
    .toString(16)
    .padStart(8, "0");
  const name = (known.join(" ") || "unnamed").slice(0, longestName);
  return numbers.length === 0 ? name : `${name} [${check}]`;
}

const longestName = 80;

/** The device tree ends its texts with NUL; firmware pads them. */
function clean(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are removed
  return text.replace(/[\u0000-\u001f\u007f]+/g, " ").trim();
}
