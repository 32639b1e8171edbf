// Copying the base into memory on a machine in memory: it is there afterwards, and a medium that
// cannot be read is used in place, which is reported.
import { describe, expect, test } from "vitest";
import { copyBase } from "../../src/boot/copy-base.ts";
import { device, medium, sessionFacts } from "../support/devices.ts";
import { file } from "../support/memory/entry.ts";
import { image } from "../support/memory/image.ts";
import type { Fault } from "../support/memory/recorded.ts";
import { createMemory } from "../support/memory.ts";

const path = "sysresccd/x86_64/airootfs.sfs";
const bytes = 20 * 2 ** 20;
const stick = device("/dev/sda", { type: "vfat", label: "RESCUE1100", removable: true });

function copy(commandLine: string, faults: readonly Fault[] = []) {
  const base = image({
    type: "squashfs",
    bytes,
    pieces: [{ offset: bytes - 1, bytes: Uint8Array.of(7) }],
  });
  const content = image({ type: "vfat", tree: { [path]: file(base), autorun0: "#!/bin/sh\n" } });
  const memory = createMemory({
    disks: [{ name: "sda", content }],
    proc: { meminfo: "MemAvailable:   100000 kB\n" },
    faults,
  });
  const files = [
    { path, bytes },
    { path: "autorun0", bytes: 10 },
  ];
  const { plan } = copyBase(
    memory.system,
    sessionFacts({
      medium: medium(stick, { files }),
      devices: [stick],
      store: { kind: "none", reason: "there is none", isMissed: false },
      commandLine,
    }),
  );
  return {
    result: plan?.result,
    system: memory.system,
    console: memory.said.map(({ text }) => text).join(""),
    targets: memory.system.mounts().map(({ target }) => target),
  };
}

describe("copyBase()", () => {
  test("copyBase() does nothing where nobody asked for it", () => {
    const { result, console, targets } = copy("");
    expect([result, console]).toEqual([undefined, ""]);
    expect(targets).not.toContain("/run/initramfs/backstore/copy");
  });

  test("copyBase() leaves the whole base in memory and no mount of the medium, and says how far it is", () => {
    const { result, system, console, targets } = copy("copytoram");
    expect(result).toEqual({ isCopied: true, problem: undefined });
    const at = "/run/initramfs/backstore/copy";
    expect(system.status(`${at}/${path}`)?.bytes).toBe(bytes);
    expect([...system.readBytes(`${at}/${path}`, bytes - 1, 2)]).toEqual([7]);
    expect(system.readText(`${at}/autorun0`)).toBe("#!/bin/sh\n");
    expect(targets).toContain(at);
    expect(targets).not.toContain("/run/initramfs/backstore/medium");
    expect(console).toContain("copying the base into memory: 50 %");
    expect(console).toMatch(/the base is in memory.*\n$/);
  });

  test("copyBase() says what could not be read, and leaves nothing mounted", () => {
    const faults = [
      { call: "readBytes", naming: `/run/initramfs/backstore/medium/${path}`, errno: "EIO" },
    ] as const;
    const { result, console, targets } = copy("copytoram", faults);
    expect(result?.isCopied).toBe(false);
    expect(result?.problem).toMatch(
      /^Cannot copy the base into memory, so do not remove the medium: Cannot copy ".*airootfs.sfs" \(20\.0 MiB\) to ".*": \S/,
    );
    expect(console).not.toContain("is in memory");
    expect(targets.filter((target) => target.startsWith("/run/initramfs"))).toEqual([]);
  });
});
