import { expect, test } from "vitest";
import { parseMountInfo } from "../../../src/core/kernel/mount-table.ts";
import { describe } from "../../../src/core/steps/step.ts";
import { planCommand, planTakeoverEnd } from "../../../src/core/takeover/takeover-end.ts";

function plan(run: string, there: readonly string[]): string[] {
  const { steps } = planTakeoverEnd({
    mounts: parseMountInfo(`20 1 0:18 / /run ${run} - tmpfs tmpfs rw`),
    program: { path: "/backstore-init", bytes: 1000 },
    isThere: (path) => there.includes(path),
  });
  expect(steps.filter(({ optional }) => !optional)).toEqual([]);
  return steps.map(describe);
}

const commandLeft = [
  'create the directory "/run/backstore/bin"',
  'create the link "/run/backstore/bin/backstore" to "/run/initramfs/shutdown"',
  'create the directory "/run/environment.d"',
  'write "/run/environment.d/60-backstore.conf" (30 B)',
];

test("planCommand() leaves the program itself, unless nothing can be started from /run", () => {
  const program = { path: "/backstore-init", bytes: 1000 };
  const planWith = (flags: string) =>
    planCommand({
      mounts: parseMountInfo(`20 1 0:18 / /run ${flags} - tmpfs tmpfs rw`),
      program,
      isThere: () => true,
    });
  expect(planWith("rw,nosuid").steps.map(describe)).toEqual(
    commandLeft.with(1, 'copy "/backstore-init" (1000 B) to "/run/backstore/bin/backstore"'),
  );
  expect(planWith("rw,noexec").steps).toEqual([]);
});

for (const { title, there, isNamed } of [
  { title: "that has the directory", there: ["/root/usr/local/bin"], isNamed: true },
  { title: "but not without it", there: [], isNamed: false },
  {
    title: "but not over a name of its own",
    there: ["/root/usr/local/bin", "/root/usr/local/bin/backstore"],
    isNamed: false,
  },
])
  test(`planCommand() names the command in a root in memory ${title}`, () => {
    const { steps } = planCommand({
      mounts: [],
      program: { path: "/backstore-init", bytes: 1000 },
      isThere: (path) => there.includes(path),
      inMemory: "/root",
    });
    const link = "/root/usr/local/bin/backstore";
    expect(steps.map(describe).filter((step) => step.includes("/root/"))).toEqual(
      isNamed ? [`create the link "${link}" to "/run/backstore/bin/backstore"`] : [],
    );
  });

test("planTakeoverEnd() copies the program to where systemd looks for it", () => {
  expect(plan("rw,nosuid,nodev", [])).toEqual([
    'create the directory "/run/initramfs"',
    'copy "/backstore-init" (1000 B) to "/run/initramfs/shutdown"',
    ...commandLeft,
  ]);
});

test("planTakeoverEnd() leaves a copy for users where only root comes to the other", () => {
  const { steps } = planTakeoverEnd({
    mounts: [],
    program: { path: "/backstore-init", bytes: 1000 },
    isThere: () => false,
    isPrivate: true,
  });
  expect(steps.map(describe)).toEqual([
    'create the directory "/run/initramfs"',
    'copy "/backstore-init" (1000 B) to "/run/initramfs/shutdown"',
    ...commandLeft.with(1, 'copy "/backstore-init" (1000 B) to "/run/backstore/bin/backstore"'),
  ]);
});

test("planTakeoverEnd() takes the place of the program that mkinitcpio's hook copies over it", () => {
  expect(plan("rw", ["/hooks/shutdown", "/shutdown"])).toEqual([
    'create the directory "/run/initramfs"',
    'copy "/backstore-init" (1000 B) to "/run/initramfs/shutdown"',
    ...commandLeft,
    'rename "/backstore-init" to "/shutdown", replacing the existing file',
  ]);
  expect(plan("rw", ["/shutdown"])).toHaveLength(2 + commandLeft.length);
});

test("planTakeoverEnd() lets programs be run from /run, and keeps its other flags", () => {
  const { steps } = planTakeoverEnd({
    mounts: parseMountInfo("20 1 0:18 / /run rw,nosuid,nodev,noexec,relatime - tmpfs tmpfs rw"),
    program: { path: "/backstore-init", bytes: 1000 },
    isThere: () => false,
  });
  expect(steps.at(-1)).toEqual({
    do: "remount",
    target: "/run",
    readonly: false,
    flags: ["nosuid", "nodev", "relatime"],
    optional: true,
  });
});

test("planTakeoverEnd() removes what another initramfs would end the session with", () => {
  const there = ["/run/initramfs/shutdown", "/run/initramfs/.need_shutdown"];
  expect(plan("rw", there).slice(0, 2)).toEqual([
    'remove "/run/initramfs/shutdown"',
    'remove "/run/initramfs/.need_shutdown"',
  ]);
});
