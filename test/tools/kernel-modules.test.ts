// The data read from a real kernel's modules, compared with the output of kmod's own tools.

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { chooseModules } from "../../src/core/initramfs/module-selection.ts";
import { wantedGroups } from "../../src/core/initramfs/wanted-modules.ts";
import { readModinfo } from "../../src/core/modules/modinfo.ts";
import {
  aliasGroupNames,
  formatAliasGroups,
  groupAliases,
  matchAliases,
  parseAliasGroup,
  parseAliasLines,
} from "../../src/core/modules/module-aliases.ts";
import {
  normalName,
  parseAliases,
  parseDependencies,
} from "../../src/core/modules/module-files.ts";
import { planModules } from "../../src/core/modules/module-index.ts";
import { readSignatureDigest } from "../../src/core/modules/signature.ts";
import { discoverKernel } from "../machines/guest/kernel.ts";
import { tryRun } from "./programs.ts";

const kernel = discoverKernel();
const root = join(kernel.modules, "../../..");
const read = (name: string) => readFileSync(join(kernel.modules, `modules.${name}`), "utf8");
const selection = chooseModules({
  release: kernel.version,
  dependencies: read("dep"),
  softDependencies: read("softdep"),
  aliases: read("alias"),
  builtin: read("builtin"),
});

/** Asks modprobe about this kernel, with no configuration of this machine. */
function askModprobe(...argv: string[]): string[] {
  const options = ["-d", root, "-S", kernel.version, "-C", "/dev/null"];
  const lines = tryRun(["modprobe", ...options, ...argv]).stdout.split("\n");
  return lines.map((line) => line.trim()).filter((line) => line !== "");
}

test("matchAliases() resolves names of every bus as modprobe does", () => {
  const aliases = parseAliases(read("alias"));
  const groups = parseAliasLines(formatAliasGroups(groupAliases(aliases)));
  const lookUp = (name: string) =>
    aliasGroupNames(name).flatMap((group) => {
      const text = groups.get(group);
      return text === undefined ? [] : matchAliases(parseAliasGroup(text), name);
    });
  const files = new Set(parseDependencies(read("dep")).map((file) => file.name));
  // A name for each hundredth pattern, with something for its wildcards.
  const names = aliases
    .filter((_, index) => index % 100 === 0)
    .map(({ pattern }) => pattern.replace(/^([a-z]+)\*:/, "$1:"))
    .map((pattern) => pattern.replace(/\[(.)[^\]]*\]/g, "$1").replace(/[*?]/g, "0"))
    .filter((name) => !files.has(normalName(name)));
  expect(names.length).toBeGreaterThan(150);
  for (const name of names) {
    const expected = askModprobe("-R", name).map(normalName);
    expect({ name, modules: [...new Set(lookUp(name))].sort() }).toEqual({
      name,
      modules: [...new Set(expected)].sort(),
    });
  }
});

test("planModules() loads all that modprobe would, each after what it needs", () => {
  const wanted = ["ext4", "btrfs", "xfs", "vfat", "usb_storage", "uas", "nvme", "ahci", "dm_crypt"];
  for (const name of [...wanted, "hid_logitech_dj", "virtio_blk", "sr_mod", "f2fs"]) {
    const order = planModules(selection.index, [name], () => false);
    const expected = askModprobe("--show-depends", name)
      .filter((line) => line.startsWith("insmod "))
      .map((line) => normalName(line.replace(/^.*\/|\.ko.*$/g, "")));
    // Of several lines of soft dependencies modprobe uses the first.
    const soft = Object.values(selection.index.modules).flatMap((one) => one.before ?? []);
    const extra = order.filter((module) => !expected.includes(module) && !soft.includes(module));
    expect({ name, missing: expected.filter((module) => !order.includes(module)), extra }).toEqual({
      name,
      missing: [],
      extra: [],
    });
    const needs = new Map(selection.files.map((file) => [file.name, file.needs]));
    order.forEach((module, index) => {
      for (const need of needs.get(module) ?? []) expect(order.slice(0, index)).toContain(need);
    });
  }
});

test("readModinfo() reads of each chosen module what modinfo reads", () => {
  const files = selection.files.filter((file) => file.path.endsWith(".ko"));
  const some = files.filter((_, index) => index % 5 === 0 || files[index]?.name === "isci");
  for (const { path } of some) {
    const file = join(kernel.modules, path);
    const statements = readModinfo(readFileSync(file)) ?? [];
    for (const key of ["firmware", "alias", "vermagic"]) {
      const found = statements.filter((one) => one.key === key).map((one) => one.value);
      const expected = tryRun(["modinfo", "-F", key, file]).stdout.split("\n").slice(0, -1);
      expect({ path, key, values: found }).toEqual({ path, key, values: expected });
    }
  }
});

test("readSignatureDigest() reads of a module what modinfo reads", () => {
  const files = selection.files.filter((file) => file.path.endsWith(".ko"));
  for (const { path } of files.filter((_, index) => index % 40 === 0)) {
    const file = join(kernel.modules, path);
    const expected = tryRun(["modinfo", "-F", "sig_hashalgo", file]).stdout.trim();
    expect({ path, digest: readSignatureDigest(readFileSync(file)) }).toEqual({
      path,
      digest: expected,
    });
  }
});

test("chooseModules() finds most of what each group wants in a distribution's kernel", () => {
  for (const { group, modules, builtin, missing } of selection.groups) {
    expect(`${group}: ${modules.length + builtin.length > missing.length}`).toBe(`${group}: true`);
  }
  expect(selection.groups.map((group) => group.group)).toEqual(
    wantedGroups.map((row) => row.group),
  );
  for (const { path } of selection.files) expect(existsSync(join(kernel.modules, path))).toBe(true);
});
