// A session's plan on a machine in memory, with each call to the kernel failing in turn: whatever
// fails, one plan is completed, and nothing is left of the others.
import { expect, describe as group, test } from "vitest";
import { places } from "../../../src/core/session/places.ts";
import { planSession } from "../../../src/core/session/plan-session.ts";
import type { System } from "../../../src/system/port/system.ts";
import { type Execution, execute } from "../../../src/system/steps/execute.ts";
import { device, found, medium, sessionFacts } from "../../support/devices.ts";
import { file } from "../../support/memory/entry.ts";
import { ErrnoError } from "../../support/memory/errors.ts";
import { image } from "../../support/memory/image.ts";
import { createMemory } from "../../support/memory.ts";

const base = image({ type: "squashfs", tree: { "etc/motd": "as it came\n" }, bytes: 1 << 20 });
const vfat = image({ type: "vfat", tree: { "sysresccd/x86_64/airootfs.sfs": file(base) } });

group("a session's plan, with any one call failing", () => {
  const facts = sessionFacts({
    medium: medium(device("/dev/sda", { type: "vfat", label: "RESCUE1100" })),
    devices: [device("/dev/sda", { type: "vfat" }), device("/dev/sdb", { type: "ext4" })],
    store: found(device("/dev/sdb", { type: "ext4", label: "store" }), {
      directory: "kept",
      names: ["upperdir"],
    }),
  });
  const kept = { "kept/upperdir/etc/motd": "changed\n" };
  const changing = [
    "mount",
    "makeDirectory",
    "setReadonly",
    "withLoop",
    "makeLink",
    "writeFile",
    "rename",
    "sync",
    "setMode",
    "setOwner",
  ] as const;

  /** Runs the plan with a failure of the call of that number. */
  function run(failing: number) {
    const ext4 = image({ type: "ext4", tree: kept });
    const memory = createMemory({
      disks: [
        { name: "sda", content: vfat },
        { name: "sdb", content: ext4 },
      ],
    });
    let calls = 0;
    const wrapped = Object.fromEntries(
      changing.map((name) => [
        name,
        (...given: never[]) => {
          if (calls++ === failing) throw new ErrnoError("EIO");
          return (memory.system[name] as (...given: never[]) => unknown)(...given);
        },
      ]),
    );
    // The compiler cannot follow functions by name through fromEntries; each keeps its name and its
    // arguments.
    const system = { ...memory.system, ...wrapped } as System;
    return { memory, execution: execute(system, planSession(facts)), calls: () => calls };
  }

  function mountedBy({ plan: done }: Execution<unknown>): string[] {
    return done.steps
      .flatMap((step) => ("target" in step && step.do !== "move-mount" ? [step.target] : []))
      .sort();
  }

  test("execute() ends with what one plan says and nothing of the others", () => {
    const total = run(Number.POSITIVE_INFINITY).calls();
    expect(total).toBeGreaterThan(20);
    const sessions = new Set<string>();
    for (let failing = 0; failing < total; failing++) {
      const { memory, execution } = run(failing);
      const { session } = execution.plan.result;
      const where = `call ${failing}`;
      sessions.add(session);
      const mounts = memory.system.mounts().map(({ target }) => target);
      const own = mounts.filter((path) => path === "/sysroot" || path.startsWith("/run/"));
      expect(own.sort(), where).toEqual(mountedBy(execution));
      expect(memory.system.isReadonly("/dev/sdb"), where).toBe(false);
      expect(execution.failures.length, where).toBe(1);
      expect(memory.system.readText("/sysroot/etc/motd"), where).toBe("changed\n");
      const isWritable = memory.system.mounts().find(({ target }) => target === places.store);
      expect(isWritable?.options.startsWith("rw"), where).toBe(session === "persistent");
    }
    expect([...sessions].sort()).toEqual(["persistent", "readonly"]);
  });
});
