// "backstore install" on what is on the partition for images of a stick of Ventoy: real ISO images,
// the archive as tar unpacks it, and the configuration, of which everything else stays.
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join, resolve } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { digestTree } from "../media/tree.ts";
import { type Outcome, run, temporaryDirectory, tryRun } from "./programs.ts";

const program = resolve("dist/backstore");
const directory = temporaryDirectory();
const stick = join(directory, "stick");
const json = join(stick, "ventoy/ventoy.json");
const timeout = 60_000;

/** A configuration of somebody, written by hand. */
const theirs = `{
    "control": [ { "VTOY_DEFAULT_MENU_MODE": "1" } ],
    "injection" : [
        { "parent": "/win", "archive": "/ventoy/drivers.zip" }
    ],
    "theme": { "file": "/ventoy/th\u00e8me.txt" }
}
`;

/** Makes an image whose menu loads a live system with some arguments. */
function makeImage(path: string, words: string): void {
  const source = join(directory, "source");
  rmSync(source, { recursive: true, force: true });
  mkdirSync(join(source, "boot/grub"), { recursive: true });
  writeFileSync(
    join(source, "boot/grub/grub.cfg"),
    `menuentry a {\nlinux /v ${words}\ninitrd /i\n}\n`,
  );
  mkdirSync(join(path, ".."), { recursive: true });
  run(["xorriso", "-as", "mkisofs", "-quiet", "-R", "-J", "-V", "LIVE", "-o", path, source]);
}

makeImage(join(directory, "debian.iso"), "boot=live");
makeImage(join(directory, "arch.iso"), "archisobasedir=arch");
makeImage(join(directory, "nix.iso"), "init=/nix/store/x/init");

beforeEach(() => {
  rmSync(stick, { recursive: true, force: true });
  mkdirSync(join(stick, "ventoy"), { recursive: true });
  mkdirSync(join(stick, "images"));
  run(["cp", join(directory, "debian.iso"), join(stick, "debian.iso")]);
  run(["cp", join(directory, "debian.iso"), join(stick, "images/other.iso")]);
  writeFileSync(json, theirs);
});

function call(command: string, ...more: string[]): Outcome {
  return tryRun([program, command, "--tree", stick, ...more]);
}

interface Written {
  readonly injection: readonly { readonly image?: string; readonly archive: string }[];
}

function injections(): Written["injection"] {
  return (JSON.parse(readFileSync(json, "utf8")) as Written).injection;
}

describe("a stick of Ventoy", { timeout }, () => {
  test("gets the add-on for one image, and gives every byte back", () => {
    const before = digestTree(stick);
    const planned = call("install", "--iso", "debian.iso", "--dry-run");
    expect(digestTree(stick)).toEqual(before);
    expect(planned.stdout.replaceAll(stick, "DIR")).toMatchInlineSnapshot(`
      "Would install on "DIR": Ventoy (those of its images)
      1 of 2 images keep changes
      + "ventoy/ventoy.json" "/debian.iso"
        "ventoy/ventoy.json" "/images/other.iso": it was not asked for
      --- "ventoy/ventoy.json"
      -    "injection" : [
      +    "injection" : [ { "image": "/debian.iso", "archive": "/backstore/addon1.tar.gz" },
      add "backstore/addon1.tar.gz"
      add "backstore/backstore"
      "
    `);
    const { status, stdout } = call("install", "--iso", "debian.iso", "--json");
    expect(status).toBe(0);
    const report = JSON.parse(stdout);
    expect(report.family).toBe("Ventoy");
    expect(report.entries).toEqual([
      {
        ...{ file: "ventoy/ventoy.json", title: "/debian.iso", loader: "ventoy" },
        ...{ changed: true, reason: null },
      },
      {
        ...{ file: "ventoy/ventoy.json", title: "/images/other.iso", loader: "ventoy" },
        ...{ changed: false, reason: "not-asked" },
      },
    ]);
    expect(injections()).toEqual([
      { image: "/debian.iso", archive: "/backstore/addon1.tar.gz" },
      { parent: "/win", archive: "/ventoy/drivers.zip" },
    ]);
    expect(call("install").stdout).toContain("Already installed on");
    expect(call("uninstall").stdout).toBe(`Put "${stick}" back as it was: 1 files restored\n`);
    expect(digestTree(stick)).toEqual(before);
  });

  test("the archive has what the add-on has, and no directories", () => {
    call("install", "--iso", "/debian.iso");
    const root = join(directory, "root");
    mkdirSync(join(root, "run"), { recursive: true });
    // A link to a directory, as a merged /usr has it, stays one.
    run(["ln", "-sfn", "run", join(root, "conf")]);
    const archive = join(stick, "backstore/addon1.tar.gz");
    run(["busybox", "tar", "-xzf", archive, "-C", root]);
    expect(readFileSync(join(root, "backstore-init")).equals(readFileSync(program))).toBe(true);
    expect(existsSync(join(root, "run/conf.d/zz-backstore"))).toBe(true);
    expect(run(["tar", "-tvzf", archive])).toMatch(/^-rwxr-xr-x 0\/0 .* backstore-init$/m);
    rmSync(root, { recursive: true });
  });

  test("another image is added, and what others change meanwhile stays", () => {
    call("install", "--iso", "debian.iso");
    const text = readFileSync(json, "utf8");
    writeFileSync(json, text.replace('"theme"', '"password": { "menupwd": "text" },\n "theme"'));
    expect(call("install", "--iso", "images/other.iso").status).toBe(0);
    expect(injections().map(({ image }) => image)).toEqual([
      "/debian.iso",
      "/images/other.iso",
      undefined,
    ]);
    writeFileSync(json, readFileSync(json, "utf8").replace('"text"', '"other"'));
    expect(call("uninstall").status).toBe(0);
    expect(readFileSync(json, "utf8")).toBe(
      theirs.replace('"theme"', '"password": { "menupwd": "other" },\n "theme"'),
    );
    expect(existsSync(join(stick, "backstore"))).toBe(false);
  });

  test("needs no name where there is one image, and has no list left", () => {
    rmSync(join(stick, "images"), { recursive: true });
    writeFileSync(json, "{}");
    expect(call("install").status).toBe(0);
    expect(injections()).toEqual([{ image: "/debian.iso", archive: "/backstore/addon1.tar.gz" }]);
    call("uninstall");
    expect(readFileSync(json, "utf8")).toBe("{}");
  });

  test("a newer add-on takes the other place", () => {
    call("install", "--iso", "debian.iso");
    appendFileSync(join(stick, "backstore/addon1.tar.gz"), "older");
    expect(call("install").status).toBe(0);
    expect(injections()[0]).toEqual({ image: "/debian.iso", archive: "/backstore/addon2.tar.gz" });
    expect(existsSync(join(stick, "backstore/addon1.tar.gz"))).toBe(false);
    call("uninstall");
    expect(readFileSync(json, "utf8")).toBe(theirs);
  });

  const refused: readonly [what: string, prepare: () => void, words: string[], says: string][] = [
    [
      "no image is named and there are several",
      () => {},
      [],
      'it has the images "/debian.iso" and "/images/other.iso"',
    ],
    ["there is no such image", () => {}, ["--iso", "x.iso"], 'it has no image "/x.iso", but'],
    [
      "the kernel has to start the add-on",
      () => run(["cp", join(directory, "arch.iso"), join(stick, "arch.iso")]),
      ["--iso", "arch.iso"],
      'the kernel of "/arch.iso" (archiso) has to start the add-on, which Ventoy unpacks later',
    ],
    [
      "the add-on has no way in",
      () => run(["cp", join(directory, "nix.iso"), join(stick, "nix.iso")]),
      ["--iso", "nix.iso"],
      '"/nix.iso" is NixOS: the add-on has no way into this initramfs',
    ],
    [
      "another archive is unpacked already",
      () => writeFileSync(json, '{"injection":[{"image":"/debian.iso","archive":"/x.zip"}]}'),
      ["--iso", "debian.iso"],
      'Ventoy unpacks "/x.zip" for "/debian.iso" already',
    ],
    [
      "the configuration is none",
      () => writeFileSync(json, '{"injection": [}'),
      ["--iso", "debian.iso"],
      '"ventoy/ventoy.json" cannot be read as JSON',
    ],
    [
      "a label is given",
      () => {},
      ["--iso", "debian.iso", "--label", "data"],
      '"--label" is for boot menus',
    ],
  ];
  for (const [what, prepare, words, says] of refused)
    test(`is left as it is where ${what}`, () => {
      prepare();
      const before = digestTree(stick);
      const ended = call("install", ...words);
      expect(ended.stderr).toContain(says);
      expect(ended.status).not.toBe(0);
      expect(digestTree(stick)).toEqual(before);
    });

  test("--iso is refused elsewhere", () => {
    rmSync(json);
    expect(call("install", "--iso", "debian.iso").stderr).toContain("for a stick of Ventoy alone");
  });
});
