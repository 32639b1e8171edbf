// A short name for a machine that stays the same from boot to boot: what its firmware calls it, and a check of its serial
// numbers, which themselves are nobody's business on a stick that is passed on. A live system's machine-id is made anew at
// each boot, so it is of no use here.
import { crc32 } from "../bytes/crc32.ts";
import { encodeUtf8 } from "../bytes/utf.ts";

/** Is what the firmware says; empty texts are as good as none. */
interface MachineFacts {
  /** Vendor and product, or the board's model. */
  readonly names: readonly string[];
  /** The machine's UUID and serial numbers. */
  readonly serials: readonly string[];
}

/** Formats the name of a machine ("LENOVO 20QDS3 [5f3a2c11]"); undefined where the firmware says nothing. */
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
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is taken out
  return text.replace(/[\u0000-\u001f\u007f]+/g, " ").trim();
}
