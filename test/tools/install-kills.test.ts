// "backstore install" and "backstore uninstall" killed before every single call that changes
// something on the medium: every menu is the old or the new one, what it names is there, and the
// next run finishes or undoes it.
import { spawn } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { digestTree } from "../media/tree.ts";
import { callsOf, killAt, killBefore } from "./kill-at.ts";
import { makeLiveMedium } from "./live-medium.ts";
import { copyProgram, isRoot, rootNote, run, temporaryDirectory, tryRun } from "./programs.ts";

const directory = temporaryDirectory();
const program = copyProgram(directory);
const [plain, installed, tree] = ["plain", "installed", "tree"].map((name) =>
  join(directory, name),
) as [string, string, string];
makeLiveMedium(plain, {
  "boot/grub/grub.cfg": "menuentry a {\nlinux /live/v boot=live\ninitrd /live/i\n}\n",
  "isolinux/isolinux.cfg": "LABEL a\nLINUX /live/v\nINITRD /live/i\n",
});
copyTree(plain, installed);
run([program, "install", "--tree", installed]);
const before = digestTree(plain);
const menus = ["boot/grub/grub.cfg", "isolinux/isolinux.cfg"];

function copyTree(from: string, to: string): void {
  rmSync(to, { recursive: true, force: true });
  mkdirSync(to);
  cpSync(from, to, { recursive: true });
}

/** A menu is the old or the new one, with newlines behind it that mean nothing. */
function expectBootable(where: string): void {
  for (const menu of menus) {
    const text = readFileSync(join(tree, menu), "utf8").replace(/\n*$/, "\n");
    const states = [plain, installed].map((from) => readFileSync(join(from, menu), "utf8"));
    expect(states, where).toContain(text);
    const isNew = text === states[1];
    const addon = join(tree, "backstore/addon1.img");
    const wanted = readFileSync(join(installed, "backstore/addon1.img"));
    if (isNew) expect(existsSync(addon) && readFileSync(addon).equals(wanted), where).toBe(true);
  }
}

/** It may be at the other place: what a killed run has begun is not written over. */
function expectInstalled(where: string): void {
  for (const menu of menus) {
    const text = readFileSync(join(tree, menu), "utf8").replaceAll("/addon2.img", "/addon1.img");
    expect(text, where).toBe(readFileSync(join(installed, menu), "utf8"));
  }
  const own = readdirSync(join(tree, "backstore")).filter((name) => name.startsWith("addon"));
  expect(own.length, where).toBe(1);
  const [addon] = own.map((name) => readFileSync(join(tree, "backstore", name)));
  expect(addon?.equals(readFileSync(join(installed, "backstore/addon1.img"))), where).toBe(true);
}

/** Starts a process in whose mount namespace "tree" is a file system of its own. */
function holdMount(): { readonly enter: readonly string[]; end(): void } {
  const begun = join(directory, "begun");
  run(["mkfifo", begun]);
  // No store is made in memory; the loop device goes with the mount.
  const script = `
    truncate -s 64M "$3"; mkfs.ext4 -q "$3"; mount -o loop "$3" "$1"; rm "$3"
    echo >"$2"; exec tail -f /dev/null`;
  const image = `/dev/shm/backstore-install-kills-${process.pid}.img`;
  const words = ["--mount", "sh", "-euc", script, "sh", tree, begun, image];
  const holder = spawn("unshare", words, { stdio: "ignore" });
  readFileSync(begun);
  return {
    enter: ["nsenter", `--mount=/proc/${holder.pid}/ns/mnt`],
    end: () => holder.kill("SIGKILL"),
  };
}

describe("a stick of Ventoy", () => {
  test("has a configuration that can be read at every call, and what it names is there", {
    timeout: 600_000,
  }, () => {
    const [stick, work] = [join(directory, "stick"), join(directory, "work")];
    mkdirSync(join(stick, "ventoy"), { recursive: true });
    writeFileSync(join(stick, "ventoy/ventoy.json"), '{ "theme": { "file": "/x" } }\n');
    run(["xorriso", "-as", "mkisofs", "-quiet", "-R", "-o", join(stick, "a.iso"), plain]);
    const [clean, done] = [digestTree(stick), join(directory, "done")];
    cpSync(stick, done, { recursive: true });
    run([program, "install", "--tree", done]);
    for (const { command, from } of [
      { command: "install", from: stick },
      { command: "uninstall", from: done },
    ]) {
      copyTree(from, work);
      const words = [program, command, "--tree", work];
      const calls = callsOf(words);
      const isThere = (call: string) => call.includes(work);
      const first = command === "install" ? calls.findIndex(isThere) : 1;
      expect(calls.length - first).toBeGreaterThan(10);
      // A run removes what killed ones have left elsewhere, so it may have more calls than this one.
      for (let [number, status] = [first, 137]; status === 137; number++) {
        copyTree(from, work);
        const where = `${command} killed before call ${number}: ${calls[number - 1]}`;
        status = killAt(words, { at: number }).status ?? 0;
        const text = readFileSync(join(work, "ventoy/ventoy.json"), "utf8");
        const { injection = [] } = JSON.parse(text) as { injection?: { archive: string }[] };
        for (const { archive } of injection)
          expect(tryRun(["gzip", "-t", join(work, archive)]).status, where).toBe(0);
        run([program, "uninstall", "--tree", work]);
        expect(digestTree(work), where).toEqual(clean);
      }
    }
  });
});

describe.skipIf(!isRoot)(`a store that is made as well${rootNote}`, () => {
  test("is whole when a menu names it, and the next run finishes or undoes what was begun", {
    timeout: 600_000,
  }, () => {
    rmSync(tree, { recursive: true, force: true });
    mkdirSync(tree);
    const { enter, end } = holdMount();
    try {
      const inside = (script: string) =>
        run([...enter, "sh", "-euc", script, "sh", tree, plain, program]);
      const clear = () => inside('find "$1" -mindepth 1 -delete; cp -r "$2"/. "$1"');
      const words = [...enter, program, "install", "--tree", tree, "--store", "8"];
      clear();
      const calls = callsOf(words);
      // mkfs.ext4 writes to a file that nobody looks at.
      const first = calls.findIndex((call) => call.includes("backstore-new")) - 1;
      const numbers = calls.flatMap((call, index) =>
        index >= first && !call.includes("mkfs") ? [index + 1] : [],
      );
      expect(numbers.length).toBeGreaterThan(30);
      for (const number of numbers) {
        clear();
        const where = killBefore(words, number, calls);
        const told = inside(
          [
            'cd "$1"; for menu in boot/grub/grub.cfg isolinux/isolinux.cfg; do',
            "! grep -q sysrcd.bs $menu || e2fsck -fn sysrcd.bs >/dev/null 2>&1 || echo bad; done",
            '"$3" uninstall --tree "$1" >/dev/null',
            'diff -r -x sysrcd.bs "$2" "$1" || echo differs',
          ].join("\n"),
        );
        expect(told, where).toBe("");
      }
    } finally {
      end();
    }
  });
});

describe("killed before any of its calls that change the medium", () => {
  for (const { command, from } of [
    { command: "install", from: plain },
    { command: "uninstall", from: installed },
  ])
    test(`backstore ${command} leaves a medium that boots, and the next run goes on from there`, {
      timeout: 600_000,
    }, () => {
      copyTree(from, tree);
      const words = [program, command, "--tree", tree];
      const calls = callsOf(words);
      // The add-on is made elsewhere before anything else, and removed there at the end.
      const first = calls.findLastIndex((call) => call.startsWith("rename")) + 2;
      const last = calls.findLastIndex((call) => call.startsWith("syncfs")) + 1;
      expect(last - first).toBeGreaterThan(15);
      for (let number = first; number <= last; number++) {
        copyTree(from, tree);
        const where = killBefore(words, number, calls);
        expectBootable(where);
        // Each next run is the same; some of them finish it before it is undone.
        if (number % 3 === 0) {
          run([program, "install", "--tree", tree]);
          expectInstalled(where);
        }
        run([program, "uninstall", "--tree", tree]);
        expect(digestTree(tree), where).toEqual(before);
      }
    });
});
