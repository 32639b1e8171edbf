// "backstore install" and "backstore uninstall" on a stick of which a file or directory can no longer
// be read, as a power cut may leave it: which one, and what to do.
import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { makeLiveMedium } from "./live-medium.ts";
import { copyProgram, isRoot, type Outcome, run, temporaryDirectory, tryRun } from "./programs.ts";

const directory = temporaryDirectory();
const program = copyProgram(directory);
const why = isRoot ? "" : " (skipped: only root mounts)";
const timeout = 60_000;
const model = join(directory, "model.img");
const image = join(directory, "stick.img");

/** Runs a script where the stick is mounted at "at"; $1 is the program. */
function whereMounted(script: string): Outcome {
  const whole = `cd "$2"; mkdir -p at; mount -o loop stick.img at; ${script}`;
  return tryRun(["unshare", "--mount", "sh", "-uc", whole, "sh", program, directory]);
}

describe.skipIf(!isRoot)(`a damaged stick${why}`, { timeout }, () => {
  beforeAll(() => {
    const plain = join(directory, "plain");
    run(["mkdir", plain]);
    makeLiveMedium(plain);
    run(["truncate", "--size", "64M", image]);
    run(["mkfs.ext4", "-q", "-F", "-d", plain, image]);
    expect(whereMounted('"$1" install at')).toMatchObject({ status: 0, stderr: "" });
    copyFileSync(image, model);
  });

  for (const [path, commands] of [
    ["backstore/addon1.img", ["install", "uninstall"]],
    ["backstore/install1.json", ["install", "uninstall"]],
    ["boot/grub/grub.cfg", ["install", "uninstall"]],
    ["boot/grub", ["install", "uninstall"]],
  ] as const)
    for (const command of commands)
      test(`${command} tells that ${path} cannot be read`, () => {
        copyFileSync(model, image);
        // The head of the tree of its extents.
        run(["debugfs", "-w", "-R", `sif /${path} block[0] 0`, image]);
        const { status, stderr } = whereMounted(`"$1" ${command} at`);
        expect(status).toBe(6);
        expect(stderr).toMatch(
          new RegExp(
            `^backstore: Cannot .* "at": "${path}" on the medium cannot be read: structure needs cleaning\nHint: unmount it and check its file system: fsck /dev/loop\\d+\n$`,
          ),
        );
      });
});
