// "backstore install MEDIUM" and "backstore uninstall MEDIUM" on a stick that is really mounted, and
// what else a person may name.
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { makeLiveMedium } from "./live-medium.ts";
import { type Outcome, run, temporaryDirectory, tryRun } from "./programs.ts";

const directory = temporaryDirectory();
// A copy: others may build meanwhile.
const program = join(directory, "backstore");
copyFileSync("dist/backstore", program);
const isRoot = process.geteuid?.() === 0;
const why = isRoot ? "" : " (skipped: only root mounts)";
const timeout = 60_000;
const at = join(directory, "at");
const image = join(directory, "stick.img");
const plain = mkdtempSync(join(directory, "plain-"));
makeLiveMedium(plain);

beforeEach(() => {
  rmSync(at, { recursive: true, force: true });
  mkdirSync(at);
});

/** Makes a stick with the files of a live medium. */
function makeStick(megabytes = 64): void {
  rmSync(image, { force: true });
  run(["truncate", "--size", `${megabytes}M`, image]);
  run(["mkfs.ext4", "-q", "-F", "-L", "STICK", "-d", plain, image]);
}

/** Runs a script where the stick is mounted at "at"; $1 is the program. */
function whereMounted(script: string): Outcome {
  const whole = `cd "$2"; mount -o loop stick.img at; ${script}`;
  return tryRun(["unshare", "--mount", "sh", "-uc", whole, "sh", program, directory]);
}

describe.skipIf(!isRoot)(`a stick that is mounted${why}`, { timeout }, () => {
  test("is installed on and put back by the directory of its mount", () => {
    makeStick();
    const digest = "(cd at; find . -type f | sort | xargs sha256sum)";
    const { status, stdout } = whereMounted(
      [
        `${digest} >before`,
        '"$1" install at >installed',
        '"$1" install at | head -1',
        '"$1" uninstall at',
        `${digest} | diff before -`,
      ].join(" && "),
    );
    expect([status, stdout.replaceAll(directory, "DIR")]).toEqual([
      0,
      'Already installed on "DIR/at": live-boot (initramfs-tools with live-boot)\nPut "DIR/at" back as it was: 5 files restored\n',
    ]);
  });

  const refused: readonly [what: string, script: string, status: number, says: string][] = [
    [
      "that is mounted read-only",
      'mount -o remount,ro at; "$1" install at',
      8,
      'Cannot install on "at": it is mounted read-only',
    ],
    [
      "of which a part is mounted",
      'mkdir part; mount --bind at/live part; "$1" install part',
      2,
      'Cannot install on "part": it shows "/live" of a file system, not the top of it',
    ],
    [
      "that is named by its device",
      '"$1" install "$(findmnt -no SOURCE at)"',
      2,
      `is mounted on "${at}"`,
    ],
    [
      "below its top",
      '"$1" install at/live',
      2,
      'Cannot install on "at/live": nothing is mounted there',
    ],
  ];
  for (const [what, script, status, says] of refused)
    test(`is refused if one ${what} is named`, () => {
      makeStick();
      const ended = whereMounted(script);
      expect(ended.stderr).toContain(says);
      expect(ended.status).toBe(status);
    });
});

describe("what is no medium", () => {
  test("is refused before anything is made", () => {
    writeFileSync(join(at, "file"), "text");
    for (const [name, status, says] of [
      [at, 2, "nothing is mounted there"],
      [join(at, "missing"), 4, "no such file or device"],
      [join(at, "file"), 2, "it is not an ISO image"],
      ["/dev/null", 2, "it is neither a directory nor a file nor a block device"],
      ["", 2, "a medium cannot have an empty path"],
    ] as const)
      for (const command of ["install", "uninstall"]) {
        const ended = tryRun([program, command, name]);
        expect(ended.stderr).toContain(says);
        expect(ended.status).toBe(status);
      }
    expect(tryRun([program, "install", at, "--tree", at]).stderr).toContain("unexpected argument");
  });
});
