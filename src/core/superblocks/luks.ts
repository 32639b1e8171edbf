// LUKS 1 and 2: an encrypted container, whose inside nobody can tell without a key.
// Fields: "LUKS On-Disk Format Specification" 1.2.3 and "LUKS2 On-Disk Format Specification" 1.1.4.

import type { Superblock } from "../device.ts";
import { hasText, labelText, u16be } from "./fields.ts";
import type { Source } from "./source.ts";

/** Identifies LUKS 1 (which has no label) and LUKS 2. */
export function identifyLuks(source: Source): Superblock | undefined {
  const header = source.at(0, 512);
  if (header === undefined || !hasText(header, 0, "LUKS\xba\xbe")) return undefined;
  const version = u16be(header, 6);
  if (version !== 1 && version !== 2) return undefined;
  return {
    type: "crypto_LUKS",
    label: version === 2 ? labelText(header, 24, 48) : undefined,
    uuid: labelText(header, 168, 40),
    bytes: undefined,
    unclean: [],
  };
}
