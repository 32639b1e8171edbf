// What "npm run package" makes: the same bytes each time, which the field's own checkers have nothing
// to say about.
import { cpSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { runTool } from "../../scripts/lib/tool.ts";
import { run, temporaryDirectory, tryRun } from "../tools/programs.ts";
import { makePackages, pack } from "./packages.ts";

const directory = temporaryDirectory();
const packages = makePackages();

/** What esbuild takes from packages; the others may be links. */
const bundled: readonly string[] = Object.keys(
  JSON.parse(readFileSync("package.json", "utf8")).dependencies,
);

/** Copies what the executable and the packages are made of, without what was built. */
function copyTree(to: string): void {
  mkdirSync(join(to, "build"), { recursive: true });
  const files = ["src", "native", "initramfs", "packaging", "scripts", "docs"];
  const top = readdirSync(".").filter((name) => /^[A-Z]+(?:\.md)?$|\.json$/.test(name));
  for (const name of [...files, ...top, "build/engine"])
    cpSync(name, join(to, name), { recursive: true, preserveTimestamps: name === "build/engine" });
  for (const name of bundled)
    cpSync(`node_modules/${name}`, join(to, "node_modules", name), { recursive: true });
  for (const name of ["esbuild", "@esbuild", "@jridgewell", ".bin"])
    symlinkSync(resolve("node_modules", name), join(to, "node_modules", name));
}

test("executable and packages are the same bytes, made elsewhere, later and by another person", () => {
  const to = join(directory, "elsewhere");
  copyTree(to);
  runTool(["node", "scripts/build.mjs"], { directory: to });
  const output = join(directory, "packages");
  runTool(["find", to, "-type", "f", "-exec", "chmod", "go-rwx", "{}", "+"]);
  pack(to, output, "077");
  for (const name of ["backstore", "backstore-addon.img"])
    expect(readFileSync(join(to, "dist", name)).equals(readFileSync(join("dist", name)))).toBe(
      true,
    );
  const sums = readFileSync(join(output, "SHA256SUMS"), "utf8");
  expect(sums).toBe(readFileSync(join(packages.directory, "SHA256SUMS"), "utf8"));
}, 300_000);

test("the executable does not say where it was built", () => {
  expect(readFileSync("dist/backstore").includes(resolve("."))).toBe(false);
});

test("SHA256SUMS has the digest of every package", () => {
  const others = readdirSync(packages.directory).filter((name) => name !== "SHA256SUMS");
  const checked = run(["sh", "-c", 'cd "$1" && sha256sum -c SHA256SUMS', "sh", packages.directory]);
  expect(checked).toBe(others.map((name) => `${name}: OK\n`).join(""));
  expect(others.length).toBe(5);
});

describe("checkers have nothing to say about", () => {
  /** Lists what a checker says of the package. */
  const complaints = (argv: readonly string[]) =>
    tryRun(argv).stdout.match(/^(?:[EWI]: backstore|backstore\.x86_64): .*$/gm) ?? [];

  test("the .deb (lintian)", () => {
    const words = ["--allow-root", "--tag-display-limit", "0"];
    expect(complaints(["lintian", ...words, packages.deb])).toEqual([]);
  });

  test("the .rpm (rpmlint)", () => {
    const words = ["--config", "packaging/rpm/rpmlint.toml"];
    expect(complaints(["rpmlint", ...words, packages.rpm])).toEqual([]);
  });
});

describe("the tarball", () => {
  const tree = join(directory, "tarball");
  mkdirSync(tree);
  run(["tar", "-xf", packages.tarball, "--strip-components=1", "-C", tree]);
  const make = (...words: string[]) => run(["make", "--silent", "--directory", tree, ...words]);
  const list = (root: string) =>
    run(["find", root, "-type", "f", "-printf", "%P %m\n"]).trim().split("\n").sort();

  test("installs below a prefix, and uninstalls all of it again", () => {
    const root = join(directory, "root");
    const hooks = ["install-initramfs-tools", "install-dracut", "install-mkinitcpio"];
    make("install", ...hooks, `DESTDIR=${root}`);
    const installed = list(root);
    expect(installed).toContain("usr/local/bin/backstore 755");
    expect(installed).toContain("usr/local/share/man/man8/backstore.8 644");
    expect(installed).toContain("usr/local/share/licenses/backstore/musl.txt 644");
    expect(installed).toContain("usr/share/initramfs-tools/hooks/backstore 755");
    expect(run([join(root, "usr/local/bin/backstore"), "--version"])).toMatch(/^backstore \d/);
    make("uninstall", `DESTDIR=${root}`);
    expect(list(root)).toEqual([""]);
  });

  test("contains the hooks of the add-on, as they are in this tree", () => {
    for (const file of run(["find", "initramfs", "-type", "f"]).trim().split("\n"))
      expect(readFileSync(join(tree, file), "utf8")).toBe(readFileSync(file, "utf8"));
  });
});
