// The release of a medium's base, as the medium or else the base itself names it. It is for
// comparing and reporting: if it cannot be read it is unknown, and the base is used anyway.
import type { Layout } from "../../core/medium/layout.ts";
import { osReleaseFiles, parseOsRelease } from "../../core/medium/os-release.ts";
import { ifPossible } from "../port/errors.ts";
import { readBelow } from "../port/files.ts";
import type { DiskPlace, System } from "../port/system.ts";

/** Reads the release from the first file that has one, as one line; undefined if none has. */
export function readRelease(system: System, root: string, { image }: Layout): string | undefined {
  for (const path of releaseFiles(image)) {
    const line = readLine(system, { root, path });
    if (line !== undefined) return line;
  }
  return undefined;
}

/** Those of SystemRescue, Arch, and Debian, Ubuntu and their derivatives. */
function releaseFiles(image: string): readonly string[] {
  const top = image.split("/")[0] ?? "";
  return [...(top === image ? [] : [`${top}/VERSION`, `${top}/version`]), ".disk/info"];
}

/** Reads the release from the os-release of a base that is mounted at `root`. */
export function readOsRelease(system: System, root: string): string | undefined {
  for (const path of osReleaseFiles) {
    const name = ifPossible(() => parseOsRelease(readBelow(system, { root, path }, largestFile)));
    if (name !== undefined) return name.slice(0, longestLine);
  }
  return undefined;
}

function readLine(system: System, place: DiskPlace): string | undefined {
  return ifPossible(() => {
    const line = (readBelow(system, place, largestFile).trim().split("\n")[0] ?? "").trim();
    return line === "" ? undefined : line.slice(0, longestLine);
  });
}

const largestFile = 4096;
const longestLine = 120;
