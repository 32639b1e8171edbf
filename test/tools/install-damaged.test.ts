// "backstore install" and "backstore uninstall" on a stick of which a file or directory can no longer
// be read, as a power cut may leave it: which one, and what to do.
import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { directory, image, makeStick, whereMounted } from "./mounted-stick.ts";
import { isRoot, rootNote, run } from "./programs.ts";

const timeout = 60_000;
const model = join(directory, "model.img");

describe.skipIf(!isRoot)(`a damaged stick${rootNote}`, { timeout }, () => {
  beforeAll(() => {
    makeStick();
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
