// "backstore run" with the real executable: programs in real systems of images, directories and
// stores, and what is left when they have ended, or were ended.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { callsOf, killBefore } from "./kill-at.ts";
import {
  copyProgram,
  isRoot,
  type Outcome,
  rootNote,
  run,
  temporaryDirectory,
  tryRun,
} from "./programs.ts";

const directory = temporaryDirectory();
const program = copyProgram(directory);
const at = (name: string) => join(directory, name);
const timeout = 120_000;

const applets = ["cat", "echo", "env", "kill", "ls", "mkdir", "rm", "sh", "sleep", "touch", "true"];

/** Makes a base of busybox alone. */
function makeBase(path: string): void {
  for (const name of ["bin", "dev", "etc", "proc", "root", "run", "srv/old", "sys", "tmp"])
    mkdirSync(join(path, name), { recursive: true });
  run(["cp", "/bin/busybox", join(path, "bin")]);
  for (const name of applets) symlinkSync("busybox", join(path, "bin", name));
  writeFileSync(join(path, "etc/passwd"), "root:x:0:0::/root:/bin/sh\n");
  writeFileSync(join(path, "etc/resolv.conf"), "");
  writeFileSync(join(path, "etc/base"), "one\n");
  writeFileSync(join(path, "srv/old/file"), "two\n");
}

function makeStore(name: string): string {
  run(["fallocate", "-l", "16M", at(name)]);
  run([
    "mkfs.ext4",
    "-q",
    "-F",
    "-E",
    "nodiscard,lazy_itable_init=0,lazy_journal_init=0",
    at(name),
  ]);
  return at(name);
}

const call = (...words: string[]): Outcome => tryRun([program, "run", ...words]);
const inBase = (...words: string[]) => call("--base", at("base.sfs"), ...words);

/** Returns a loop device with an empty file system. */
const attachStore = (name: string) => run(["losetup", "--find", "--show", makeStore(name)]).trim();

/** Lists the mounts and loop devices of these tests, and of this command, that anybody can see. */
const seen = () =>
  [readFileSync("/proc/self/mountinfo", "utf8"), run(["losetup", "--list", "--noheadings"])]
    .flatMap((text) => text.split("\n"))
    .filter((line) => line.includes(directory) || / \/proc\/driver/.test(line));

/** What is read of a store's record. */
interface Read {
  readonly session: { readonly state: string };
  readonly boots: readonly unknown[];
}

const readRecord = (store: string) =>
  JSON.parse(run(["debugfs", "-R", "cat /backstore.json", store])) as Read;

const readState = (store: string) => readRecord(store).session.state;

describe.skipIf(!isRoot)(`run${rootNote}`, () => {
  beforeAll(() => {
    makeBase(at("base"));
    run(["mksquashfs", at("base"), at("base.sfs"), "-quiet", "-no-progress"]);
  });

  for (const { name, words, status, stdout = "" } of [
    { name: "0", words: ["true"], status: 0 },
    {
      name: "what it exits with",
      words: ["sh", "-c", 'echo "$1"; exit 7', "sh", "two words"],
      status: 7,
      stdout: "two words\n",
    },
    { name: "128 and its signal", words: ["sh", "-c", "kill -9 $$"], status: 137 },
    { name: "127 where there is none", words: ["none"], status: 127 },
    { name: "126 where it is not executable", words: ["/etc/base"], status: 126 },
  ])
    test(`gives the exit status of the program: ${name}`, () => {
      const before = seen();
      const told = inBase("--", ...words);
      expect([told.status, told.stdout]).toEqual([status, stdout]);
      expect(seen()).toEqual(before);
    });

  test("runs a shell where no program is named, which is the second process of its own", () => {
    const { stdout } = tryRun(
      [program, "run", "--base", at("base.sfs")],
      "echo $$ $HOME $PWD; cat /proc/1/comm\n",
    );
    expect(stdout).toBe("2 /root /root\nbackstore\n");
  });

  test("shows the devices, the kernel's file systems and the resolver, and nothing of the caller's", () => {
    const { stdout, status } = inBase(
      "--",
      "sh",
      "-euc",
      "test -c /dev/null; test -d /sys/block; cat /etc/resolv.conf; cat /proc/mounts; env",
    );
    expect(status).toBe(0);
    expect(stdout.startsWith(readFileSync("/etc/resolv.conf", "utf8"))).toBe(true);
    expect(stdout).toMatch(/^\S+ \/ overlay /m);
    expect(stdout).toMatch(/^\S+ \/sys sysfs ro,/m);
    expect(stdout).not.toContain(directory);
    expect(stdout).not.toMatch(/^LC_ALL=/m);
  });

  test("keeps changes in memory without a store, and writes to no base", () => {
    const sum = run(["sha256sum", at("base.sfs")]);
    mkdirSync(at("over/etc"), { recursive: true });
    writeFileSync(at("over/etc/over"), "over\n");
    writeFileSync(at("over/etc/base"), "two\n");
    const words = ["--base", at("over"), "--base", at("base.sfs"), "--volatile"];
    const script = "cat /etc/base /etc/over; echo three > /etc/base; rm /etc/over; cat /etc/base";
    expect(call(...words, "--", "sh", "-c", script).stdout).toBe("two\nover\nthree\n");
    expect(readFileSync(at("over/etc/base"), "utf8")).toBe("two\n");
    expect(existsSync(at("over/etc/over"))).toBe(true);
    expect(run(["sha256sum", at("base.sfs")])).toBe(sum);
  });

  test("takes an erofs image as a base, and a directory", () => {
    run(["mkfs.erofs", "--quiet", at("base.erofs"), at("base")]);
    for (const base of ["base.erofs", "base"])
      expect(call("--base", at(base), "--", "cat", "/etc/base").stdout).toBe("one\n");
  });

  test("keeps changes in the file of a store, which is clean and closed afterwards", () => {
    const store = makeStore("kept.bs");
    const before = seen();
    expect(
      inBase("--store", store, "--", "sh", "-c", "echo kept > /root/file; rm /etc/base"),
    ).toMatchObject({ status: 0, stderr: "" });
    expect(readState(store)).toBe("clean");
    // No machine was booted.
    expect(readRecord(store).boots).toEqual([]);
    expect(seen()).toEqual(before);
    run(["e2fsck", "-fn", store]);
    expect(inBase("--store", store, "--", "sh", "-c", "cat /root/file; ls /etc").stdout).toBe(
      "kept\npasswd\nresolv.conf\n",
    );
    expect(
      run([program, "changes", store, "--base", at("base.sfs"), "--under", "/root/file"]),
    ).toContain("added");
  });

  test("keeps changes in a directory store, whether its file system is mounted or not", () => {
    const device = attachStore("disk.img");
    try {
      mkdirSync(at("mnt"));
      run(["mount", device, at("mnt")]);
      try {
        mkdirSync(at("mnt/store"));
        expect(inBase("--store", at("mnt/store"), "--", "touch", "/root/one").status).toBe(0);
        expect(inBase("--store", at("mnt/store"), "--", "touch", "/root/two").status).toBe(0);
        expect(run(["ls", at("mnt/store/upperdir/root")])).toBe("one\ntwo\n");
        const words = ["--store", at("mnt/store"), "--readonly"];
        expect(inBase(...words, "--", "ls", "/root").stdout).toBe("one\ntwo\n");
        run(["sh", "-c", 'mv "$1"/store/* "$1"; rmdir "$1/store"', "sh", at("mnt")]);
        expect(inBase("--store", device, "--", "ls", "/root").stdout).toBe("one\ntwo\n");
      } finally {
        run(["umount", at("mnt")]);
      }
      expect(inBase("--store", device, "--", "ls", "/root").stdout).toBe("one\ntwo\n");
      expect(readState(device)).toBe("clean");
    } finally {
      run(["losetup", "--detach", device]);
    }
  });

  for (const mounted of [false, true])
    test(`shows what another system has moved in a store that is ${mounted ? "" : "not "}mounted`, () => {
      const store = makeStore(`moved-${mounted}.bs`);
      const mnt = at(`moved-${mounted}`);
      mkdirSync(mnt);
      run(["mount", "-o", "loop", store, mnt]);
      try {
        for (const name of ["upperdir", "workdir"]) mkdirSync(join(mnt, name));
        // As the kernel's overlay does with redirect_dir=on.
        mkdirSync(join(mnt, "upperdir/srv/new"), { recursive: true });
        run(["mknod", join(mnt, "upperdir/srv/old"), "c", "0", "0"]);
        const mark = ["-n", "trusted.overlay.redirect", "-v", "old"];
        run(["setfattr", ...mark, join(mnt, "upperdir/srv/new")]);
        if (!mounted) run(["umount", mnt]);
        const given = mounted ? mnt : store;
        for (const words of [["--readonly"], [], []])
          expect(inBase("--store", given, ...words, "--", "cat", "/srv/new/file")).toMatchObject({
            ...{ status: 0, stdout: "two\n" },
          });
      } finally {
        tryRun(["umount", mnt]);
      }
    });

  test("writes nothing to a store with --readonly, and keeps what is new in memory", () => {
    const store = makeStore("readonly.bs");
    expect(inBase("--store", store, "--", "touch", "/root/first").status).toBe(0);
    const sum = run(["sha256sum", store]);
    const script = "ls /root; touch /root/second; ls /root";
    expect(inBase("--store", store, "--readonly", "--", "sh", "-c", script).stdout).toBe(
      "first\nfirst\nsecond\n",
    );
    expect(run(["sha256sum", store])).toBe(sum);
  });

  test("checks a store that was not cleanly closed, as a boot does", () => {
    const store = makeStore("torn.bs");
    expect(inBase("--store", store, "--", "touch", "/root/file").status).toBe(0);
    run(["debugfs", "-w", "-R", "set_super_value state 0", store]);
    const { status, stderr } = inBase("--store", store, "--", "ls", "/root");
    expect(status).toBe(0);
    expect(stderr).toMatch(
      /^Checking the ext4 file system of the store .* not cleanly unmounted\n$/,
    );
    run(["e2fsck", "-fn", store]);
  });

  test("refuses a store that another one uses, and is refused by others", { timeout }, async () => {
    const store = makeStore("used.bs");
    const first = await begin("--store", store, "--", "sh", "-c", "echo begun; exec sleep 600");
    try {
      const told = inBase("--store", store, "--", "true");
      expect(told.status).toBe(5);
      expect(told.stderr).toMatch(/^backstore: Cannot use ".*used\.bs": /);
      for (const words of [
        ["grow", store, "24M"],
        ["check", store, "--repair", "--yes"],
      ]) {
        const { stdout, stderr } = tryRun([program, ...words]);
        expect(stdout + stderr).toMatch(/attached to "?\/dev\/loop\d+|is working on/);
      }
    } finally {
      await end(first, "SIGTERM");
    }
    expect(inBase("--store", store, "--", "true").status).toBe(0);
  });

  test("one on the directory of an overlay is refused, whatever path that was mounted by", {
    timeout,
  }, () => {
    const device = attachStore("overlaid.img");
    mkdirSync(at("overlaid"));
    run(["mount", device, at("overlaid")]);
    try {
      const script = `cd "$1"; mkdir -p store/upperdir store/workdir lower at
        mount -t overlay -o lowerdir=lower,upperdir=$2store/upperdir,workdir=$2store/workdir o at
        shift 2; "$@" || s=$?; umount at; exit $s`;
      for (const before of ["", `${at("overlaid")}/`]) {
        const words = ["--base", at("base"), "--store", at("overlaid/store"), "--", "true"];
        const start = ["unshare", "--mount", "sh", "-euc", script, "sh", at("overlaid"), before];
        const told = tryRun([...start, program, "run", ...words]);
        expect(told.stderr).toMatch(/in use( by the overlay on)? .*overlaid\/at"?/);
        expect(told.status).toBe(5);
      }
    } finally {
      run(["umount", at("overlaid")]);
      run(["losetup", "--detach", device]);
    }
  });

  test("a second one on the same directory is refused", { timeout }, async () => {
    const device = attachStore("twice.img");
    mkdirSync(at("twice"));
    run(["mount", device, at("twice")]);
    try {
      mkdirSync(at("twice/store"));
      const words = ["--store", at("twice/store"), "--"];
      const first = await begin(...words, "sh", "-c", "echo begun; exec sleep 600");
      const told = inBase(...words, "true");
      expect(told.status).toBe(5);
      expect(told.stderr).toMatch(/the program "backstore" \(process \d+\) is working on/);
      await end(first, "SIGTERM");
      expect(inBase(...words, "true").status).toBe(0);
    } finally {
      run(["umount", at("twice")]);
      run(["losetup", "--detach", device]);
    }
  });

  test("leaves no process behind", () => {
    const { status } = inBase(
      "--",
      "sh",
      "-c",
      "sleep 7654 & (trap '' TERM HUP INT; sleep 7654) & exit 3",
    );
    expect(status).toBe(3);
    expect(listSleepers("7654")).toEqual([]);
  });

  for (const [signal, number] of [
    ["SIGINT", 2],
    ["SIGTERM", 15],
    ["SIGHUP", 1],
  ] as const)
    test(`takes everything down at ${signal}, which the program gets`, { timeout }, async () => {
      const before = seen();
      const store = makeStore(`${signal}.bs`);
      const script = `trap 'touch /root/caught; exit 5' ${signal.slice(3)}; echo begun; while :; do sleep 0.1; done`;
      const caught = await begin("--store", store, "--", "sh", "-c", script);
      expect(await end(caught, signal)).toBe(5);
      const passed = await begin("--store", store, "--", "sleep", "7655");
      expect(await end(passed, signal)).toBe(128 + number);
      expect(readState(store)).toBe("clean");
      expect(inBase("--store", store, "--", "ls", "/root").stdout).toBe("caught\n");
      expect(listSleepers("7655")).toEqual([]);
      expect(seen()).toEqual(before);
    });

  test("a program that ignores signals is killed at the second one", { timeout }, async () => {
    const deaf = await begin(
      "--",
      "sh",
      "-c",
      "trap '' TERM HUP; echo begun; while :; do sleep 0.1; done",
    );
    deaf.kill("SIGTERM");
    // Of two that are pending, the kernel gives the one with the lower number first.
    expect([129, 143]).toContain(await end(deaf, "SIGHUP"));
  });

  test("when it is killed itself, all processes end and the store is clean", {
    timeout,
  }, async () => {
    const store = makeStore("killed.bs");
    const before = seen();
    const script = "touch /root/file; sleep 7656 & echo begun; exec sleep 7656";
    const killed = await begin("--store", store, "--", "sh", "-c", script);
    await end(killed, "SIGKILL");
    untilDetached(store);
    expect(listSleepers("7656")).toEqual([]);
    expect(seen()).toEqual(before);
    run(["e2fsck", "-fn", store]);
    expect(inBase("--store", store, "--", "ls", "/root").stdout).toBe("file\n");
    expect(readState(store)).toBe("clean");
  });

  test("what others unmount meanwhile is not kept mounted", { timeout }, () => {
    const image = makeStore("other.img");
    const script = `cd "$1"; mkdir other; mount -o loop other.img other; mkfifo said
      ./backstore run --base base.sfs -- sh -c 'echo begun; exec sleep 7657' > said & read begun < said
      umount other
      for try in $(seq 100); do losetup --list --noheadings | grep -q "$2" || break; sleep 0.1; done
      losetup --list --noheadings | grep "$2" || echo gone; kill $!; wait $! || echo $?`;
    const words = ["unshare", "--mount", "--propagation", "shared", "sh", "-euc", script];
    expect(run([...words, "sh", directory, image])).toBe("gone\n143\n");
  });

  test("is killed before any of its calls, and begins again", { timeout }, () => {
    const store = makeStore("kills.bs");
    const words = [program, "run", "--base", at("base.sfs"), "--store", store, "--", "true"];
    const calls = callsOf(words);
    const step = Math.ceil(calls.length / 12);
    for (let number = 1; number <= calls.length; number += step) {
      makeStore("kills.bs");
      const where = killBefore(words, number, calls);
      untilDetached(store);
      const { status, stderr } = tryRun(words);
      expect(status, `${where}: ${stderr}`).toBe(0);
      expect(readState(store), where).toBe("clean");
      run(["e2fsck", "-fn", store]);
    }
  });

  test("a hostile base leads nowhere out of it", () => {
    makeBase(at("hostile"));
    const outside = at("outside");
    mkdirSync(outside);
    for (const name of ["dev", "proc", "sys", "run", "tmp"]) {
      run(["rmdir", at(`hostile/${name}`)]);
      symlinkSync(`../../../../../../../..${outside}`, at(`hostile/${name}`));
    }
    writeFileSync(join(outside, "resolv.conf"), "outside\n");
    run(["rm", at("hostile/etc/resolv.conf")]);
    symlinkSync(join(outside, "resolv.conf"), at("hostile/etc/resolv.conf"));
    const before = seen();
    call("--base", at("hostile"), "--", "true");
    expect(run(["ls", outside])).toBe("resolv.conf\n");
    expect(readFileSync(join(outside, "resolv.conf"), "utf8")).toBe("outside\n");
    expect(seen()).toEqual(before);
  });

  test("refuses what is no base, and no store", () => {
    writeFileSync(at("text"), "x\n");
    const refused = (...words: string[]) => {
      const { status, stderr } = call(...words);
      return `${status} ${stderr.replaceAll(directory, "")}`;
    };
    expect(refused("--base", at("none"))).toMatch(
      /^4 .*Cannot use "\/none" as a base: no such file/,
    );
    expect(refused("--base", at("text"))).toMatch(
      /^4 .*Cannot use "\/text" as a base: it is not a file system/,
    );
    expect(refused("--base", at("base"), "--store", at("none"))).toMatch(
      /^4 .*Cannot use "\/none": no such file/,
    );
    expect(refused("--base", at("base"), "--store", at("text"))).toMatch(
      /^4 .*Cannot use "\/text"/,
    );
    expect(refused("--base", at("base"), "--readonly")).toMatch(
      /^2 .*"--readonly" needs "--store"/,
    );
  });

  test("says with --dry-run what it would mount, and does nothing", () => {
    const store = makeStore("dry.bs");
    const sum = run(["sha256sum", store]);
    const { stdout } = inBase("--store", store, "--dry-run");
    expect(stdout).toMatch(/^Persistent session on the store ".*dry\.bs": every change is kept\n/);
    expect(stdout).toContain("mount an overlay on");
    expect(JSON.parse(inBase("--store", store, "--dry-run", "--json").stdout).result).toEqual({
      session: "persistent",
    });
    expect(run(["sha256sum", store])).toBe(sum);
  });
});

/** Waits for the kernel, which takes the mounts down after the last process has ended. */
function untilDetached(store: string): void {
  const script = `for try in $(seq 300); do
      losetup --list --noheadings | grep -q "$1" || exit 0; sleep 0.1
    done; exit 1`;
  run(["sh", "-c", script, "sh", store]);
}

/** Begins a program in the base, and waits until it says so. */
async function begin(...words: string[]): Promise<ChildProcess> {
  const child = spawn(program, ["run", "--base", at("base.sfs"), ...words], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  if (words.includes("sh")) await once(child.stdout, "data");
  else
    while (listSleepers(words.at(-1) ?? "").length === 0)
      await new Promise((wake) => setTimeout(wake, 20));
  return child;
}

/** Sends a signal, and returns the exit status. */
async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  child.kill(signal);
  const [status] = await once(child, "exit");
  return status;
}

/** Lists the processes that sleep for so long. */
function listSleepers(seconds: string): string[] {
  return tryRun(["pgrep", "--full", `^sleep ${seconds}$`])
    .stdout.split("\n")
    .filter(Boolean);
}
