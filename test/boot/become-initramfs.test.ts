// The program as PID 1 of another initramfs, on a machine in memory where nothing has run yet:
// whatever it finds, and whatever fails, the other's /init follows.
import { expect, test } from "vitest";
import { becomeInitramfs } from "../../src/boot/become-initramfs.ts";
import type { System } from "../../src/system/port/system.ts";
import { file, link, type Tree } from "../support/memory/entry.ts";
import { createMemory, HandedOver, type Memory } from "../support/memory.ts";
import { Patience, patient } from "./patience.ts";

const init = file("#!/bin/sh\n", 0o755);
const config = 'HOOKS="udev archiso"\nLATEHOOKS=""\n';
const mkinitcpio: Tree = { init, init_functions: "", config, "hooks/backstore": file("", 0o755) };
const nixos: Tree = {
  init: link("/nix/store/q5-stage-1-init.sh"),
  nix: { store: { "q5-stage-1-init.sh": init } },
};

/** An initramfs whose /init has not run, so that nothing is mounted. */
function initramfs(files: Tree): Memory {
  return createMemory({ isBooted: false, files: { ...files, "backstore-init": file("", 0o755) } });
}

/** Returns what was executed; undefined if the program waits for the user. */
function become({ system }: Memory, used: System = system): HandedOver | undefined {
  try {
    becomeInitramfs(patient(used), {
      words: ["single", "a=b"],
      summariseBug: (error) => `bug: ${error}`,
    });
  } catch (error) {
    if (error instanceof HandedOver) return error;
    if (!(error instanceof Patience)) throw error;
  }
  return undefined;
}

const executed = { root: "/", argv: ["/init", "single", "a=b"] };

test("becomeInitramfs() adds the late hook of mkinitcpio, and becomes /init with all words", () => {
  const memory = initramfs(mkinitcpio);
  expect(become(memory)).toMatchObject(executed);
  expect(memory.system.readText("/config")).toBe(`${config}\nLATEHOOKS="$LATEHOOKS backstore"\n`);
  expect(memory.said).toEqual([]);
  expect(memory.system.mounts().map(({ target }) => target)).toEqual(["/"]);
});

test("becomeInitramfs() adds the hook once where it is started twice", () => {
  const memory = initramfs(mkinitcpio);
  become(memory);
  const once = memory.system.readText("/config");
  expect(become(memory)).toMatchObject(executed);
  expect(memory.system.readText("/config")).toBe(once);
});

test("becomeInitramfs() changes nothing where a file that is only added is picked up", () => {
  const others: Record<string, Tree> = {
    dracut: { init: link("usr/lib/systemd/systemd"), "usr/lib/systemd/systemd": init },
    "initramfs-tools": { init, "conf/initramfs.conf": "", "scripts/functions": "" },
    MX: { init, "live/custom/MX/0.sh": "" },
  };
  const dracut = { "usr/lib/dracut-lib.sh": "" };
  for (const [name, files] of Object.entries(others)) {
    const memory = initramfs(name === "dracut" ? { ...files, ...dracut } : files);
    expect([name, become(memory)]).toMatchObject([name, executed]);
    expect([name, memory.said]).toEqual([name, []]);
    const calls = memory.journal.map(({ name: call }) => call);
    expect([name, ...calls]).toEqual([name, "becomeProgram"]);
  }
});

test("becomeInitramfs() lets the functions of linux-live source the hook", () => {
  const memory = initramfs({ init, "lib/livekitlib": "header() { :; }\n" });
  expect(become(memory)).toMatchObject(executed);
  expect(memory.system.readText("/lib/livekitlib")).toBe(
    "header() { :; }\n\n. /backstore-linux-live.sh\n",
  );
  expect(memory.said).toEqual([]);
});

test("becomeInitramfs() names an initramfs that is not supported, on the console and in the log", () => {
  const memory = initramfs(nixos);
  expect(become(memory)).toMatchObject(executed);
  const line =
    "backstore: NixOS's initramfs is not supported: the system starts as without backstore\n";
  expect(memory.said).toEqual([
    { where: "stderr", text: line },
    { where: "kernel", text: line },
  ]);
  const calls = memory.journal.map(({ name, arguments: [path] }) => [name, path]);
  expect(calls).toEqual([
    ["makeNode", "/dev/kmsg"],
    ["removeFile", "/dev/kmsg"],
    ["becomeProgram", executed.argv],
  ]);
});

test("becomeInitramfs() leaves a node of the kernel log that is there", () => {
  const memory = initramfs({ init, "dev/kmsg": "" });
  expect(become(memory)).toMatchObject(executed);
  expect(memory.said.map(({ where }) => where)).toEqual(["stderr", "kernel"]);
  expect(memory.system.status("/dev/kmsg")).toBeDefined();
});

test("becomeInitramfs() says so where there is no /init, or none that can be executed, and waits", () => {
  const cases: readonly (readonly [files: Tree, reason: string])[] = [
    [{}, "no such file or directory"],
    [{ init: file("", 0o644) }, "permission denied"],
    [{ init: link("gone") }, "no such file or directory"],
  ];
  for (const [files, reason] of cases) {
    const memory = initramfs(files);
    expect(become(memory)).toBeUndefined();
    const said = memory.said.map(({ text }) => text).join("");
    expect(said).toContain(`backstore: Cannot start /init of the initramfs: ${reason}; restart`);
  }
});

test("becomeInitramfs() becomes /init whichever call fails before", () => {
  for (const files of [mkinitcpio, nixos, { init }]) {
    const count = failingAt(initramfs(files).system, 0);
    become(initramfs(files), count.system);
    let calls = 1;
    for (let failing = 1; failing <= calls; failing++) {
      const memory = initramfs(files);
      const faulty = failingAt(memory.system, failing);
      expect([failing, become(memory, faulty.system)]).toMatchObject([failing, executed]);
      calls = faulty.calls();
    }
    expect(calls).toBeGreaterThan(5);
  }
});

test("becomeInitramfs() becomes /init where it has a bug itself", () => {
  const memory = initramfs(mkinitcpio);
  const broken: System = {
    ...memory.system,
    status: () => {
      throw new TypeError("a bug");
    },
  };
  expect(become(memory, broken)).toMatchObject(executed);
  expect(memory.said[0]?.text).toBe(
    "backstore: bug: TypeError: a bug: the system starts as without backstore\n",
  );
});

/** Makes a System whose call number `failing` fails, except those that speak or execute /init. */
function failingAt(system: System, failing: number): { system: System; calls: () => number } {
  let count = 0;
  const guarded = Object.entries(system).map(([name, action]) => {
    if (["say", "becomeProgram", "waitForDevices"].includes(name)) return [name, action];
    const wrapped = (...given: unknown[]) => {
      if (++count === failing)
        throw Object.assign(new Error(name), { code: "EIO", reason: "input/output error" });
      // The compiler cannot follow a function by its name; it gets its own arguments.
      return (action as (...words: unknown[]) => unknown)(...given);
    };
    return [name, wrapped];
  });
  return { system: Object.fromEntries(guarded) as System, calls: () => count };
}
