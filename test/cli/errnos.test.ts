// Whatever the kernel refuses, at whatever point of whatever command: a person reads a sentence,
// and what can be done about it, and never that it was a bug.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { mendableErrnos } from "../../src/core/text/errnos.ts";
import { exitStatus } from "../../src/core/text/failure.ts";
import type { System } from "../../src/system/port/system.ts";
import { call } from "../support/call.ts";
import { fail } from "../support/memory/errors.ts";
import type { Memory } from "../support/memory.ts";
import { labelledDisk, programs, storesMachine } from "../support/stores-machine.ts";

const commands: readonly string[] = [
  "create /mnt/ext4 16",
  "create /mnt/vfat/other.bs 16 --label other",
  "create /mnt/xfs 16 --force",
  "create /mnt/ext4 16 --dry-run",
  "create --directory /mnt/ext4/changes",
  "create --device /dev/sdz --label new --erase old",
  "grow /mnt/xfs 64",
  "shrink /mnt/xfs 8",
  "label /dev/sdz new",
  "label /mnt/xfs/sysrcd.bs new",
  "list",
  "list --image /mnt/xfs/sysrcd.bs",
  "check",
  "check /mnt/xfs",
  "check /mnt/xfs --repair --yes",
  "check --image /mnt/xfs/sysrcd.bs --json",
  "changes /mnt/xfs --base /etc",
  "changes /mnt/xfs --base /etc --json",
  "explain",
  "explain --yaml /etc --image /mnt/xfs/sysrcd.bs",
  "status",
  "status --json",
  "initramfs --modules /etc --output /mnt/ext4/uml.img",
  "initramfs --addon --output /mnt/ext4/addon.img",
  "install --tree /mnt/vfat",
  "uninstall --tree /mnt/vfat",
  "--help",
  "list --help",
];

/** Nothing comes back from these, or nothing can be said about their failing. */
const leftOut: readonly (keyof System)[] = ["say", "handOver", "becomeProgram", "shutDown"];

async function prepare(): Promise<Memory> {
  const memory = storesMachine({
    disks: [labelledDisk("sdz", "old")],
    programs: { ...programs, tune2fs: () => ({}), e2fsck: () => ({}), resize2fs: () => ({}) },
  });
  await call(memory, ["create", "/mnt/xfs", "16"]);
  return memory;
}

/** Lets a function fail at one of its calls, as the kernel would; calls are counted from 0. */
function failing(
  { system }: Memory,
  { name, at, errno }: { name: keyof System; at: number; errno: string },
): { readonly system: System; readonly calls: () => number } {
  let calls = 0;
  const plain = system[name] as (...given: unknown[]) => unknown;
  const replaced = (...given: unknown[]) => {
    if (calls++ === at) fail(errno, typeof given[0] === "string" ? given[0] : undefined);
    return plain(...given);
  };
  return { system: { ...system, [name]: replaced }, calls: () => calls };
}

async function run(command: string, fault: { name: keyof System; at: number; errno: string }) {
  const memory = await prepare();
  const { system, calls } = failing(memory, fault);
  const before = memory.said.length;
  const status = (await call({ ...memory, system }, command.split(" "), { isRoot: true })).status;
  const said = memory.said.slice(before).filter(({ where }) => where === "stderr");
  return { status, stderr: said.map(({ text }) => text).join(""), calls: calls() };
}

describe("an errno of any function", () => {
  const sentence = /^(?:.*\n)*backstore: Cannot .+: .+\n(?:Hint: .+\n)?$/;
  const check = async (
    command: string,
    fault: { name: keyof System; at: number; errno: string },
  ) => {
    const { status, stderr, calls } = await run(command, fault);
    const where = `${command}, call ${fault.at} of ${fault.name}, ${fault.errno}: ${stderr}`;
    expect(status, where).not.toBe(exitStatus.bug);
    // A finding of "check" and "status" has the same statuses, and is no failure.
    if (status !== 0 && stderr !== "") expect(stderr, where).toMatch(sentence);
    return calls;
  };

  for (const command of commands)
    test(`backstore ${command} says each of them`, { timeout: 300_000 }, async () => {
      const { system } = await prepare();
      const names = (Object.keys(system) as (keyof System)[]).filter(
        (name) => !leftOut.includes(name),
      );
      let next = command.length;
      for (const name of names) {
        // The first call of each, by turns with another errno; then others, drawn.
        const errno = mendableErrnos[next++ % mendableErrnos.length] ?? "EIO";
        const calls = await check(command, { name, at: 0, errno });
        if (calls < 2) continue;
        const drawn = fc.record({
          name: fc.constant(name),
          at: fc.nat(calls - 1),
          errno: fc.constantFrom(...mendableErrnos),
        });
        await fc.assert(
          fc.asyncProperty(drawn, async (fault) => {
            await check(command, fault);
          }),
          { numRuns: 2 },
        );
      }
    });
});

test("an errno that nobody can mend is a bug", async () => {
  for (const errno of ["EBADF", "EFAULT", "EINVAL", "ESRCH"])
    await expect(run("create /mnt/ext4 16", { name: "mounts", at: 0, errno })).rejects.toThrow();
});

test("output that cannot be written is a failure with the words of util-linux", async () => {
  for (const words of [["list"], ["--help"], ["status", "--json"], ["create", "/mnt/ext4", "16"]]) {
    const memory = await prepare();
    const said: string[] = [];
    const system: System = {
      ...memory.system,
      say(where, text) {
        if (where === "stdout") fail("ENOSPC");
        said.push(text);
      },
    };
    const { status } = await call({ ...memory, system }, words);
    expect(status).toBe(exitStatus.tool);
    expect(said.at(-1)).toBe("backstore: write error: No space left on device\n");
  }
});
