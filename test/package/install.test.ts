// The packages, installed by the package managers themselves, used and removed.
import { mkdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { isRoot, run, temporaryDirectory } from "../tools/programs.ts";
import { makeRoot } from "./debian-root.ts";
import { makePackages } from "./packages.ts";

const directory = temporaryDirectory();
const packages = makePackages();
const { version } = JSON.parse(readFileSync("package.json", "utf8")) as { version: string };
const script = "test/package/try-deb.sh";
const timeoutMs = 300_000;

/** Installs, uses and purges the .deb in a release, and returns what was said by its sections. */
function tryPackage(release: string): Map<string, string> {
  const argv = [script, makeRoot(release), resolve(packages.deb)];
  return readSections(run(["unshare", "--mount", "--propagation", "private", ...argv]));
}

/** Reads the sections that the script prints, by their names. */
function readSections(text: string): Map<string, string> {
  const sections = text.split(/^== /m).slice(1);
  return new Map(
    sections.map((section) => {
      const [name = ""] = section.split("\n", 1);
      return [name, section.slice(name.length + 1)] as const;
    }),
  );
}

for (const release of ["bookworm", "trixie"] as const)
  describe.skipIf(!isRoot)(`the .deb in Debian's ${release}`, () => {
    let sections: Map<string, string> | undefined;
    const told = (name: string) => {
      sections ??= tryPackage(release);
      return sections.get(name);
    };

    test(
      "is installed as it was packed, and runs",
      () => {
        expect(told("install")).toContain(`Setting up backstore (${version}) ...\n`);
        expect(told("install")).not.toMatch(/status \d|warning|error/);
        expect(told("changed")).toBe("");
        expect(told("version")).toBe(`backstore ${version}\n`);
      },
      timeoutMs,
    );

    test("has its manual page where man looks", () => {
      expect(told("page")).toBe("/usr/share/man/man8/backstore.8.gz\n");
      expect(told("formatted")).toMatch(/^BACKSTORE\(8\).*BACKSTORE\(8\)\n$/i);
    });

    test("has its completion where bash, fish and zsh look", () => {
      expect(told("bash")).toMatch(/^complete .*-F _backstore backstore\ngrow\n$/);
      expect(told("fish")).toMatch(/^grow\t.*\n$/);
      expect(told("zsh")).toMatch(/^LINE=\[backstore grow \]/m);
    });

    test("leaves nothing when it is purged", () => {
      expect(told("purge")).toContain(`Removing backstore (${version}) ...\n`);
      expect(Number(told("count"))).toBeGreaterThan(1000);
      expect(told("left")).toBe("");
      expect(told("known")).not.toContain("backstore");
    });
  });

/**
 * Lists what is in a root, and not only directories that other packages share, without what its
 * package manager writes down.
 */
function listInstalled(root: string): string[] {
  const own = ["-path", "*/.rpmdb", "-prune", "-o", "-path", "*/var/lib/pacman", "-prune", "-o"];
  const shared = ["(", "!", "-type", "d", "-o", "-name", "*backstore*", ")"];
  return run(["find", root, ...own, ...shared, "-printf", "/%P\n"])
    .trim()
    .split("\n")
    .sort();
}

describe.skipIf(!isRoot)("package managers of others", () => {
  test("the .rpm is installed in a root, verified and removed by rpm", () => {
    const root = join(directory, "rpm");
    mkdirSync(root);
    const rpm = (...words: string[]) => run(["rpm", "--root", root, ...words]);
    rpm("--initdb");
    rpm("--install", packages.rpm);
    expect(run([join(root, "usr/bin/backstore"), "--version"])).toBe(`backstore ${version}\n`);
    expect(listInstalled(root)).toContain("/usr/lib/dracut/modules.d/95backstore/module-setup.sh");
    expect(rpm("--verify", "backstore")).toBe("");
    rpm("--erase", "backstore");
    expect(listInstalled(root)).toEqual([""]);
  });

  test("the package for Arch is installed in a root, verified and removed by pacman", () => {
    const root = join(directory, "pacman");
    const places = { dbpath: "var/lib/pacman", cachedir: "cache", hookdir: "none", gpgdir: "gpg" };
    for (const place of [places.dbpath, places.cachedir])
      mkdirSync(join(root, place), { recursive: true });
    const pacman = (...words: string[]) =>
      run([
        ...["pacman", "--noconfirm", "--config", "/dev/null", "--root", root],
        ...["--logfile", "/dev/null"],
        ...Object.entries(places).flatMap(([name, place]) => [`--${name}`, join(root, place)]),
        ...words,
      ]);
    pacman("--upgrade", resolve(packages.arch));
    expect(run([join(root, "usr/bin/backstore"), "--version"])).toBe(`backstore ${version}\n`);
    const installed = listInstalled(root);
    expect(installed).toContain("/usr/lib/initcpio/install/backstore");
    expect(installed).toContain("/usr/lib/initcpio/hooks/backstore");
    expect(pacman("--query", "--check", "--check", "backstore")).toMatch(
      /^backstore: \d+ total files, 0 altered files\n$/,
    );
    expect(addByMkinitcpio(root)).toEqual([
      "add_module overlay",
      "add_module loop",
      "add_binary backstore /backstore-init 755",
      "add_runscript",
    ]);
    pacman("--remove", "backstore");
    expect(listInstalled(root)).toEqual([""]);
  });
});

/**
 * Calls the hook that mkinitcpio sources, with functions of its names that tell of their arguments:
 * Debian has no mkinitcpio.
 */
function addByMkinitcpio(root: string): string[] {
  const names = ["add_module", "add_binary", "add_runscript"];
  const functions = names.map((name) => `${name}() { echo ${name} "$@"; }`);
  const script = [...functions, 'source "$1"; help > /dev/null; build'].join("\n");
  const hook = join(root, "usr/lib/initcpio/install/backstore");
  return run(["bash", "-euc", script, "bash", hook]).trim().split("\n");
}
