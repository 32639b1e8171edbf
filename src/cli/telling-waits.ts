// A System that shows what a command waits for where it would be silent: the programs that it runs,
// and the writing of what memory has of a large file.

import type { System } from "../system/port/system.ts";
import type { Context } from "./command-line/command.ts";
import { showAdvance, showWait } from "./command-line/progress.ts";

/** A smaller file is on any disk within seconds. */
const leastBytes = 8 * 2 ** 20;
const pieceBytes = 16 * 2 ** 20;

/** Returns a System that shows what is waited for. */
export function tellingWaits(system: System, terminal: Context["terminal"]): System {
  return {
    ...system,
    run(argv, options) {
      // Who shows how far it is has said so.
      if (options?.waiting !== undefined) return system.run(argv, options);
      const wait = showWait(system, terminal, `running ${argv[0]}`);
      try {
        return system.run(argv, { ...options, waiting: wait.tell });
      } finally {
        wait.end();
      }
    },
    sync(path) {
      writeOut(system, terminal, path);
      system.sync(path);
    },
  };
}

/** Writes out a file piece by piece, which is what takes its time when it is synced. */
function writeOut(system: System, terminal: Context["terminal"], path: string): void {
  const status = system.status(path);
  if (status?.kind !== "file" || status.bytes < leastBytes) return;
  const { bytes } = status;
  const progress = showAdvance(system, terminal, "writing to the disk");
  for (let at = 0; at < bytes; at += pieceBytes) {
    progress(at, bytes);
    system.writeOut(path, at, Math.min(pieceBytes, bytes - at));
  }
  progress(bytes, bytes);
}
