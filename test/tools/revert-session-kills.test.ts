// "backstore revert" in a session on a store, and what the next boot does of it, killed before each of
// their calls that change something: the kernel shows the old or the new at each path, and the next run
// or boot finishes.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { resolve } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { callsOf, killBefore } from "./kill-at.ts";
import { type MergedTree, readTree } from "./merged-tree.ts";
import { copyProgram, isRoot, rootNote, run, temporaryDirectory } from "./programs.ts";

const program = copyProgram(temporaryDirectory());
const paths = [
  "/etc/a",
  "/etc/app",
  "/etc/link",
  "/etc/new",
  "/gone",
  "/opt",
  "/srv/one",
  "/srv/d/new",
];
/** Its attributes are put back one after the other. */
const described = "/etc/b";

const overlay = `mount -t overlay -o "lowerdir=/mnt/base,upperdir=/mnt/disk/upperdir,workdir=/mnt/disk/workdir,index=off,metacopy=off,redirect_dir=nofollow" overlay root`;

const start = `mount -t tmpfs revert /mnt; cd /mnt; mkdir base root disk kept; truncate -s 64M file
  mkfs.ext4 -q file; mount -o loop file disk; cp "$1" "$2" kept
  for each in proc sys dev run mnt; do mkdir base/$each; done; mkdir -p base/etc/app base/opt base/srv/d
  echo one > base/srv/one;   echo one > base/etc/a; echo two > base/etc/b; echo conf > base/etc/app/conf; ln base/etc/app/conf base/etc/app/again
  ln -s a base/etc/link; echo gone > base/gone; echo old > base/opt/old; setfattr -n user.mark -v base base/etc/b
  mkdir disk/upperdir disk/workdir; ${overlay}; cd root
  echo ONE > etc/a; rm -r etc/app gone opt etc/link; mkdir etc/link opt; echo new > etc/new; echo fresh > opt/fresh
  echo ONE > srv/one; echo new > srv/d/new;   chmod 4600 etc/b; chown 7:8 etc/b; setfattr -n user.mark -v mine etc/b; echo kept > etc/kept; cd ..; umount root
  echo '{"format":1,"id":"x","overlay":"index=off,metacopy=off,xino=off,redirect_dir=nofollow"}' > disk/backstore.json
  cp -a disk kept/filled; echo ready; exec tail -f /dev/null`;

describe.skipIf(!isRoot)(`revert in a session, killed${rootNote}`, () => {
  let holder: ChildProcess | undefined;
  beforeAll(async () => {
    const words = ["--mount", "--propagation", "private", "sh", "-euc", start, "sh"];
    const started = spawn("unshare", [...words, program, resolve("build/do-next")], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    holder = started;
    const ended = once(started, "exit").then(([status]) => [`it ended with ${status}`]);
    const said = once(createInterface({ input: started.stdout }), "line");
    const [line] = await Promise.race([said, ended]);
    expect(line).toBe("ready");
  });
  afterAll(() => void holder?.kill("SIGKILL"));

  const enter = () => ["nsenter", `--mount=/proc/${holder?.pid}/ns/mnt`];
  const inside = (script: string) => run([...enter(), "sh", "-euc", `cd /mnt; ${script}`]);
  const fill = () => inside("find disk -mindepth 1 -delete; cp -a kept/filled/. disk");

  function merged(): MergedTree {
    inside(overlay);
    try {
      return readTree(`/proc/${holder?.pid}/root/mnt/root`);
    } finally {
      inside("umount root");
    }
  }

  const below = (tree: MergedTree, path: string) =>
    JSON.stringify([...tree].filter(([one]) => one === path || one.startsWith(`${path}/`)).sort());

  const list = () =>
    inside(
      "find disk/upperdir disk/upperdir.reverted -printf '%p %y %m %U:%G %s\\n' 2>&1 | LC_ALL=C sort",
    );

  // Its mounts go with the session.
  const session = `cd /mnt; ${overlay}; for each in proc sys dev run mnt; do mount --rbind /$each root/$each; done
    exec chroot root /mnt/kept/backstore revert "$@" --yes --quiet`;
  const revert = () => [
    ...[...enter(), "unshare", "--mount", "--propagation", "private", "sh", "-euc", session, "sh"],
    ...[...paths, described],
  ];
  const boot = () => [...enter(), "/mnt/kept/do-next", "/mnt/disk", "/mnt/base"];

  /** The numbers of the calls that the program itself makes to change something. */
  const changing = (calls: readonly string[], name: string) =>
    calls.flatMap((call, index) =>
      call.split(" ")[1] === name && !call.includes("mount") ? [index + 1] : [],
    );

  test("leaves the old or the new at each path, and the next run finishes", {
    timeout: 300_000,
  }, () => {
    const old = merged();
    const calls = callsOf(revert());
    const done = merged();
    const base = readTree(`/proc/${holder?.pid}/root/mnt/base`);
    for (const path of [...paths, described])
      expect([path, below(done, path)]).toEqual([path, below(base, path)]);
    expect(below(done, "/etc/kept")).toBe(below(old, "/etc/kept"));
    run(boot());
    const left = list();
    const numbers = changing(calls, "backstore");
    expect(numbers.length).toBeGreaterThan(60);
    for (const at of numbers) {
      fill();
      const where = killBefore(revert(), at, calls);
      const found = merged();
      for (const path of paths) {
        const is = below(found, path);
        const isWhole = [below(old, path), below(base, path)].includes(is);
        expect([where, path, isWhole || is]).toEqual([where, path, true]);
      }
      expect([where, found.get(described)?.content]).toEqual([where, old.get(described)?.content]);
      run(revert());
      expect([where, [...merged()]]).toEqual([where, [...done]]);
      run(boot());
      expect([where, list()]).toEqual([where, left]);
    }
  });

  test("shows the same after a boot that was killed, and the boot after it finishes", {
    timeout: 300_000,
  }, () => {
    const start = () => {
      fill();
      run(revert());
    };
    start();
    const done = merged();
    const calls = callsOf(boot());
    const left = list();
    expect(left).not.toContain("upperdir/opt");
    const numbers = changing(calls, "do-next");
    expect(numbers.length).toBeGreaterThan(paths.length);
    for (const at of numbers) {
      start();
      const where = killBefore(boot(), at, calls);
      expect([where, [...merged()]]).toEqual([where, [...done]]);
      run(boot());
      expect([where, list()]).toEqual([where, left]);
    }
    expect([...merged()]).toEqual([...done]);
  });
});
