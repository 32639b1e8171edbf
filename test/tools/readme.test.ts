// The README's commands, word for word, as somebody follows them from its beginning: on a new stick
// (/dev/sdX, a loop device), one with a live system on it that is mounted at /media/stick, and an
// image live.iso, in a mount name space where these names belong to nobody else.
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { isoContents, makeIso } from "./iso-media.ts";
import { makeLiveMedium } from "./live-medium.ts";
import { copyProgram, isRoot, run, temporaryDirectory, tryRun } from "./programs.ts";

const directory = temporaryDirectory();

const lines = [...readFileSync("README.md", "utf8").matchAll(/^ {4}(\S.*?)(?: +#.*)?$/gm)].map(
  ([, line = ""]) => line,
);

/** Those that are not followed here, and where something like them is. */
const others: readonly (readonly [RegExp, string])[] = [
  [/^backstore changes$/, "needs a session"],
  [/^backstore changes \/media/, "the image of SystemRescue: changes.test.ts"],
  [/^backstore grow 3G$/, "needs a session: the third boot of scripts/demo"],
  [/^backstore create --device \/dev\/sdX3 /, "create.test.ts"],
  [/^backstore initramfs --modules \/media/, "the image of SystemRescue: scripts/demo"],
  [/^backstore create \/media\/stick 1024$/, "there is a store by then: create.test.ts"],
  [/^\.\/scripts\//, "that is what runs this"],
  [/^(qemu-system-x86_64 |-kernel |-append |-drive )/, "the demo's own disks"],
];

const followed = lines.filter((line) => !others.some(([pattern]) => pattern.test(line)));

describe.skipIf(!isRoot)("README", () => {
  test("can be followed to the letter", { timeout: 240_000 }, () => {
    copyProgram(directory);
    makeIso("live-build", {
      output: join(directory, "live.iso"),
      work: join(directory, "tree"),
      contents: isoContents["live-build"],
    });
    const files = join(directory, "files");
    mkdirSync(files);
    makeLiveMedium(files);
    run(["truncate", "--size", "3G", join(directory, "stick.img")]);
    run(["mkfs.ext4", "-q", "-F", "-d", files, join(directory, "stick.img")]);
    run(["truncate", "--size", "256M", join(directory, "new.img")]);
    const device = run(["losetup", "--find", "--show", join(directory, "new.img")]).trim();
    try {
      const script = [
        `cd ${directory}; export PATH=${directory}:$PATH HOME=${directory}`,
        "mkdir dev; cp -a /dev/null /dev/zero /dev/loop* dev/",
        `cp -a ${device} dev/sdX; mount --bind dev /dev`,
        "mount -t tmpfs media /media; mkdir /media/stick; mount -o loop stick.img /media/stick",
        ...followed.map((line) => `${line} > out 2>&1; echo "$? ${line}"; cat out >&2`),
      ].join("\n");
      const { stdout, stderr } = tryRun(["unshare", "--mount", "sh", "-uc", script]);
      // No session is kept here, and status says so.
      const expected = followed.map((line) => `${line === "backstore status" ? 9 : 0} ${line}`);
      expect(stdout.trimEnd().split("\n"), stderr).toEqual(expected);
    } finally {
      run(["losetup", "--detach", device]);
    }
  });
});

test("the README's commands are seen by this test", () => {
  expect(followed.filter((line) => line.startsWith("backstore "))).toHaveLength(10);
  for (const [pattern] of others) expect(lines.some((line) => pattern.test(line))).toBe(true);
});
