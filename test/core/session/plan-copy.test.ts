// Copying the base into memory: what is copied, by which steps, and when there is too little memory
// for it.
import { expect, describe as group, test } from "vitest";
import { directoriesToCopy, isCopied, planCopy } from "../../../src/core/session/plan-copy.ts";
import { planSession } from "../../../src/core/session/plan-session.ts";
import { describe } from "../../../src/core/steps/step.ts";
import { device, found, medium, partition, sessionFacts } from "../../support/devices.ts";

const archiso = {
  name: "archiso",
  image: "sysresccd/x86_64/airootfs.sfs",
  nested: [],
} as const;
const first = { name: "sysrcd", image: "sysrcd.dat", nested: [] } as const;

group("directoriesToCopy()", () => {
  test("directoriesToCopy() lists the top, the base's directories, and those of the scripts", () => {
    const top = ["autorun", "autorun0", "boot", "sysrescue.d", "sysresccd"];
    expect(directoriesToCopy(top, archiso)).toEqual([
      "",
      "sysresccd/x86_64",
      "sysresccd",
      "autorun",
      "autorun0",
      "sysrescue.d",
    ]);
    expect(directoriesToCopy(["sysrcd.dat"], first)).toEqual([""]);
  });
});

group("isCopied()", () => {
  const cases: readonly (readonly [path: string, isIt: boolean])[] = [
    ["sysresccd/x86_64/airootfs.sfs", true],
    ["sysresccd/x86_64/airootfs.sha512", false],
    ["sysresccd/x86_64/extra.srm", true],
    ["sysresccd/tools.srm", true],
    ["tools.srm", false],
    ["sysresccd/boot/vmlinuz", false],
    ["sysrescue.d/100-defaults.yaml", true],
    ["sysrescue.dat", false],
    ["autorun", true],
    ["autorun0", true],
    ["autorun/script", true],
    ["sysrcd.bs", false],
    ["Photos/autorun", false],
  ];
  for (const [path, isIt] of cases) {
    test(`isCopied() ${isIt ? "takes" : "leaves"} ${path}`, () => {
      expect(isCopied(path, archiso)).toBe(isIt);
    });
  }
  test("isCopied() takes modules that lie beside a base at the top", () => {
    expect(["sysrcd.dat", "a.srm", "b/a.srm"].map((path) => isCopied(path, first))).toEqual([
      true,
      true,
      false,
    ]);
  });
});

const stick = partition("/dev/sda", 1, { type: "vfat", label: "RESCUE1100", removable: true });
const disk = device("/dev/sda", { removable: true });
const mebibyte = 2 ** 20;
const rescue = medium(stick, {
  files: [
    { path: archiso.image, bytes: 300 * mebibyte },
    { path: "autorun0", bytes: 1 },
    { path: "sysrescue.d/a.yaml", bytes: 4097 },
  ],
});

const none = { kind: "none", reason: "there is no store", isMissed: true } as const;

function plan(commandLine: string, availableBytes: number | undefined, memoryBytes?: number) {
  const facts = { medium: rescue, devices: [disk, stick], store: none, commandLine };
  return planCopy({ ...sessionFacts(facts), availableBytes, memoryBytes });
}

group("planCopy()", () => {
  test("planCopy() plans nothing where nobody asked for a copy", () => {
    expect(plan("cow_label=store copytoram=no", 1024 * mebibyte)).toBeUndefined();
  });

  test("planCopy() plans nothing where the session is stopped", () => {
    expect(plan("copytoram backstore=required", 1024 * mebibyte)).toBeUndefined();
  });

  test("planCopy() mounts memory of just the size, copies, and lets go of the medium", () => {
    const copy = plan("copytoram", 1024 * mebibyte);
    expect(copy?.title).toBe("Copy the base into memory");
    expect(copy?.steps.map(describe).join("\n")).toMatchInlineSnapshot(`
      "create the directory "/run/initramfs/backstore/copy"
      mount "backstore" (tmpfs) on "/run/initramfs/backstore/copy" read-write,nosuid,nodev,mode=0755,size=315633664
      create the directory "/run/initramfs/backstore/medium"
      mount "/dev/sda1" (vfat) on "/run/initramfs/backstore/medium" read-only,nosuid,nodev
      create the directory "/run/initramfs/backstore/copy/sysresccd/x86_64"
      create the directory "/run/initramfs/backstore/copy/sysrescue.d"
      copy "/run/initramfs/backstore/medium/sysresccd/x86_64/airootfs.sfs" (300.0 MiB) to "/run/initramfs/backstore/copy/sysresccd/x86_64/airootfs.sfs"
      copy "/run/initramfs/backstore/medium/autorun0" (1 B) to "/run/initramfs/backstore/copy/autorun0"
      copy "/run/initramfs/backstore/medium/sysrescue.d/a.yaml" (4.0 KiB) to "/run/initramfs/backstore/copy/sysrescue.d/a.yaml"
      unmount "/run/initramfs/backstore/medium""
    `);
    expect(copy?.result).toEqual({ isCopied: true, problem: undefined });
  });

  for (const commandLine of ["docache", "copytoram docache"]) {
    test(`planCopy() plans the same for ${commandLine}`, () => {
      expect(plan(commandLine, undefined)).toEqual(plan("copytoram", undefined));
    });
  }

  test("planCopy() uses the medium where a step fails", () => {
    expect(plan("copytoram", undefined)?.otherwise).toEqual({
      title: "Use the base on the medium",
      steps: [],
      result: {
        isCopied: false,
        problem: "Cannot copy the base into memory, so do not remove the medium",
      },
    });
  });

  // 300 MiB, a page, two pages, and 1 MiB to spare: three quarters of the free memory must hold
  // that.
  const needed = 301 * mebibyte + 3 * 4096;
  const limits: readonly (readonly [availableBytes: number, isCopied: boolean])[] = [
    [Math.ceil(needed / 0.75), true],
    [Math.ceil(needed / 0.75) - 2, false],
    [0, false],
  ];
  for (const [availableBytes, isIt] of limits) {
    test(`planCopy() ${isIt ? "copies" : "does not copy"} with ${availableBytes} bytes free`, () => {
      expect(plan("copytoram", availableBytes)?.result.isCopied).toBe(isIt);
    });
  }

  const sizes: readonly (readonly [
    size: string,
    availableBytes: number | undefined,
    memoryBytes: number | undefined,
    most: string | undefined,
  ])[] = [
    ["302M", 320 * mebibyte, undefined, undefined],
    ["300M", 1024 * mebibyte, undefined, "300.0 MiB of the 1.0 GiB of free memory"],
    ["300M", undefined, undefined, "300.0 MiB"],
    ["2G", 300 * mebibyte, undefined, "300.0 MiB of the 300.0 MiB of free memory"],
    ["50%", 400 * mebibyte, 640 * mebibyte, undefined],
    ["40%", 400 * mebibyte, 640 * mebibyte, "256.0 MiB of the 400.0 MiB of free memory"],
    ["90%", 400 * mebibyte, undefined, "300.0 MiB of the 400.0 MiB of free memory"],
  ];
  for (const [size, availableBytes, memoryBytes, most] of sizes)
    test(`planCopy() ${most === undefined ? "copies" : "does not copy"} with copytoram_size=${size} and ${availableBytes} bytes free`, () => {
      const result = plan(`copytoram copytoram_size=${size}`, availableBytes, memoryBytes)?.result;
      const problem = `Cannot copy the base into memory, so do not remove the medium: 301.0 MiB is needed, but at most ${most} may be used`;
      expect(result).toEqual(
        most === undefined ? { isCopied: true, problem: undefined } : { isCopied: false, problem },
      );
    });

  test("planCopy() says how much is needed and how much there is", () => {
    expect(plan("copytoram", 200 * mebibyte)).toMatchObject({
      steps: [],
      result: {
        problem:
          "Cannot copy the base into memory, so do not remove the medium: 301.0 MiB is needed, but at most 150.0 MiB of the 200.0 MiB of free memory may be used",
      },
    });
  });
});

group("planSession() with a base that was copied", () => {
  const store = found(stick, { names: ["upperdir", "workdir"] });
  const steps = (isCopied: boolean) =>
    planSession(sessionFacts({ medium: rescue, devices: [disk, stick], store, isCopied }))
      .steps.map(describe)
      .join("\n");

  test("planSession() takes the base from memory, and mounts the stick only for the store", () => {
    expect(steps(true)).toContain(
      'mount the image "/run/initramfs/backstore/copy/sysresccd/x86_64/airootfs.sfs"',
    );
    expect(steps(true)).not.toContain('"/run/initramfs/backstore/medium/');
    expect(steps(true)).not.toContain('at "/run/initramfs/backstore/medium"');
    expect(steps(false)).toContain('"/run/initramfs/backstore/medium/');
  });

  for (const link of ["/run/backstore/medium", "/run/archiso/bootmnt"]) {
    test(`planSession() lets ${link} lead to the copy`, () => {
      expect(steps(true)).toContain(`create the link "${link}" to "/run/initramfs/backstore/copy"`);
    });
  }
});
