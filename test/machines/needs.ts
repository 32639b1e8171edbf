// What of a guest only QEMU has. All else runs in User Mode Linux.

import type { Hand } from "./boot-request.ts";
import type { Disk, Keyboard } from "./machine.ts";
import { mostUmlDisks } from "./uml.ts";

/** What a guest is made of, as far as it decides about its machine. */
export interface GuestParts {
  /** What the machine must have that nothing else tells. */
  readonly needs?: string;
  readonly kernel?: string;
  readonly disks: readonly Disk[];
  readonly boots: readonly { readonly hands?: readonly Hand[]; readonly keyboard?: Keyboard }[];
}

/** Returns what makes a guest one for QEMU; undefined where nothing does. */
export function findHardwareNeed({ needs, kernel, disks, boots }: GuestParts): string | undefined {
  if (needs !== undefined) return needs;
  if (kernel !== undefined) return `the kernel of ${kernel}`;
  for (const { name, bus, fault, log, absent } of disks) {
    if (bus !== undefined) return `${bus} for the disk "${name}"`;
    if (fault !== undefined) return `a fault of the disk "${name}"`;
    if (log !== undefined) return `a record of what is written to the disk "${name}"`;
    if (absent) return `plugging in the disk "${name}"`;
  }
  // The disk with the guest's actions comes last.
  if (disks.length >= mostUmlDisks) return `${disks.length + 1} disks`;
  const hands = boots.flatMap((boot) => boot.hands ?? []);
  if (boots.some(({ keyboard }) => keyboard !== undefined)) return "a keyboard";
  if (hands.some(({ presses }) => presses !== undefined)) return "a keyboard";
  if (hands.some(({ plugs, pulls }) => (plugs ?? pulls) !== undefined)) return "hot-plugging";
  return undefined;
}
