// Names for the running system where another initramfs does not hand its own /run over, but mounts
// a new one (MX, linux-live): what this program has left in the old one comes into the new one.

import type { Plan, Step } from "../steps/step.ts";
import { commandPath, environmentPath } from "../takeover/leave-command.ts";
import { directoryOf, joinPath } from "../text/path.ts";
import { deviceRulesPath } from "./device-rules.ts";
import { sessionDirectory } from "./places.ts";

/** A file or a symbolic link that was left below /run. */
export interface LeftFile {
  readonly path: string;
  readonly bytes: number;
  readonly mode: number;
  /** Where a link leads to. */
  readonly target?: string | undefined;
}

/** Where the running system will find what is now below /run, and below /run/initramfs. */
export interface NewPlaces {
  readonly run: string;
  readonly initramfs: string;
}

/** What there is to bring there. */
interface SettlingFacts {
  readonly files: readonly LeftFile[];
  /** Whether the session has mounts of its own. */
  readonly hasMounts: boolean;
  readonly isThere: (path: string) => boolean;
}

/** The directory that has files of this program alone, and its files beside those of others. */
export const leftPlaces = {
  directory: "/run/backstore",
  files: [
    "/run/issue.d/backstore.issue",
    "/run/motd.d/backstore",
    deviceRulesPath,
    "/run/initramfs/shutdown",
    commandPath,
    environmentPath,
  ],
} as const;

/** Plans that what was left comes to the new places; whatever cannot, the session is running. */
export function planSettling(
  { run, initramfs }: NewPlaces,
  { files, hasMounts, isThere }: SettlingFacts,
): Plan<undefined> {
  const newPath = (path: string) =>
    path.startsWith("/run/initramfs/")
      ? joinPath(initramfs, path.slice("/run/initramfs/".length))
      : joinPath(run, path.slice("/run/".length));
  const session = newPath(sessionDirectory);
  const shutdown = newPath("/run/initramfs/shutdown");
  const directories = new Set(files.map(({ path }) => directoryOf(newPath(path))));
  const steps: Step[] = [
    ...(hasMounts
      ? ([
          { do: "make-directory", path: session, mode: 0o700 },
          { do: "move-mount", source: sessionDirectory, target: session },
        ] as const)
      : []),
    ...(isThere(shutdown) && files.some(({ path }) => newPath(path) === shutdown)
      ? [{ do: "remove-file", path: shutdown } as const]
      : []),
    ...[...directories].map((path): Step => ({ do: "make-directory", path })),
    ...files.map(({ path, bytes, mode, target }): Step => {
      const to = newPath(path);
      if (target !== undefined) return { do: "make-link", path: to, to: target };
      return { do: "copy-file", from: path, to, bytes, mode };
    }),
  ];
  return {
    title: "Show the session in the running system",
    result: undefined,
    steps: steps.map((step) => ({ ...step, optional: true })),
  };
}
