// The session's names where the running system has another /run than the initramfs that was taken
// over, on a machine in memory.
import { describe, expect, test } from "vitest";
import { settle } from "../../src/boot/settle.ts";
import { file } from "../support/memory/entry.ts";
import { createMemory, type Memory } from "../support/memory.ts";

/** Makes what a session leaves in an initramfs, and the root that is about to start. */
function left(more: object = {}): Memory {
  const memory = createMemory({
    files: {
      shutdown: file("the distribution's own", 0o755),
      run: {
        backstore: { "boot.json": "{}\n", bin: {} },
        "environment.d": { "60-backstore.conf": "PATH\n" },
        "issue.d": { "backstore.issue": "issue\n", "other.issue": "other\n" },
        "motd.d": { backstore: "motd\n" },
        udev: { "rules.d": { "90-backstore.rules": "rules\n" } },
        initramfs: { backstore: {}, shutdown: file("program", 0o755) },
      },
      root: { run: {} },
      ...more,
    },
  });
  const { system } = memory;
  system.makeLink("/run/backstore/store", "/run/initramfs/backstore/store");
  system.makeLink("/run/backstore/bin/backstore", "/run/initramfs/shutdown");
  const session = "/run/initramfs/backstore";
  system.mount({ source: "backstore", target: session, type: "tmpfs" });
  system.makeDirectory(`${session}/store`);
  system.mount({ source: "kept", target: `${session}/store`, type: "tmpfs" });
  system.mount({ source: "tmpfs", target: "/root/run", type: "tmpfs" });
  return memory;
}

function targets({ system }: Memory): string[] {
  return system.mounts().map(({ target }) => target);
}

describe("settle()", () => {
  test("settle() brings mounts and files to the new /run", () => {
    const memory = left();
    const { system, said } = memory;
    settle(system, { run: "/root/run", initramfs: "/root/run/initramfs" });
    expect(said).toEqual([]);
    const session = "/root/run/initramfs/backstore";
    expect(targets(memory).slice(-3)).toEqual([session, `${session}/store`, "/root/run"]);
    expect(system.status(session)?.mode).toBe(system.status("/root/run/initramfs/backstore")?.mode);
    const run = "/root/run";
    expect(system.readText(`${run}/backstore/boot.json`)).toBe("{}\n");
    expect(system.readLink(`${run}/backstore/store`)).toBe("/run/initramfs/backstore/store");
    expect(system.readLink(`${run}/backstore/bin/backstore`)).toBe("/run/initramfs/shutdown");
    expect(system.readText(`${run}/environment.d/60-backstore.conf`)).toBe("PATH\n");
    expect(system.list(`${run}/issue.d`)).toEqual(["backstore.issue"]);
    expect(system.readText(`${run}/motd.d/backstore`)).toBe("motd\n");
    expect(system.readText(`${run}/udev/rules.d/90-backstore.rules`)).toBe("rules\n");
    expect(system.status(`${run}/initramfs/shutdown`)?.mode).toBe(0o755);
  });

  test("settle() brings them to a root that becomes /run/initramfs itself", () => {
    const memory = left();
    const { system, said } = memory;
    settle(system, { run: "/root/run", initramfs: "/" });
    expect(said).toEqual([]);
    expect(targets(memory)).toContain("/backstore/store");
    expect(system.readText("/shutdown")).toBe("program");
    expect(system.list("/root/run").sort()).toEqual([
      ...["backstore", "environment.d", "issue.d", "motd.d", "udev"],
    ]);
  });

  test("settle() leaves the distribution's program where no session has left one", () => {
    const memory = left();
    const { system, said } = memory;
    system.removeFile("/run/initramfs/shutdown");
    system.unmount("/run/initramfs/backstore", "lazy");
    settle(system, { run: "/root/run", initramfs: "/" });
    expect(said).toEqual([]);
    expect(system.readText("/shutdown")).toBe("the distribution's own");
    expect(system.readText("/root/run/backstore/boot.json")).toBe("{}\n");
    expect(targets(memory)).not.toContain("/backstore");
  });

  test("settle() goes on after what cannot be done, and says it", () => {
    const memory = left({ backstore: "a file is in the way" });
    const { system, said } = memory;
    settle(system, { run: "/root/run", initramfs: "/" });
    expect(said.map(({ text }) => text).join("")).toMatch(/Cannot .*"\/backstore"/);
    expect(system.readText("/root/run/backstore/boot.json")).toBe("{}\n");
  });
});
