// What is said where a file or directory on a medium can no longer be read, by each errno with which
// a file system answers that it is damaged (test/tools/install-damaged.test.ts has real ones).
import { describe, expect, test } from "vitest";
import { findSame, readInstalled } from "../../../src/system/install/inspect-tree.ts";
import type { System } from "../../../src/system/port/system.ts";
import { fail } from "../../support/memory/errors.ts";
import { storesMachine } from "../../support/stores-machine.ts";

const { system } = storesMachine();
const path = "/mnt/vfat";
const cannot = 'Cannot install on "/mnt/vfat"';
system.makeDirectory(`${path}/backstore`);
for (const file of ["backstore/addon1.img", "backstore/install1.json", "addon"])
  system.createFile(`${path}/${file}`);

/** A system on which a path of the medium cannot be read. */
function damaged(name: string, errno: string): System {
  return {
    ...system,
    withFile: (place, use) =>
      place.path === name ? fail(errno, name) : system.withFile(place, use),
    listBelow: (place, most) =>
      place.path === name ? fail(errno, name) : system.listBelow(place, most),
  };
}

const installed = {
  ...readInstalled(system, path, cannot).installed,
  own: ["backstore/addon1.img"],
};

describe("a damaged medium", () => {
  for (const errno of ["EIO", "EUCLEAN", "EBADMSG"])
    for (const name of ["backstore/addon1.img", "backstore/install1.json", "backstore", ""])
      test(`${errno} of "${name}" names it and the checker`, () => {
        const broken = damaged(name, errno);
        const look = () => {
          readInstalled(broken, path, cannot);
          findSame(broken, installed, { addon: { path: `${path}/addon`, bytes: 0 }, cannot });
        };
        expect(look).toThrow(
          expect.objectContaining({
            code: "damaged",
            message: expect.stringContaining(
              `${cannot}: "${name === "" ? "/" : name}" on the medium cannot be read: `,
            ),
            hint: expect.stringMatching(
              /^unmount it and check its file system: fsck\.fat -a \/dev\/\w+$/,
            ),
          }),
        );
      });
});
