// Whether the program that booted is older than the one that is asked.

import { isOlder } from "../initramfs/tool-version.ts";
import type { Finding } from "../text/finding.ts";
import { formatEscaped } from "../text/quoted.ts";

/** The versions of the program, as far as they are known. */
export interface SeenVersions {
  /** That of the boot. */
  readonly booted: string | undefined;
  /** That of the add-on on the medium. */
  readonly installed: string | undefined;
  /** That of the command. */
  readonly command: string;
}

/** Returns the finding that a newer one could be installed, or takes effect at the next boot. */
export function checkVersion({ booted, installed, command }: SeenVersions): Finding[] {
  if (booted === undefined || !isOlder(booted, command)) return [];
  const what = `this session was booted by backstore ${formatEscaped(booted)}, which is older than this one (${command})`;
  const remedy =
    installed === undefined
      ? "write the initramfs anew"
      : isOlder(installed, command)
        ? '"backstore install" on the medium upgrades it'
        : "the newer one is on the medium, and takes effect at the next boot";
  return [{ level: "warning", message: `${what}; ${remedy}` }];
}
