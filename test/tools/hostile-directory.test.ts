// Root works in a directory that belongs to somebody else, who gives its names to other files meanwhile:
// nothing outside the store changes its contents, owner or mode. Real users, real tools.
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chmodSync,
  chownSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { makeIso } from "./iso-media.ts";
import { copyProgram, isRoot, run, temporaryDirectory, tryRun } from "./programs.ts";

const why = isRoot ? "" : " (skipped: needs root)";
const directory = temporaryDirectory();
const program = copyProgram(directory);
chmodSync(directory, 0o755);
const nobody = { uid: 65534, gid: 65534 };
const timeout = 240_000;

/** A user's home beside files that are none of his. */
function makeTree(): { readonly home: string; readonly etc: string; readonly store: string } {
  const top = mkdtempSync(join(directory, "tree-"));
  chmodSync(top, 0o755);
  const [home, etc] = [join(top, "home"), join(top, "etc")];
  mkdirSync(home);
  mkdirSync(etc);
  writeFileSync(join(etc, "shadow"), "root:SECRET:1:0:::::\n", { mode: 0o600 });
  writeFileSync(join(etc, "tool"), "#!/bin/sh\n");
  chmodSync(join(etc, "tool"), 0o4755);
  makeImage(join(etc, "image"));
  mkdirSync(join(top, "modules"));
  writeFileSync(join(top, "modules/modules.dep"), "");
  const store = join(home, "sysrcd.bs");
  makeImage(store);
  chownSync(store, nobody.uid, nobody.gid);
  chownSync(home, nobody.uid, nobody.gid);
  return { home, etc, store };
}

function mounts(mkfs: string): boolean {
  const type = /^mkfs\.(\w+)/.exec(mkfs)?.[1] ?? "";
  return readFileSync("/proc/filesystems", "utf8").includes(`\t${type}\n`);
}

function makeImage(path: string): void {
  run(["truncate", "-s", "32M", path]);
  run(["mkfs.ext4", "-q", "-F", path]);
  run(["fallocate", "-l", "32M", path]);
}

function snapshot(at: string): readonly string[] {
  return readdirSync(at)
    .sort()
    .map((name) => {
      const path = join(at, name);
      const { mode, uid, gid, ino, size } = lstatSync(path);
      const sum = createHash("sha256").update(readFileSync(path)).digest("hex");
      return [name, mode.toString(8), uid, gid, ino, size, sum].join(" ");
    });
}

/** Gives the names to the victim in turn, as fast as it can, with links and with files of its own. */
const swapper = `
  import { linkSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
  const [victim, seed, ...names] = process.argv.slice(1);
  let state = Number(seed);
  const next = (most) => (state = (state * 1103515245 + 12345) % 2147483648) % most;
  const attempt = (act) => { try { act(); } catch {} };
  for (;;) {
    const name = names[next(names.length)];
    const how = next(8);
    if (how < 4) attempt(() => { symlinkSync(victim, "l"); renameSync("l", name); });
    else if (how < 5) attempt(() => { writeFileSync("f", "mine"); renameSync("f", name); });
    else if (how < 6) attempt(() => { linkSync(victim, "h"); renameSync("h", name); });
    else if (how < 7) attempt(() => renameSync(name, names[next(names.length)]));
    else attempt(() => rmSync(name));
    const end = Date.now() + next(20);
    while (Date.now() < end);
  }`;

const endings = ["", ".backstore-new", ".backstore-intent", ".backstore-intent.new"].concat(
  ".backstore-changes",
  ".backstore-work",
);
const beside = endings.map((ending) => `sysrcd.bs${ending}`);

async function withSwapper(
  { store, victim, seed }: { store: string; victim: string; seed: number },
  use: () => void,
): Promise<void> {
  const argv = ["--input-type=module", "-e", swapper, victim, String(seed)].concat(
    endings.map((ending) => `${basename(store)}${ending}`),
  );
  const child = spawn(process.execPath, argv, { cwd: dirname(store), ...nobody, stdio: "ignore" });
  try {
    await new Promise((resolve) => setTimeout(resolve, 100));
    use();
  } finally {
    child.kill("SIGKILL");
    await new Promise((resolve) => child.once("exit", resolve));
  }
}

describe(`root in somebody else's directory${why}`, () => {
  const commands: readonly (readonly string[])[] = [
    ["create", "{home}", "24", "--force"],
    ["create", "{home}/other.bs", "24"],
    ["create", "{home}/other.bs/deep.bs", "24"],
    ["grow", "{home}", "40"],
    ["shrink", "{home}", "16"],
    ["check", "--repair", "--yes", "{store}"],
    ["label", "{store}", "kept"],
    ["create", "--directory", "{home}/other.bs/deep"],
    ["initramfs", "--modules", "{home}/../modules", "--output", "{home}/other.bs", "--no-checkers"],
    ["initramfs", "--addon", "--output", "{home}/other.bs/deep"],
  ];
  for (const words of commands)
    test.runIf(isRoot)(
      `"${words.join(" ")}" changes nothing elsewhere while names are swapped`,
      async () => {
        for (const [round, victim] of ["shadow", "image", "tool", "."].entries()) {
          const { home, etc, store } = makeTree();
          const before = snapshot(etc);
          const argv = words.map((word) => word.replace("{home}", home).replace("{store}", store));
          const name = words.some((word) => word.includes("other.bs")) ? "other.bs" : "sysrcd.bs";
          await withSwapper(
            { store: join(home, name), victim: join(etc, victim), seed: 7 + round },
            () => {
              for (let tries = 0; tries < 3; tries++) {
                const { stderr } = tryRun(["timeout", "60", program, ...argv]);
                expect(stderr).not.toContain("this is a bug");
              }
            },
          );
          expect(snapshot(etc)).toEqual(before);
          rmSync(join(home, ".."), { recursive: true });
        }
      },
      timeout,
    );

  test.runIf(isRoot)(
    "a store that is a link to somebody's file is left alone, with a reason",
    () => {
      const { home, etc, store } = makeTree();
      rmSync(store);
      symlinkSync(join(etc, "image"), store);
      run(["chown", "-h", "65534:65534", store]);
      const before = snapshot(etc);
      for (const command of [
        ["grow", home, "40"],
        ["shrink", home, "16"],
        ["label", store, "kept"],
      ]) {
        const { status, stderr } = tryRun([program, ...command]);
        expect(stderr).toMatch(/it is a link whose owner does not own what it leads to/);
        expect(status).not.toBe(0);
      }
      expect(snapshot(etc)).toEqual(before);
    },
  );

  test.runIf(isRoot)("a directory that is a link to somebody's is not written into", () => {
    const { home, etc } = makeTree();
    const link = join(home, "other");
    symlinkSync(etc, link);
    run(["chown", "-h", "65534:65534", link]);
    const image = join(home, "live.iso");
    makeIso("live-build", { output: image, work: directory });
    const before = snapshot(etc);
    for (const command of [
      ["create", `${link}/new.bs`, "24"],
      ["create", "--directory", `${link}/new`],
      ["create", "--directory", link],
      ["initramfs", "--addon", "--output", `${link}/new`],
      ["install", image, "--to", `${link}/new.iso`],
    ]) {
      const { status, stderr } = tryRun([program, ...command]);
      expect(stderr).toMatch(/ is a link whose owner does not own what it leads to\nHint: /);
      expect(status).toBe(8);
    }
    expect(snapshot(etc)).toEqual(before);
  });

  test.runIf(isRoot)(
    "a label is written to what was looked at, whoever has its name by then",
    () => {
      const { home, etc, store } = makeTree();
      const tools = join(home, "..", "tools");
      mkdirSync(tools);
      // The name is given away in the moment before the tool begins.
      const tool = `#!/bin/sh\n[ "$1" = -V ] || { mv "${store}" "${home}/kept"; ln -s "${etc}/image" "${store}"; }
PATH=\${PATH#*:} exec tune2fs "$@"\n`;
      writeFileSync(join(tools, "tune2fs"), tool, { mode: 0o755 });
      const before = snapshot(etc);
      const path = `PATH=${tools}:${process.env.PATH}:/usr/sbin:/sbin`;
      tryRun(["env", path, program, "label", store, "kept"]);
      expect(snapshot(etc)).toEqual(before);
      expect(run(["blkid", "-p", "-s", "LABEL", "-o", "value", join(home, "kept")])).toBe("kept\n");
    },
  );

  test.runIf(isRoot)("a store that is another name of somebody's file is left alone", () => {
    const { home, etc, store } = makeTree();
    rmSync(store);
    linkSync(join(etc, "image"), store);
    const before = snapshot(etc);
    const { status, stderr } = tryRun([program, "grow", home, "40"]);
    expect(stderr).toMatch(/another name elsewhere/);
    expect(status).not.toBe(0);
    expect(snapshot(etc)).toEqual(before);
  });

  for (const name of beside.slice(1, 6))
    test.runIf(isRoot)(`"${name}" that is a link to somebody's file is not written through`, () => {
      const { home, etc } = makeTree();
      symlinkSync(join(etc, "shadow"), join(home, name));
      const before = snapshot(etc);
      tryRun([program, "grow", home, "40"]);
      tryRun([program, "create", home, "24", "--force"]);
      expect(snapshot(etc)).toEqual(before);
    });

  test.runIf(isRoot)("an initramfs is written past what its name leads to", () => {
    const { home, etc } = makeTree();
    mkdirSync(join(home, "modules"));
    writeFileSync(join(home, "modules/modules.dep"), "");
    symlinkSync(join(etc, "shadow"), join(home, "initramfs"));
    const before = snapshot(etc);
    tryRun([
      program,
      "initramfs",
      "--modules",
      join(home, "modules"),
      "--output",
      join(home, "initramfs"),
      "--no-checkers",
    ]);
    expect(snapshot(etc)).toEqual(before);
    expect(readdirSync(home).filter((name) => name.startsWith(".backstore-"))).toEqual([]);
  });

  const hosts = [
    ["vfat of a user", "mkfs.vfat -F 32", "-o uid=1000,gid=1000"],
    ["ext4 whose top is a user's", "mkfs.ext4 -q -F -E root_owner=1000:1000", ""],
  ] as const;
  for (const [name, mkfs, options] of hosts)
    test.runIf(isRoot && mounts(mkfs))(
      `a store is made, grown and shrunk on ${name}, without a question${mounts(mkfs) ? "" : " (skipped: this kernel does not mount it)"}`,
      () => {
        const script = `cd "$1"; truncate -s 160M disk; ${mkfs} disk >/dev/null; mkdir -p at; mount -o loop ${options} disk at
          ./backstore create at 24; ./backstore grow at 40; ./backstore shrink at 30; ./backstore check at/sysrcd.bs
          stat -c %s at/sysrcd.bs; ls at; umount at; rm disk`;
        const said = run(["unshare", "--mount", "sh", "-euc", script, "sh", directory]);
        expect(said).toMatch(/\n31457280\n(lost\+found\n)?sysrcd\.bs\n$/);
      },
      timeout,
    );
});
