// The contract, part 8: programs, modules, and what the kernel reports of itself.
import type { Predicate } from "../contract.ts";
import { bytes, equal, fails, ok, replaceFile } from "./expect.ts";
import { leavingScript } from "./locks.ts";

/** Shell scripts of the contract; memory.test.ts says what each does. */
export const scripts = {
  fail: "echo out; echo err >&2; exit 3",
  kill: "kill -9 $$",
  loud: "yes out | head -c 300000; yes err | head -c 300000 >&2; yes out | head -c 300000",
  deaf: "exec <&-; echo done",
  malformed: "printf 'a\\377b'",
  leave: "sleep 600 < /dev/null > /dev/null 2>&1 & echo $!",
  endless: "echo begun; exec sleep 600",
  silent: "exec >&- 2>&- <&-; exec sleep 600",
  patient: "until [ -e go ]; do sleep 0.01; done",
  quiet: "exec >&- 2>&-; cat > heard",
  apart:
    'echo "$(id -u) $(id -G) $$ $PWD $HOME"; grep -E "^(CapEff|NoNewPrivs):" /proc/self/status; cat secret',
  unable: "chroot / true || mount --bind /tmp /mnt || echo 1 > /proc/sys/kernel/printk || echo no",
} as const;

const longLine = "x".repeat(70_000);

/** What the contract finds on standard input. */
export const standardInput = `first line \n\ngrüße\r\n${longLine}\nno end`;

const apart = { root: "/", user: 4242 };

const million = "0123456789".repeat(100_000);

/** Predicates about run(), modules and the kernel. */
export const processes: Record<string, Predicate> = {
  "background() does its work, and wait() ends when it is done"(system, { directory }) {
    const file = `${directory}/background`;
    const work = system.background(() => system.writeFile(file, "done"));
    work.wait();
    equal([system.readText(file), work.isOver()], ["done", true]);
    work.wait();
  },

  "runFirst() gives the status of its work, which may have another root"(system, { directory }) {
    system.makeDirectory(`${directory}/root`);
    system.writeFile(`${directory}/root/inside`, "x");
    const work = () => {
      system.enterRoot(`${directory}/root`);
      return system.status("/inside") === undefined || system.status("/../inside") === undefined
        ? 1
        : 42;
    };
    equal(system.runFirst(work), { status: 42, signal: undefined });
    equal(system.status("/inside") ?? "nothing", "nothing");
    fails("ENOENT", () => system.enterRoot(`${directory}/missing`));
    fails("ENOTDIR", () => system.enterRoot(`${directory}/root/inside`));
  },

  "runHere() gives how a program ended"(system) {
    const here = { environment: ["PATH=/usr/bin:/bin"], directory: "/" };
    equal(system.runHere(["true"], here), { status: 0, signal: undefined });
    equal(system.runHere(["sh", "-c", scripts.kill], here), { status: undefined, signal: 9 });
  },

  "becomeProgram() goes on where there is no such program, and where it may not be executed"(
    system,
    { directory },
  ) {
    fails("ENOENT", () => system.becomeProgram([`${directory}/missing`, "word"]));
    system.writeFile(`${directory}/program`, "x", 0o644);
    fails("EACCES", () => system.becomeProgram([`${directory}/program`]));
    fails("EACCES", () => system.becomeProgram([directory]));
  },

  "findProgram() gives the path of a program, and nothing where there is none"(
    system,
    { directory },
  ) {
    const path = system.findProgram("sh") ?? "";
    ok(path.startsWith("/") && path.endsWith("/sh"), `it gave "${path}"`);
    equal(system.findProgram("backstore-no-such-program") ?? "nothing", "nothing");
    for (const [mode, found] of [
      [0o755, `${directory}/program`],
      [0o644, "nothing"],
    ] as const) {
      replaceFile(system, `${directory}/program`, "x");
      system.setMode(`${directory}/program`, mode);
      equal(system.findProgram(`${directory}/program`) ?? "nothing", found);
    }
    equal(system.findProgram(`${directory}/missing`) ?? "nothing", "nothing");
    equal(system.findProgram(directory) ?? "nothing", "nothing");
  },

  "run() gives what a program said and how it ended"(system) {
    equal(system.run(["sh", "-c", scripts.fail]), {
      argv: ["sh", "-c", scripts.fail],
      status: 3,
      stdout: "out\n",
      stderr: "err\n",
    });
    equal([system.run(["true"]).status, system.run(["true"]).signal], [0, undefined]);
  },

  "run() tells the signal that ended a program"(system) {
    const { status, signal } = system.run(["sh", "-c", scripts.kill]);
    equal([status, signal], [undefined, 9]);
  },

  "run() ends a program whose time is over, and tells what it said until then"(system) {
    const { status, signal, stdout, timedOut } = system.run(["sh", "-c", scripts.endless], {
      timeoutMs: 400,
    });
    equal([status, signal, stdout, timedOut], [undefined, 9, "begun\n", true]);
    const silent = system.run(["sh", "-c", scripts.silent], { timeoutMs: 50 });
    equal([silent.signal, silent.timedOut], [9, true]);
  },

  "run() leaves alone what ends in its time"(system) {
    const { status, stdout, timedOut } = system.run(["sh", "-c", scripts.fail], {
      timeoutMs: 60_000,
    });
    equal([status, stdout, timedOut], [3, "out\n", undefined]);
  },

  "run() gives status 127 and a word when there is no such program"(system) {
    const { status, stdout, stderr } = system.run(["backstore-no-such-program", "x"]);
    equal([status, stdout], [127, ""]);
    ok(stderr.includes("backstore-no-such-program"), `it said "${stderr}"`);
    equal(system.run(["/no/such/program"]).status, 127);
  },

  "run() gives status 126 for what cannot be run"(system, { directory }) {
    system.writeFile(`${directory}/text`, "no program", 0o644);
    equal(system.run([`${directory}/text`]).status, 126);
    fails("EINVAL", () => system.run([]));
    fails("EINVAL", () => system.run(["echo", "a\0b"]));
  },

  "run() hands over every argument as it is"(system) {
    const words = ["a b", "", "$HOME", "*", "-n", "'\"", "grüße", "\\"];
    equal(system.run(["printf", "%s|", ...words]).stdout, words.map((word) => `${word}|`).join(""));
  },

  "run() gives a program its input, and the end of it"(system) {
    equal(system.run(["cat"], { stdin: "grüße" }).stdout, "grüße");
    equal(system.run(["cat"]).stdout, "");
  },

  "run() takes input and output larger than any pipe"(system) {
    ok(system.run(["cat"], { stdin: million }).stdout === million, "it did not come back whole");
    const { status, stdout, stderr } = system.run(["sh", "-c", scripts.loud]);
    equal([status, stdout.length, stderr.length], [0, 600_000, 300_000]);
  },

  "run() keeps no more of what a program says than is wanted"(system) {
    const { status, stdout, stderr } = system.run(["sh", "-c", scripts.loud], { mostBytes: 10 });
    equal([status, stdout, stderr], [0, "out\nout\nou", "err\nerr\ner"]);
    equal(system.run(["sh", "-c", scripts.fail], { mostBytes: 100_000 }).stdout, "out\n");
  },

  "run() does not mind a program that does not read its input"(system) {
    equal(system.run(["sh", "-c", scripts.deaf], { stdin: million }).stdout, "done\n");
  },

  "run() gives all its input to a program that closed its output"(system, { directory }) {
    equal(system.run(["sh", "-c", scripts.quiet], { stdin: million, directory }).status, 0);
    equal(system.status(`${directory}/heard`)?.bytes, million.length);
  },

  "run() calls who waits while the program runs, which goes on if that throws"(
    system,
    { directory },
  ) {
    let calls = 0;
    const waiting = () => {
      calls++;
      system.writeFile(`${directory}/go`, "");
      throw new Error("lost");
    };
    // It ends only because it was called.
    const { status } = system.run(["sh", "-c", scripts.patient], { directory, waiting });
    equal([status, calls > 0], [0, true]);
  },

  "run() puts U+FFFD for bytes that are not UTF-8"(system) {
    equal(system.run(["sh", "-c", scripts.malformed]).stdout, "a\ufffdb");
  },

  "run() runs in the directory that is asked for"(system, { directory }) {
    equal(system.run(["pwd"], { directory }).stdout, `${directory}\n`);
    fails("ENOENT", () => system.run(["pwd"], { directory: `${directory}/missing` }));
    system.writeFile(`${directory}/file`, "");
    fails("ENOTDIR", () => system.run(["pwd"], { directory: `${directory}/file` }));
  },

  "run() runs a program apart as a user without rights, who sees nothing of others"(system) {
    const { status, stdout } = system.run(["sh", "-c", scripts.apart], { apart });
    const [own, ...rights] = stdout.split("\n");
    equal([status, own], [1, "4242 4242 1 / "]);
    equal(
      rights.map((line) => line.split(/\s+/)[1]),
      ["0000000000000000", "1", undefined],
    );
    equal(system.run(["sh", "-c", scripts.unable], { apart }).stdout, "no\n");
  },

  "run() searches for a program apart in its own root"(system, { directory }) {
    const elsewhere = { apart: { ...apart, root: directory } };
    equal(system.run(["sh", "-c", scripts.fail], elsewhere).status, 127);
    equal(system.run(["sh", "-c", scripts.fail], { apart }).status, 3);
    system.writeFile(`${directory}/file`, "");
    fails("ENOTDIR", () => system.run(["sh"], { apart: { ...apart, root: `${directory}/file` } }));
    fails("ENOENT", () => system.run(["sh"], { apart: { ...apart, root: `${directory}/none` } }));
  },

  "run() leaves no child of a program that ran apart"(system, { directory }) {
    const file = `${directory}/file`;
    system.writeFile(file, "");
    system.withLock(file, () => system.run(["sh", "-c", leavingScript], { apart }));
    equal(
      system.withLock(file, () => 46),
      46,
    );
  },

  "run() ends a program apart whose time is over"(system) {
    const ended = system.run(["sh", "-c", scripts.endless], { apart, timeoutMs: 400 });
    equal([ended.signal, ended.stdout, ended.timedOut], [9, "begun\n", true]);
  },

  "waitForInput() does not wait where there is a line to read"(system) {
    equal([system.waitForInput(0), system.waitForInput(3_600_000)], [true, true]);
  },

  "readLine() gives line after line, and nothing at the end"(system) {
    equal(
      [0, 1, 2].map(() => system.readLine()),
      ["first line ", "", "grüße\r"],
    );
    const long = system.readLine() ?? "";
    ok(long.length >= 4096 && longLine.startsWith(long), `the line has ${long.length} bytes`);
    equal(system.readLine(), "no end");
    equal([system.readLine() ?? "nothing", system.readLine() ?? "nothing"], ["nothing", "nothing"]);
  },

  "waitForInput() does not wait at the end of input either"(system) {
    equal([system.waitForInput(0), system.waitForInput(3_600_000)], [true, true]);
  },

  "endProcess() ends a process"(system) {
    const id = Number(system.run(["sh", "-c", scripts.leave]).stdout);
    const isThere = () => {
      try {
        return system.readLink(`/proc/${id}/exe`) !== "";
      } catch {
        return false;
      }
    };
    ok(isThere(), `there is no process ${id}`);
    system.endProcess(id);
    // The kernel ends it at its next step, and tells only its parent.
    for (let looks = 0; isThere(); looks++) {
      ok(looks < 1000, `process ${id} goes on`);
      system.waitForDevices(10);
    }
  },

  "endProcess() ends nothing where there is no such process"(system) {
    for (const id of [2 ** 30, 0, -1]) fails("ESRCH", () => system.endProcess(id));
  },

  "insertModule() says why it cannot"(system, { directory }) {
    for (const name of ["missing.ko", "missing.ko.zst", "missing.ko.xz"])
      fails("ENOENT", () => system.insertModule(`${directory}/${name}`, ""));
    for (const content of [
      bytes(),
      bytes(1, 2, 3, 4, 5),
      bytes(0x28, 0xb5, 0x2f, 0xfd, 0xff, 0xff, 0xff),
    ]) {
      replaceFile(system, `${directory}/garbage.ko.zst`, content);
      fails("ENOEXEC", () => system.insertModule(`${directory}/garbage.ko.zst`, ""));
    }
  },

  "kernel() tells the release and the machine"(system) {
    const { release, machine } = system.kernel();
    ok(/^\d+\.\d+/.test(release), `the release is "${release}"`);
    ok(/^[a-z0-9_]+$/.test(machine), `the machine is "${machine}"`);
  },

  "uptimeMs() goes on and never back"(system) {
    const before = system.uptimeMs();
    system.waitForDevices(0);
    const after = system.uptimeMs();
    ok(before > 0 && after >= before, `it went from ${before} to ${after}`);
  },

  "say() takes any text, and nobody need listen"(system) {
    system.say("stderr", "");
    system.say("kernel", "");
  },
};
