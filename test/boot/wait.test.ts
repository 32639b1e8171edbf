import { describe, expect, test } from "vitest";
import { awaitsUsbStorage } from "../../src/boot/hardware.ts";
import { waitFor, waitForEver, waitForUsb, waitForUsbStorage } from "../../src/boot/wait.ts";
import { ext4 } from "../support/call.ts";
import type { Tree } from "../support/memory/entry.ts";
import { createMemory, type Machine } from "../support/memory.ts";
import { Patience, patient } from "./patience.ts";

function machine(more: Machine = {}) {
  const memory = createMemory(more);
  const said = () => memory.said.map(({ text }) => text).join("");
  return { system: memory.system, said };
}

/** Waits until the machine has a disk. */
function waitForDisk(system: ReturnType<typeof machine>["system"], seconds: number) {
  let attempts = 0;
  const found = waitFor(system, {
    what: "the disk",
    seconds,
    attempt: () => {
      attempts++;
      return system.list("/sys/class/block")[0];
    },
    refresh: () => {},
  });
  return { found, attempts };
}

const disk = { name: "sda", content: ext4("store") };

describe("waitFor()", () => {
  test("waitFor() asks once and says nothing where it is there", () => {
    const { system, said } = machine({ disks: [disk] });
    expect(waitForDisk(system, 30)).toEqual({ found: "sda", attempts: 1 });
    expect(said()).toBe("");
  });

  test("waitFor() asks once where there is no time", () => {
    const { system, said } = machine();
    expect(waitForDisk(system, 0)).toEqual({ found: undefined, attempts: 1 });
    expect(said()).toBe("");
  });

  test("waitFor() counts down on one line, and ends when the time is over", () => {
    const { system, said } = machine();
    const start = system.uptimeMs();
    expect(waitForDisk(system, 3).found).toBeUndefined();
    expect(system.uptimeMs() - start).toBe(3000);
    const words = said();
    expect(words.replaceAll("\r", "\n").trim().split("\n")).toEqual(
      expect.arrayContaining([
        "backstore: waiting for the disk: 2 s ",
        "backstore: waiting for the disk: 1 s ",
      ]),
    );
    expect(words.endsWith("\n")).toBe(true);
    expect(words.indexOf("\n")).toBe(words.length - 1);
  });

  test("waitFor() ends as soon as the device is there", () => {
    const { system } = machine({ disks: [{ ...disk, comesAtMs: 6000 }] });
    expect(waitForDisk(system, 30).found).toBe("sda");
    expect(system.uptimeMs()).toBe(6000);
  });

  test("waitFor() takes what comes in the last moment", () => {
    const { system } = machine({ disks: [{ ...disk, comesAtMs: 4000 }] });
    expect(waitForDisk(system, 3).found).toBe("sda");
  });
});

const usb = (rest: Tree): Tree => ({ "bus/usb/devices": { "1-1": {}, ...rest } });
const storage = { bInterfaceClass: "08\n" };
const unit = "host0/target0:0:0/0:0:0:0";
const ports: readonly (readonly [is: string, sys: Tree, awaits: boolean])[] = [
  ["no USB", {}, false],
  ["a keyboard", usb({ "1-1:1.0": { bInterfaceClass: "03\n" } }), false],
  ["a stick whose driver is not there yet", usb({ "1-1:1.0": storage }), true],
  [
    "a stick that is still asked",
    usb({ "1-1:1.0": { ...storage, "host0/target0:0:0": {} } }),
    true,
  ],
  ["a stick with its disk", usb({ "1-1:1.0": { ...storage, [`${unit}/block/sda`]: {} } }), false],
  [
    "one stick with its disk and one without",
    usb({ "1-1:1.0": { ...storage, [`${unit}/block/sda`]: {} }, "1-2:1.0": storage }),
    true,
  ],
];

describe("awaitsUsbStorage()", () => {
  for (const [is, sys, awaits] of ports) {
    test(`awaitsUsbStorage() is ${awaits} for ${is}`, () => {
      expect(awaitsUsbStorage(machine({ sys }).system)).toBe(awaits);
    });
  }
});

describe("waitForUsbStorage()", () => {
  test("waitForUsbStorage() does not wait where nothing is on its way", () => {
    const { system, said } = machine();
    const start = system.uptimeMs();
    waitForUsbStorage(system, () => {});
    expect([system.uptimeMs(), said()]).toEqual([start, ""]);
  });

  test("waitForUsbStorage() ends, though a stick never shows its disk", () => {
    const { system, said } = machine({ sys: usb({ "1-1:1.0": storage }) });
    const start = system.uptimeMs();
    waitForUsbStorage(system, () => {});
    expect(system.uptimeMs() - start).toBe(10_000);
    expect(said()).toContain("waiting for USB disks that are still being detected: 9 s");
  });
});

describe("waitForUsb()", () => {
  const connected = (ms: number) => ({ power: { connected_duration: `${ms}\n` } });
  const disk = { ...storage, [`${unit}/block/sda`]: {} };
  const cases: readonly (readonly [is: string, sys: Tree, waitsMs: number])[] = [
    ["no USB", {}, 0],
    ["devices whose age is not known", usb({}), 750],
    ["a stick that was plugged in long ago", usb({ "1-1": connected(4000), "1-1:1.0": disk }), 0],
    ["a port that may still be reset", usb({ "1-1": connected(4000), usb1: connected(900) }), 750],
    ["a stick without its disk", usb({ "1-1": connected(4000), "1-1:1.0": storage }), 10_000],
  ];
  for (const [is, sys, waitsMs] of cases)
    test(`waitForUsb() waits ${waitsMs} ms for ${is}`, () => {
      const { system } = machine({ sys });
      const start = system.uptimeMs();
      waitForUsb(system, () => {});
      expect(system.uptimeMs() - start).toBe(waitsMs);
    });
});

test("waitForEver() says why, and does nothing but wait", () => {
  const memory = createMemory();
  expect(() => waitForEver(patient(memory.system), "Cannot go on")).toThrow(Patience);
  expect(memory.said).toEqual([
    {
      where: "stderr",
      text: "backstore: Cannot go on\nbackstore: type r to restart or p to power off, and press Enter\n",
    },
  ]);
  expect(memory.journal).toEqual([]);
});
