// How a system is put together beside the running one, and taken down again, in words.
import { describe, expect, test } from "vitest";
import { unknownMedium } from "../../../src/core/medium/medium.ts";
import { planRun, type RunMode, runRoot } from "../../../src/core/run/plan-run.ts";
import { planRunEnd } from "../../../src/core/run/plan-run-end.ts";
import type { ApartRoot, SessionFacts } from "../../../src/core/session/session.ts";
import { describe as describeStep } from "../../../src/core/steps/step.ts";
import type { StoreFinding } from "../../../src/core/stores/found-store.ts";
import { device, found, foundFile, sessionFacts } from "../../support/devices.ts";

const disk = device("/dev/sdb", { type: "ext4", label: "store", uuid: "aa" });
const used = {
  names: ["upperdir", "workdir"],
  traces: { metacopy: false, redirect: false, incomplete: false },
};
const none: StoreFinding = { kind: "none", reason: "no store is named", isMissed: false };
const layers: ApartRoot["layers"] = [
  { kind: "directory", path: "/run/initramfs/backstore/base" },
  { kind: "image", path: "/srv/base.sfs", type: "squashfs", data: "" },
];

function facts(store: StoreFinding, commandLine: string, file?: string): SessionFacts {
  const usual = { medium: unknownMedium(undefined), devices: [disk], store, commandLine };
  return { ...sessionFacts(usual), apart: { layers, file } };
}

function tell(given: SessionFacts, mode: RunMode): { does: string[]; undoes: string[] } {
  const plan = planRun(given, { mode, at: "/at" });
  const record = { path: "/at/store/backstore.json", text: "{}" };
  const root = runRoot("/at");
  const end = planRunEnd({ plan, root, record: mode === "persistent" ? record : undefined });
  return { does: plan.steps.map(describeStep), undoes: end.steps.map(describeStep) };
}

describe("planRun() and planRunEnd()", () => {
  test("put a system together in memory, and take it down in reverse order", () => {
    expect(tell(facts(none, "backstore=off"), "volatile")).toMatchInlineSnapshot(`
      {
        "does": [
          "create the directory "/at/layer1"",
          "create the directory "/at/layer2"",
          "create the directory "/at/memory"",
          "create the directory "/at/sysroot"",
          "bind "/run/initramfs/backstore/base" to "/at/layer1" read-only",
          "mount the image "/srv/base.sfs" (squashfs) on "/at/layer2" read-only",
          "mount "backstore" (tmpfs) on "/at/memory" read-write,nosuid,nodev,mode=0755,size=50%",
          "create the directory "/at/memory/upperdir" like "/at/layer1", unless it exists",
          "create the directory "/at/memory/workdir"",
          "mount an overlay on "/at/sysroot" that keeps changes to "/at/layer1" over "/at/layer2" in "/at/memory/upperdir" (index=off,metacopy=off,xino=off,redirect_dir=nofollow)",
        ],
        "undoes": [
          "unmount "/at/sysroot"",
          "unmount "/at/memory"",
          "unmount "/at/layer2"",
          "unmount "/at/layer1"",
        ],
      }
    `);
  });

  test("mount the file of a store where it is", () => {
    const store = foundFile(disk, { path: "/sysrcd.bs", ...used });
    const given = facts(store, "backstore=required", "/media/stick/sysrcd.bs");
    expect(tell(given, "persistent")).toMatchInlineSnapshot(`
      {
        "does": [
          "create the directory "/at/layer1"",
          "create the directory "/at/layer2"",
          "create the directory "/at/store"",
          "create the directory "/at/sysroot"",
          "mount the file "/media/stick/sysrcd.bs" (ext4) on "/at/store" read-write,noinit_itable",
          "bind "/run/initramfs/backstore/base" to "/at/layer1" read-only",
          "mount the image "/srv/base.sfs" (squashfs) on "/at/layer2" read-only",
          "make sure that 512.0 KiB is free on "/at/store"; remove "/at/store/backstore.ballast" if less is free than it reserves",
          "create the directory "/at/store"",
          "create the directory "/at/store/upperdir" like "/at/layer1", unless it exists",
          "create the directory "/at/store/workdir"",
          "mount an overlay on "/at/sysroot" that keeps changes to "/at/layer1" over "/at/layer2" in "/at/store/upperdir" (index=off,metacopy=off,xino=off,redirect_dir=nofollow)",
          "reserve some room in "/at/store/backstore.ballast" if ten times as much is free",
          "write "/at/store/backstore.json" (397 B), with the times of the boot and of the overlay's mount",
        ],
        "undoes": [
          "unmount "/at/sysroot"",
          "write "/at/store/backstore.json" (2 B)",
          "sync "/at/store/backstore.json" to disk",
          "unmount "/at/layer2"",
          "unmount "/at/layer1"",
          "unmount "/at/store"",
        ],
      }
    `);
  });

  test("write nothing to a store that is to be read only", () => {
    const given = facts(found(disk, used), "backstore=required,readonly");
    expect(tell(given, "readonly")).toMatchInlineSnapshot(`
      {
        "does": [
          "create the directory "/at/layer1"",
          "create the directory "/at/layer2"",
          "create the directory "/at/store"",
          "create the directory "/at/memory"",
          "create the directory "/at/sysroot"",
          "mount "/dev/sdb" (ext4) on "/at/store" read-only,nosuid,nodev, with writes to it blocked by the kernel",
          "bind "/run/initramfs/backstore/base" to "/at/layer1" read-only",
          "mount the image "/srv/base.sfs" (squashfs) on "/at/layer2" read-only",
          "mount "backstore" (tmpfs) on "/at/memory" read-write,nosuid,nodev,mode=0755,size=50%",
          "create the directory "/at/memory/upperdir" like "/at/layer1", unless it exists",
          "create the directory "/at/memory/workdir"",
          "mount an overlay on "/at/sysroot" that keeps changes to "/at/store/persistent_RESCUE1100/x86_64/upperdir" over "/at/layer1" over "/at/layer2" in "/at/memory/upperdir" (index=off,metacopy=off,xino=off,redirect_dir=nofollow)",
        ],
        "undoes": [
          "unmount "/at/sysroot"",
          "unmount "/at/memory"",
          "unmount "/at/layer2"",
          "unmount "/at/layer1"",
          "unmount "/at/store"",
        ],
      }
    `);
  });

  test("refuse another session than the one that was asked for", () => {
    const errors = { type: "ext4", unclean: ["errors" as const] };
    const store = foundFile(device("/dev/sdb", errors), { path: "/sysrcd.bs", ...used });
    expect(() => tell(facts(store, "backstore=required"), "persistent")).toThrow(
      /^Cannot use the store: .* has errors and must be checked/,
    );
  });
});
