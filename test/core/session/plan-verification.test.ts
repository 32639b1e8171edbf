// Verifying the base: when, by which steps, and what is said where it cannot be.
import { expect, describe as group, test } from "vitest";
import { places } from "../../../src/core/session/places.ts";
import { planVerification } from "../../../src/core/session/plan-verification.ts";
import { describe } from "../../../src/core/steps/step.ts";
import { device, medium, partition, sessionFacts } from "../../support/devices.ts";

const stick = partition("/dev/sda", 1, { type: "vfat", label: "RESCUE1100", removable: true });
const sum = { sha512: "0123456789abcdef".repeat(8) };

interface Given {
  readonly commandLine?: string;
  readonly isCopied?: boolean;
  readonly sum?: { readonly missing: string };
  readonly isLive?: true;
}

function plan({ commandLine = "checksum", isCopied = false, isLive, ...given }: Given) {
  const facts = sessionFacts({
    medium: medium(stick, { sum, ...given }),
    devices: [device("/dev/sda"), stick],
    store: { kind: "none", reason: "there is none", isMissed: true },
    isCopied,
    commandLine,
  });
  const live = {
    root: "/root",
    family: "archiso",
    layers: ["/run/archiso/sfs/airootfs"],
    upper: "/run/archiso/cowspace/upperdir",
    unnamed: [],
    traces: { metacopy: false, redirect: false, incomplete: false },
    medium: undefined,
  } as const;
  return planVerification({ ...facts, ...(isLive && { live }) });
}

const image = "sysresccd/x86_64/airootfs.sfs";
const read = (place: string) =>
  `make sure that the SHA-512 of "${place}/${image}" (800.0 MiB) is 0123456789abcdef…`;

group("planVerification()", () => {
  test("planVerification() reads the image on the medium, and leaves nothing mounted", () => {
    const planned = plan({});
    expect(planned?.steps.map(describe)).toEqual([
      `create the directory "${places.medium}"`,
      `mount "/dev/sda1" (vfat) on "${places.medium}" read-only,nosuid,nodev`,
      read(places.medium),
      `unmount "${places.medium}"`,
    ]);
    expect(planned?.result).toEqual({ fault: undefined, problem: undefined });
    expect(planned?.otherwise?.steps).toEqual([]);
    expect(planned?.otherwise?.result.fault).toBe(`the base "${image}" is damaged`);
  });

  test("planVerification() reads the image in memory where it was copied there", () => {
    const planned = plan({ commandLine: "checksum copytoram", isCopied: true });
    expect(planned?.steps.map(describe)).toEqual([read(places.copy)]);
  });

  test("planVerification() says why there is nothing to compare with", () => {
    const planned = plan({ sum: { missing: "it has none" } });
    expect(planned?.steps).toEqual([]);
    expect(planned?.result).toEqual({
      fault: undefined,
      problem: "Cannot verify the base (checksum): it has none",
    });
  });

  const cases: readonly (readonly [is: string, given: Given])[] = [
    ["where nobody asked for it", { commandLine: "" }],
    ["where no system is going to run", { commandLine: "checksum backstore=required" }],
    ["behind another initramfs", { isLive: true }],
  ];
  for (const [is, given] of cases)
    test(`planVerification() does nothing ${is}`, () => expect(plan(given)).toBe(undefined));
});
