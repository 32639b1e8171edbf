// Which boots ensure that their store has space, and in which order.

import { describe, expect, test } from "vitest";
import { planSession } from "../../../src/core/session/plan-session.ts";
import type { FoundStore } from "../../../src/core/stores/found-store.ts";
import type { DirectoryFacts } from "../../../src/core/stores/store-directory.ts";
import { device, found, foundFile, medium, sessionFacts } from "../../support/devices.ts";

const disk = device("/dev/sdb", { type: "btrfs", label: "store" });
const host = device("/dev/sdb", { type: "vfat", label: "store" });
const used = { names: ["upperdir", "workdir"] };
const roomy = { totalBytes: 1 << 30, usableBytes: 1 << 29, ballastBytes: 0 };
const held = { names: [...used.names, "backstore.ballast"] };

function planOf(store: FoundStore) {
  const onMedium = medium(device("/dev/sda", { type: "vfat" }));
  return planSession(sessionFacts({ medium: onMedium, devices: [disk], store }));
}

describe("planSession()", () => {
  const cases: readonly (readonly [what: string, makes: boolean, store: FoundStore])[] = [
    ["a file", true, foundFile(host, {}, used)],
    ["a new file", true, foundFile(host)],
    ["a file with one", false, foundFile(host, {}, held)],
    ["a directory among data", false, found(disk, used)],
    ["a directory on a file system of its own", true, found(disk, { ...used, isDedicated: true })],
    ["a new directory on one", true, found(disk, { isDedicated: true })],
    [
      "a directory with one that is empty",
      true,
      found(disk, { ...held, isDedicated: true, room: roomy }),
    ],
    ["a directory with one", false, found(disk, { ...held, isDedicated: true })],
  ];
  for (const [what, makes, store] of cases) {
    test(`planSession() makes ${makes ? "a" : "no"} ballast for ${what}`, () => {
      const { steps } = planOf(store);
      const made = steps.filter((step) => step.do === "make-ballast");
      expect(made.map(({ optional }) => optional)).toEqual(makes ? [true] : []);
    });
  }

  test("planSession() sees to the room before it writes to the store, in the type's own measure", () => {
    const { steps } = planOf(found(disk, used));
    const kinds = steps.map((step) => step.do);
    const room = kinds.indexOf("ensure-room");
    expect(room).toBeGreaterThan(kinds.indexOf("mount"));
    expect(room).toBeLessThan(kinds.indexOf("make-directory-like"));
    expect(room).toBe(kinds.lastIndexOf("ensure-room"));
    expect(steps[room]).toMatchObject({ type: "btrfs", bytes: 3.5 * 2 ** 20 });
  });

  const full: Partial<DirectoryFacts> = {
    ...used,
    room: { totalBytes: 1 << 30, usableBytes: 0, ballastBytes: 0 },
  };

  test("planSession() reads a full store, and says what can be done", () => {
    const { result, steps } = planOf(found(disk, full));
    expect([result.session, result.isMissed]).toEqual(["readonly", true]);
    expect(result.reason).toMatch(
      /^the store is full .*; boot with backstore=off, mount \/dev\/sdb/,
    );
    expect(steps.filter((step) => step.do === "ensure-room")).toEqual([]);
  });

  test("planSession() makes no store where there is no room for one", () => {
    const { result } = planOf(found(disk, { ...full, names: [] }));
    expect(result.session).toBe("volatile");
    expect(result.reason).toMatch(/has no changes yet .*the store is full/);
  });

  test("planSession() reads a store through the options that it was seen through", () => {
    const commandLine = "cow_label=store cow_flags=noatime,subvol=@x backstore=readonly";
    const onMedium = medium(device("/dev/sda", { type: "vfat" }));
    const { result, steps } = planSession(
      sessionFacts({ medium: onMedium, devices: [disk], store: found(disk, used), commandLine }),
    );
    expect(result.session).toBe("readonly");
    const mounts = steps.filter((step) => step.do === "mount" && step.source === disk.path);
    expect(mounts).toMatchObject([{ readonly: true, data: "subvol=@x" }]);
  });

  test("planSession() uses a full store for writing where its ballast gives enough", () => {
    const room = { totalBytes: 1 << 30, usableBytes: 0, ballastBytes: 10 << 20 };
    expect(planOf(found(disk, { ...held, room })).result.session).toBe("persistent");
  });
});
