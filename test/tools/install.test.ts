// The executable installs on the files of a medium, and undoes it: real files, and the tools that
// read them.
import {
  appendFileSync,
  chownSync,
  copyFileSync,
  existsSync,
  linkSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join, resolve } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { planChanges } from "../../src/core/install/plan-changes.ts";
import { editText } from "../../src/core/menus/edit.ts";
import { digestTree } from "../media/tree.ts";
import { grubMenus } from "../support/generated-menus.ts";
import { makeLiveMedium, mediumFiles } from "./live-medium.ts";
import {
  isRoot,
  numberDirectories,
  type Outcome,
  run,
  temporaryDirectory,
  tryRun,
} from "./programs.ts";

const binary = resolve("dist/backstore");
const directory = temporaryDirectory();
const fresh = numberDirectories(directory);

function makeMedium(files = mediumFiles): string {
  const tree = fresh();
  makeLiveMedium(tree, files);
  return tree;
}

function call(command: string, tree: string, ...more: string[]): Outcome {
  return tryRun([binary, command, "--tree", tree, ...more]);
}

function install(tree: string, ...more: string[]): Outcome {
  return call("install", tree, ...more);
}

function checkSums(tree: string): Outcome[] {
  return ["md5sum", "sha256sum"].map((tool) =>
    tryRun(["sh", "-c", 'cd "$1" && exec "$2" --quiet -c "$2.txt"', "sh", tree, tool]),
  );
}

describe("backstore install --tree", () => {
  test("changes every menu, and the lists of checksums with them", () => {
    const tree = makeMedium();
    const ended = install(tree);
    expect([ended.status, ended.stderr]).toEqual([0, ""]);
    const read = (name: string) => readFileSync(join(tree, name), "latin1");
    expect(read("boot/grub/grub.cfg")).toContain(
      "linux /live/vmlinuz boot=live quiet --- splash\n\tinitrd /live/initrd.img /backstore/addon1.img\n",
    );
    expect(read("isolinux/isolinux.cfg")).toContain(
      "  MENU LABEL Syst\u00e8me\r\n  LINUX /live/vmlinuz\r\n  INITRD /live/initrd.img,/backstore/addon1.img\r\n  APPEND boot=live quiet\r\nLABEL hd",
    );
    expect(read("loader/entries/live.conf")).toBe(
      "title   Live system\nlinux   /live/vmlinuz\ninitrd  /live/initrd.img\ninitrd  /backstore/addon1.img\noptions boot=live\n",
    );
    for (const { status, stdout, stderr } of checkSums(tree))
      expect([status, stdout, stderr]).toEqual([0, "", ""]);
  });

  test("corrects lists of SHA-1 and SHA-512 too", () => {
    const tree = makeMedium();
    const sum = (tool: string, ...words: string[]) =>
      tryRun(["sh", "-c", 'cd "$1" && shift && exec "$@"', "sh", tree, tool, ...words]);
    for (const tool of ["sha1sum", "sha512sum"])
      writeFileSync(
        join(tree, `${tool}.txt`),
        sum(tool, "boot/grub/grub.cfg", "live/vmlinuz").stdout,
      );
    const { files } = JSON.parse(install(tree, "--json").stdout);
    for (const tool of ["sha1sum", "sha512sum"]) {
      expect(files).toContainEqual({ path: `${tool}.txt`, what: "corrected" });
      expect(sum(tool, "--quiet", "-c", `${tool}.txt`)).toMatchObject({ status: 0, stdout: "" });
    }
  });

  test("puts the add-on there as the command initramfs writes it, and the program", () => {
    const tree = makeMedium();
    install(tree);
    const output = join(fresh(), "addon.img");
    run([binary, "initramfs", "--addon", "--output", output]);
    const addon = join(tree, "backstore/addon1.img");
    expect(readFileSync(addon).equals(readFileSync(output))).toBe(true);
    const program = join(tree, "backstore/backstore");
    expect(readFileSync(program).equals(readFileSync(binary))).toBe(true);
    expect(statSync(program).mode & 0o777).toBe(0o755);
  });

  test("done twice is the same as done once, and says so", () => {
    const tree = makeMedium();
    install(tree);
    const once = digestTree(tree);
    const times = statSync(join(tree, "boot/grub/grub.cfg")).mtimeMs;
    const again = install(tree);
    expect(again.stdout).toContain(`Already installed on "${tree}": live-boot`);
    expect(digestTree(tree)).toEqual(once);
    expect(statSync(join(tree, "boot/grub/grub.cfg")).mtimeMs).toBe(times);
  });

  test("--dry-run shows every entry and every line, and changes nothing", () => {
    const tree = makeMedium();
    const before = digestTree(tree);
    const { stdout } = install(tree, "--dry-run");
    expect(stdout.replaceAll(tree, "DIR")).toMatchInlineSnapshot(`
      "Would install on "DIR": live-boot (initramfs-tools with live-boot)
      3 of 5 menu entries keep changes
      The distribution's own persistence (boot option persistence) stays as it is
      + "boot/grub/grub.cfg" "Live system"
        "boot/grub/grub.cfg" "Memory test": it starts a kernel or tool without an initramfs
      + "isolinux/isolinux.cfg" "Syst�me"
        "isolinux/isolinux.cfg" "hd": it starts another boot loader, a tool or a disk
      + "loader/entries/live.conf" "Live system"
      --- "boot/grub/grub.cfg"
      -	initrd /live/initrd.img
      +	initrd /live/initrd.img /backstore/addon1.img
      --- "isolinux/isolinux.cfg"
      -  INITRD /live/initrd.img
      +  INITRD /live/initrd.img,/backstore/addon1.img
      --- "loader/entries/live.conf"
      +initrd  /backstore/addon1.img
      --- "md5sum.txt"
      -03bf03d6bdce2135947206e40f7a4132  ./boot/grub/grub.cfg
      +f332323b0b26b1e1af5712929d7c8239  ./boot/grub/grub.cfg
      -e8e99af976c7d7dd4a887a462d177e12  ./isolinux/isolinux.cfg
      +84a1df1f43b0aee79cf1f7f7bfaddb5f  ./isolinux/isolinux.cfg
      -864ca9d5815b19335a76e6426bbb4941  ./loader/entries/live.conf
      +1a098b817e20f33c54ed902dd5369962  ./loader/entries/live.conf
      --- "sha256sum.txt"
      -a1a3114ace76b2c020f6e6ff53a27b2b670364fa1376317181ba04cb9aded331  ./boot/grub/grub.cfg
      +131feeb0274afd38a87768c8c58227b82d20d666dcc18df5ea0409e0c5d45deb  ./boot/grub/grub.cfg
      -45d30793c97841089f015c44ff940842a0ee8d2fb583cc7a0c69bc16597672a3  ./isolinux/isolinux.cfg
      +7e152144076c3af1b636170e6fe5f61744078507168bc00155b2057845e65da9  ./isolinux/isolinux.cfg
      -73453b0fb476faf8ef32464749badbe81d9fd37bab8bbd29b5119cec278a59c2  ./loader/entries/live.conf
      +d911d234b5aa2f29a4a06a2aab80b18a0be68e070aaddf0d374dfa320b880934  ./loader/entries/live.conf
      add "backstore/addon1.img"
      add "backstore/backstore"
      "
    `);
    expect(digestTree(tree)).toEqual(before);
  });

  test("--json tells the family, the entries and the files", () => {
    const tree = makeMedium();
    const report = JSON.parse(install(tree, "--json").stdout);
    expect(Object.keys(report)).toEqual([
      "format",
      "tool",
      "planned",
      "changed",
      "family",
      "entries",
      "files",
    ]);
    expect(report.family).toBe("live-boot");
    expect(report.entries).toContainEqual({
      ...{ file: "boot/grub/grub.cfg", title: "Live system", loader: "grub" },
      ...{ changed: true, reason: null },
    });
    expect(report.entries).toContainEqual({
      ...{ file: "boot/grub/grub.cfg", title: "Memory test", loader: "grub" },
      ...{ changed: false, reason: "no-initrd" },
    });
    expect(report.files).toEqual([
      { path: "backstore/addon1.img", what: "added" },
      { path: "backstore/backstore", what: "added" },
      { path: "boot/grub/grub.cfg", what: "changed" },
      { path: "isolinux/isolinux.cfg", what: "changed" },
      { path: "loader/entries/live.conf", what: "changed" },
      { path: "md5sum.txt", what: "corrected" },
      { path: "sha256sum.txt", what: "corrected" },
    ]);
  });

  test("--json tells whether it was done or planned, and whether there was anything to do", () => {
    const tree = makeMedium();
    const told = (command: string, ...words: string[]) => {
      const { planned, changed } = JSON.parse(call(command, tree, ...words, "--json").stdout);
      return { planned, changed };
    };
    expect(told("uninstall")).toEqual({ planned: false, changed: false });
    for (const command of ["install", "uninstall"]) {
      expect(told(command, "--dry-run")).toEqual({ planned: true, changed: true });
      expect(told(command)).toEqual({ planned: false, changed: true });
      expect(told(command)).toEqual({ planned: false, changed: false });
      expect(told(command, "--dry-run")).toEqual({ planned: true, changed: false });
    }
  });

  test("another add-on takes the other place, and the first is gone", () => {
    const tree = makeMedium();
    install(tree);
    appendFileSync(join(tree, "backstore/addon1.img"), "older");
    expect(install(tree).stdout).toContain("Installed on");
    expect(existsSync(join(tree, "backstore/addon1.img"))).toBe(false);
    expect(readFileSync(join(tree, "boot/grub/grub.cfg"), "utf8")).toContain("/addon2.img\n");
    for (const { status } of checkSums(tree)) expect(status).toBe(0);
  });

  const refused: readonly [
    what: string,
    files: Record<string, string>,
    status: number,
    says: string,
  ][] = [
    [
      "for one firmware no entry can be changed",
      { "isolinux/isolinux.cfg": "LABEL a\nLOCALBOOT 0\nLABEL b\nLINUX /memtest\n" },
      ...([4, "no menu entry for BIOS can be changed"] as const),
    ],
    [
      "the add-on has no way into its initramfs",
      {
        "boot/grub/grub.cfg": "menuentry a {\nlinux /v init=/nix/store/x/init\ninitrd /i\n}\n",
        ...{ "isolinux/isolinux.cfg": "", "loader/entries/live.conf": "" },
      },
      ...([
        4,
        "no menu entry for UEFI can be changed: the add-on has no way into this initramfs",
      ] as const),
    ],
  ];
  for (const [what, files, status, says] of refused)
    test(`changes nothing where ${what}`, () => {
      const tree = makeMedium({ ...mediumFiles, ...files });
      const before = digestTree(tree);
      const ended = install(tree);
      expect([ended.status, ended.stdout]).toEqual([status, ""]);
      expect(ended.stderr).toBe(
        `backstore: Cannot install on "${tree}": ${says}\nHint: see what is left as it is, and why, with "--dry-run"\n`,
      );
      expect(digestTree(tree)).toEqual(before);
      expect(install(tree, "--dry-run").status).toBe(status);
    });

  test("names a label otherwise where the distribution would take it for its own persistence", () => {
    const tree = makeMedium({
      "boot/grub/grub.cfg": "menuentry a {\nlinux /v archisobasedir=arch\ninitrd /i\n}\n",
    });
    const { status, stdout } = install(tree, "--label", "data");
    expect(status).toBe(0);
    const word = "backstore=directory=LABEL=data";
    expect(stdout).toContain(`1 of 1 menu entries keep changes, with ${word}\n`);
    expect(stdout).toContain("own persistence (boot option cow_label) stays as it is");
    expect(readFileSync(join(tree, "boot/grub/grub.cfg"), "utf8")).toContain(
      `linux /v rdinit=/backstore-init ${word} archisobasedir=arch\n`,
    );
  });

  test("refuses a medium with more or longer menus than there are", () => {
    const many = makeMedium();
    for (let number = 0; number < 1000; number++)
      writeFileSync(join(many, `boot/grub/${number}.cfg`), "");
    expect(install(many).stderr).toContain("it has more than 1000 boot menus");
    const long = makeMedium();
    appendFileSync(join(long, "boot/grub/grub.cfg"), "#".repeat(2 ** 20));
    expect(install(long).stderr).toContain('"boot/grub/grub.cfg" is too long for a text');
  });

  test("refuses a directory that is none, and a call without one", () => {
    expect(install(join(directory, "missing")).stderr).toContain("no such directory");
    expect(install(binary).stderr).toContain("it is not a directory");
    expect(tryRun([binary, "install"]).stderr).toContain("MEDIUM is missing");
  });
});

describe("backstore uninstall --tree", () => {
  test("puts every byte back, and does nothing the second time", () => {
    const tree = makeMedium();
    const before = digestTree(tree);
    install(tree);
    const ended = call("uninstall", tree);
    expect([ended.status, ended.stderr, ended.stdout]).toEqual([
      ...[0, "", `Put "${tree}" back as it was: 5 files restored\n`],
    ]);
    expect(digestTree(tree)).toEqual(before);
    expect(call("uninstall", tree).stdout).toBe(`Nothing is installed on "${tree}"\n`);
  });

  test("keeps what else is in the directory, stores too", () => {
    const tree = makeMedium();
    install(tree);
    writeFileSync(join(tree, "backstore/notes.txt"), "mine");
    writeFileSync(join(tree, "sysrcd.bs"), "store");
    call("uninstall", tree);
    expect(readFileSync(join(tree, "backstore/notes.txt"), "utf8")).toBe("mine");
    expect(readFileSync(join(tree, "sysrcd.bs"), "utf8")).toBe("store");
    expect(existsSync(join(tree, "backstore/kept"))).toBe(false);
  });

  test("does not write over what somebody else has changed", () => {
    const tree = makeMedium();
    install(tree);
    appendFileSync(join(tree, "boot/grub/grub.cfg"), "# mine\n");
    const before = digestTree(tree);
    const ended = call("uninstall", tree);
    expect(ended.status).toBe(5);
    expect(ended.stderr).toContain('"boot/grub/grub.cfg" was changed by somebody else since then');
    expect(install(tree).status).toBe(5);
    expect(digestTree(tree)).toEqual(before);
  });

  test("does not take a changed menu for an original where the record is gone", () => {
    const tree = makeMedium();
    install(tree);
    rmSync(join(tree, "backstore"), { recursive: true });
    for (const command of ["install", "uninstall"]) {
      const ended = call(command, tree);
      expect(ended.status).toBe(6);
      expect(ended.stderr).toContain("names the add-on, but the record of what it was before");
    }
  });

  test("does not write outside, whatever a record says", () => {
    const tree = makeMedium();
    install(tree);
    const outside = join(directory, "outside");
    writeFileSync(outside, "theirs");
    const path = join(tree, "backstore/install1.json");
    const record = JSON.parse(readFileSync(path, "utf8"));
    record.files[0].path = "../outside";
    writeFileSync(path, JSON.stringify(record));
    expect(call("uninstall", tree).status).toBe(6);
    expect(readFileSync(outside, "utf8")).toBe("theirs");
  });
});

describe("a medium of somebody else", () => {
  test("links on it are not followed", () => {
    const [tree, outside] = [makeMedium(), fresh()];
    copyFileSync(join(tree, "boot/grub/grub.cfg"), join(outside, "grub.cfg"));
    rmSync(join(tree, "boot/grub"), { recursive: true });
    symlinkSync(outside, join(tree, "boot/grub"));
    rmSync(join(tree, "md5sum.txt"));
    symlinkSync(join(outside, "grub.cfg"), join(tree, "md5sum.txt"));
    const before = digestTree(outside);
    expect(install(tree).status).toBe(0);
    expect(digestTree(outside)).toEqual(before);
  });

  test("a link in the place of our directory is not followed", () => {
    const [tree, outside] = [makeMedium(), fresh()];
    symlinkSync(outside, join(tree, "backstore"));
    expect(install(tree).status).toBe(3);
    expect(digestTree(outside)).toEqual(new Map());
  });

  test.skipIf(!isRoot)("a menu with another name elsewhere and another owner is refused", () => {
    const [tree, outside] = [makeMedium(), fresh()];
    const menu = join(tree, "boot/grub/grub.cfg");
    copyFileSync(menu, join(outside, "theirs"));
    rmSync(menu);
    linkSync(join(outside, "theirs"), menu);
    chownSync(join(tree, "boot/grub"), 65534, 65534);
    const ended = install(tree);
    expect(ended.status).toBe(8);
    expect(ended.stderr).toContain("has another name elsewhere, and another owner");
  });
});

describe("grub-script-check", () => {
  const accepts = (text: string) => tryRun(["grub-script-check"], text).status === 0;

  test("accepts a changed menu if it accepted the menu before", { timeout: 60_000 }, () => {
    let accepted = 0;
    fc.assert(
      fc.property(grubMenus, ({ text, live }) => {
        const latin = text.replaceAll("\r\n", "\n");
        fc.pre(live > 0 && accepts(latin));
        accepted++;
        const texts = new Map([["boot/grub/grub.cfg", latin]]);
        const { changes } = planChanges(
          { files: ["boot/grub/grub.cfg"], texts },
          { addon: "backstore/addon1.img", words: ["backstore"] },
        );
        const [{ edits } = { edits: [] }] = changes;
        expect(edits.length).toBeGreaterThan(0);
        expect(accepts(editText(latin, edits))).toBe(true);
      }),
      { numRuns: 150 },
    );
    expect(accepted).toBeGreaterThan(100);
  });

  test("refuses a menu that is none", () => {
    expect(accepts("menuentry a {\n")).toBe(false);
  });
});
