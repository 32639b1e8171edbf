// Which loop devices show a file or device. Files are compared by device number and inode, because one file has many
// paths; whoever may not ask a loop device reads in /sys which path it was attached by.
import { listIfPresent } from "./files.ts";
import { errnoOf, type System } from "./system.ts";

/** Lists the loop devices ("/dev/loop3") that show a file or device, or a part of it. */
export function findLoopsOn(system: System, path: string): string[] {
  const status = system.status(path);
  if (status === undefined) return [];
  return listIfPresent(system, "/dev")
    .filter((name) => /^loop\d+$/.test(name))
    .map((name) => `/dev/${name}`)
    .filter((loop) => {
      try {
        const shown = system.loopStatus(loop);
        return shown?.device === status.device && shown.inode === status.inode;
      } catch (error) {
        if (errnoOf(error) === undefined) throw error;
        return system.loopFile(loop) === path;
      }
    });
}
