// The release of a medium's base, and what distinguishes this build from others. Both are for
// comparing and reporting: if they cannot be read they are unknown, and the base is used anyway.
import { readFingerprint } from "../../core/medium/base-fingerprint.ts";
import type { Layout } from "../../core/medium/layout.ts";
import { ifPossible } from "../port/errors.ts";
import type { System } from "../port/system.ts";

/** Reads the release from the first file that has one, as one line; undefined if none has. */
export function readRelease(system: System, root: string, { image }: Layout): string | undefined {
  for (const path of releaseFiles(image)) {
    const line = readLine(system, `${root}/${path}`);
    if (line !== undefined) return line;
  }
  return undefined;
}

/** Those of SystemRescue, Arch, and Debian, Ubuntu and their derivatives. */
function releaseFiles(image: string): readonly string[] {
  const top = image.split("/")[0] ?? "";
  return [...(top === image ? [] : [`${top}/VERSION`, `${top}/version`]), ".disk/info"];
}

function readLine(system: System, path: string): string | undefined {
  return ifPossible(() => {
    const status = system.linkStatus(path);
    if (status?.kind !== "file" || status.bytes > largestFile) return undefined;
    const line = (system.readText(path).trim().split("\n")[0] ?? "").trim();
    return line === "" ? undefined : line.slice(0, longestLine);
  });
}

const largestFile = 4096;
const longestLine = 120;

/** Reads what distinguishes the base in `image` from all others; undefined if it cannot be read. */
export function readBaseFingerprint(
  system: System,
  image: string,
  type: string,
): string | undefined {
  return ifPossible(() =>
    readFingerprint((offset, length) => system.readBytes(image, offset, length), type),
  );
}
