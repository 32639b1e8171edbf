// A boot's session as a program of its own, for one disk after the other, below its root: inspects,
// decides and mounts as the program in the initramfs does (src/boot), ends the session, and has the
// file systems checked. It neither searches for devices nor executes any init. "session INQUIRY"
// (JSON) judges what the disk contains each time it reads a line, which is a shell script for the
// session, with its root as the working directory; its answer is "boot JSON" (the object of
// boot.json), lines "said TEXT" of the script, "file DIGEST  PATH" and "complaint TEXT", and "end".
import * as host from "host";
import { findMedium } from "../../src/boot/find-medium.ts";
import { findStore } from "../../src/boot/find-store.ts";
import type { Hardware } from "../../src/boot/hardware.ts";
import { runSession } from "../../src/boot/run-session.ts";
import { readOptions } from "../../src/core/options/read-options.ts";
import { explain } from "../../src/core/session/explanation.ts";
import { discoverImage } from "../../src/system/devices/discover-image.ts";
import { nativeSystem as system } from "../../src/system/port/native.ts";
import { unmountSoon } from "../../src/system/port/unmount-soon.ts";
import type { SessionInquiry } from "./judge-session.ts";

const inquiry: SessionInquiry = JSON.parse(host.commandLine()[1] ?? "");
host.setEnvironment("PATH", "/usr/local/sbin:/usr/sbin:/sbin:/usr/local/bin:/usr/bin:/bin");

const checkers: Readonly<Record<string, readonly string[]>> = {
  ext4: ["e2fsck", "-f", "-n"],
  xfs: ["xfs_repair", "-n"],
  btrfs: ["btrfs", "check", "--readonly"],
};

for (let script = system.readLine(); script !== undefined; script = system.readLine()) {
  const actions = script;
  system.background(() => judge(actions)).wait();
  say("end");
}
host.exit(0);

/** In a process and a mount namespace of its own, so that nothing of one disk is left for the next. */
function judge(actions: string): void {
  try {
    system.isolateMounts();
    system.mount({ source: "run", target: "/run", type: "tmpfs" });
    const { offset, bytes } = inquiry.partition;
    const store = { file: inquiry.image, readonly: false, offset, bytes };
    system.withLoop({ file: inquiry.medium, readonly: true }, (medium) =>
      system.withLoop(store, (device) => judgeStore({ medium, store: device, actions })),
    );
  } catch (error) {
    complain(error instanceof Error ? `${error.message} ${error.stack}` : String(error));
  }
}

function judgeStore({
  medium,
  store,
  actions,
}: {
  medium: string;
  store: string;
  actions: string;
}): void {
  runBoot(medium, store);
  if (actions !== "") runActions(actions);
  const digests = system.run(["sha256sum", ...inquiry.files.map((path) => `/sysroot${path}`)]);
  for (const line of digests.stdout.split("\n").filter((text) => text !== ""))
    say(`file ${line.replace("  /sysroot/", "  /")}`);
  endSession();
  if (inquiry.file !== undefined) {
    const { path, type } = inquiry.file;
    system.makeDirectory("/run/host");
    system.mount({ source: store, target: "/run/host", type: inquiry.type });
    check(type, `/run/host${path}`);
    system.unmount("/run/host");
  }
  check(inquiry.type, store);
}

function runActions(actions: string): void {
  const { status, stdout, stderr } = system.run(["sh", "-euc", `cd /sysroot; ${actions}`]);
  for (const line of stdout.split("\n").filter((text) => text !== "")) say(`said ${line}`);
  if (status !== 0) complain(`sh: ${stderr}`);
}

function runBoot(medium: string, store: string): void {
  const hardware: Hardware = {
    system,
    machine: system.kernel().machine,
    problems: [],
    summariseBug: String,
    devices: () => [medium, store].flatMap((path) => discoverImage(system, path)),
    forget: () => {},
    load: () => {},
    settle: () => {},
    prepare: () => {},
  };
  const texts = { defaults: undefined, commandLine: inquiry.commandLine };
  const before = readOptions({ ...texts, yaml: [] });
  const choice = findMedium(hardware, before);
  const { options, problems } = readOptions({ ...texts, yaml: choice.medium.yaml });
  const learned = findStore(hardware, { options, medium: choice.medium });
  const run = runSession(hardware, {
    medium: choice.medium,
    version: "test",
    times: { started: 0 },
    decision: { options, learned },
    before: {},
  });
  const explanation = explain({
    options,
    problems,
    candidates: run.learned.candidates,
    copy: run.copying.plan,
    plan: run.execution.plan,
    medium: choice.medium,
    chosenBy: undefined,
    failures: run.execution.failures,
    checks: run.execution.checks,
  });
  say(`boot ${JSON.stringify({ ...explanation, failures: run.execution.failures })}`);
}

/** As a session ends, though not with its record: overlay, binds, the file system in a file, host. */
function endSession(): void {
  const mounts = system.mounts().filter(({ target }) => /^\/(sysroot(\/|$)|run\/)/.test(target));
  for (const { target } of mounts.reverse()) unmountSoon(system, target);
}

/** Prints the complaints of the file system's own checker, which has the last word. */
function check(type: string, path: string): void {
  const { status, stdout, stderr } = system.run([...(checkers[type] ?? []), path]);
  if (status !== 0) complain(`${type}: ${stdout}${stderr}`);
}

function complain(text: string): void {
  say(`complaint ${text.trim().replaceAll("\n", " ")}`);
}

function say(line: string): void {
  system.say("stdout", `${line}\n`);
}
