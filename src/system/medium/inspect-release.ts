// What a medium says of the release of its base. It is for comparing and telling: what cannot be
// read is not known, and the base is used all the same.
import type { Layout } from "../../core/medium/layout.ts";
import { ifPossible } from "../port/errors.ts";
import { readBelow } from "../port/files.ts";
import type { DiskPlace, System } from "../port/system.ts";

/** Reads the release from the first file that has one, in one line; undefined where none has. */
export function readRelease(system: System, root: string, { image }: Layout): string | undefined {
  for (const path of releaseFiles(image)) {
    const line = readLine(system, { root, path });
    if (line !== undefined) return line;
  }
  return undefined;
}

/** SystemRescue's, Arch's, and that of Debian, Ubuntu and what is made of them. */
function releaseFiles(image: string): readonly string[] {
  const top = image.split("/")[0] ?? "";
  return [...(top === image ? [] : [`${top}/VERSION`, `${top}/version`]), ".disk/info"];
}

function readLine(system: System, place: DiskPlace): string | undefined {
  return ifPossible(() => {
    const line = (readBelow(system, place, largestFile).trim().split("\n")[0] ?? "").trim();
    return line === "" ? undefined : line.slice(0, longestLine);
  });
}

const largestFile = 4096;
const longestLine = 120;
