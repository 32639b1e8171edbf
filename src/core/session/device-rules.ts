// Rules for udev (udev(7)) by which file managers leave the devices of a session alone: udisks,
// which they all ask, reads its hints from the properties that the rules set (udisks(8)).

import type { Mount } from "../kernel/mount-table.ts";
import { places, sessionMounts } from "./places.ts";

/** The path of the rules, in memory: nothing of them comes into the store. */
export const deviceRulesPath = "/run/udev/rules.d/90-backstore.rules";

/**
 * Lists the devices that a session has mounted for its store and its base, as its mounts name them.
 * The medium is left out unless the store is on it: people look at what else they have there.
 */
export function listSessionDevices(mounts: readonly Mount[]): string[] {
  const sources = mounts.flatMap(({ target, source }) =>
    target.startsWith(sessionMounts) && !others.includes(target) && source.startsWith("/dev/")
      ? [source]
      : [],
  );
  return [...new Set(sources)];
}

const others: readonly string[] = [places.medium, places.newRoot];

/**
 * Formats the rules for devices with these numbers ("8:2"): not shown, not mounted by itself, and
 * changed by an administrator alone. A number stays that of its device while that is mounted.
 */
export function formatDeviceRules(numbers: readonly string[]): string {
  const rules = numbers.map((number) => {
    const [major = "", minor = ""] = number.split(":");
    const device = `SUBSYSTEM=="block", ENV{MAJOR}=="${major}", ENV{MINOR}=="${minor}"`;
    return `${device}, ${hints}\n`;
  });
  return `# The devices of this session, by backstore.\n${rules.join("")}`;
}

const hints = 'ENV{UDISKS_IGNORE}="1", ENV{UDISKS_AUTO}="0", ENV{UDISKS_SYSTEM}="1"';
