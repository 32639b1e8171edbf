// Boots in memory that verify their base: with the right checksum, with another one, and with none.
import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import type { Machine } from "../support/memory.ts";
import { type Booted, start, stick } from "./start.ts";

const directory = "sysresccd/x86_64";
const image = `${directory}/airootfs.sfs`;
const mounted = `/run/initramfs/backstore/medium`;

/** The checksum of the image that the stick has. */
const right = (() => {
  const { system } = start("", { disks: [stick()] });
  const place = { root: `/sysroot${mounted}`, path: image };
  return system.withFile(place, ({ sha512 }) => sha512(() => {}));
})();
const wrong = createHash("sha512").update("another").digest("hex");

function verify(
  cmdline: string,
  sums: string | undefined,
  machine: Partial<Machine> = {},
): Booted & { readonly messages: readonly string[] } {
  const files = sums === undefined ? {} : { [`${directory}/airootfs.sha512`]: sums };
  const booted = start(cmdline, { disks: [stick(files)], ...machine });
  const messages = (booted.verdict.problems ?? []).map((one) =>
    "message" in one ? String(one.message) : "",
  );
  return { ...booted, messages };
}

describe("boot()", () => {
  test("boot() verifies the base, and says so", () => {
    const { ending, console, messages, verdict } = verify("checksum", `${right}  airootfs.sfs\n`);
    expect([ending, messages]).toEqual(["/sbin/init quiet", []]);
    expect(console).toContain("the base matches its checksum");
    expect(verdict).toMatchObject({ verification: { title: "Verify the base" } });
  });

  test("boot() does not read the base where nobody asked for that", () => {
    const { ending, verdict } = verify("", `${wrong}  airootfs.sfs\n`);
    expect(ending).toBe("/sbin/init quiet");
    expect(verdict).not.toHaveProperty("verification");
  });

  const damaged = `the base "${image}" is damaged: The SHA-512 of "${mounted}/${image}" is ${right.slice(0, 16)}…, and not ${wrong.slice(0, 16)}…`;

  test("boot() stops at the menu where the base is damaged", () => {
    const { ending, console, verdict } = verify("checksum", `${wrong}  airootfs.sfs\n`);
    expect(ending).toBe("waits");
    expect(verdict).toMatchObject({ session: "stopped", reason: damaged, layers: [] });
    expect(console).toContain("Stop, because checksum does not allow a base that is damaged\n");
    expect(console).toContain(damaged);
    expect(console).toMatch(/p {2}power off the machine\n/);
    expect(console).not.toContain("matches its checksum");
  });

  test("boot() goes on with a damaged base if that is chosen, and reads it only once", () => {
    const booted = verify("checksum", `${wrong}  airootfs.sfs\n`, {
      stdin: [{ atMs: 60_000, text: "v\n" }],
    });
    expect([booted.ending, booted.motd]).toEqual(["/sbin/init quiet", "as it came\n"]);
    expect(booted.messages).toEqual([
      `The base is used as chosen at the console, although ${damaged}`,
    ]);
    expect(booted.console.split(damaged)).toHaveLength(3);
  });

  test("boot() stops where the base cannot be read to its end", () => {
    const faults = [{ call: "withFile", naming: `${mounted}/${image}`, errno: "EIO" }] as const;
    const { verdict } = verify("checksum", `${right}  airootfs.sfs\n`, { faults });
    expect(verdict).toMatchObject({ session: "stopped" });
  });

  test("boot() asks for a store that is required first, and then verifies the base", () => {
    const { console } = verify("checksum backstore=required", `${wrong}  airootfs.sfs\n`, {
      stdin: [{ atMs: 60_000, text: "v\n" }],
    });
    const order = /backstore=required does not allow[\s\S]*checksum does not allow/;
    expect(console).toMatch(order);
  });

  const cases: readonly (readonly [is: string, sums: string | undefined, told: RegExp])[] = [
    [
      "has no checksum beside it",
      undefined,
      /airootfs\.sha512" on the medium cannot be read: no such/,
    ],
    [
      "is not named there",
      `${right}  other.sfs\n`,
      /airootfs\.sha512" on the medium has no SHA-512 of it$/,
    ],
  ];
  for (const [is, sums, told] of cases)
    test(`boot() says that it has not verified a base that ${is}`, () => {
      const { ending, messages } = verify("checksum", sums);
      expect(ending).toBe("/sbin/init quiet");
      expect(messages).toEqual([expect.stringMatching(told)]);
      expect(messages[0]).toMatch(/^Cannot verify the base \(checksum\): /);
    });
});
