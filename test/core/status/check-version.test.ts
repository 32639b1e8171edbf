// What status says of the versions of the boot, of the add-on and of the command.
import { describe, expect, test } from "vitest";
import { checkVersion, type SeenVersions } from "../../../src/core/status/check-version.ts";

describe("checkVersion()", () => {
  const cases: readonly [
    what: string,
    versions: Omit<SeenVersions, "command">,
    remedy: string | undefined,
  ][] = [
    ["one that is as new", { booted: "1.10.0", installed: "1.10.0" }, undefined],
    ["one that is newer", { booted: "1.11.0", installed: undefined }, undefined],
    ["one that is not known", { booted: undefined, installed: "1.0.0" }, undefined],
    [
      "an older add-on",
      { booted: "1.9.0", installed: "1.9.0" },
      '"backstore install" on the medium upgrades it',
    ],
    [
      "an add-on that was upgraded since",
      { booted: "1.9.0", installed: "1.10.0" },
      "the newer one is on the medium, and takes effect at the next boot",
    ],
    ["an older initramfs", { booted: "1.9.0", installed: undefined }, "write the initramfs anew"],
  ];
  for (const [what, versions, remedy] of cases)
    test(`checkVersion() of ${what}`, () => {
      const message = `this session was booted by backstore ${versions.booted}, which is older than this one (1.10.0); ${remedy}`;
      expect(checkVersion({ ...versions, command: "1.10.0" })).toEqual(
        remedy === undefined ? [] : [{ level: "warning", message }],
      );
    });
});
