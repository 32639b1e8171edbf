// A whole boot on a machine in memory: from the kernel's start to the system's init, with what it
// printed and wrote.
import { describe, expect, test } from "vitest";
import { ext4 } from "../support/call.ts";
import { start, stick } from "./start.ts";

const kept = { "persistent_RESCUE1100/x86_64/upperdir/etc/motd": "changed\n" };

describe("boot()", () => {
  test("boot() becomes the system's init, on the store", () => {
    const { ending, motd, console, verdict } = start("cow_label=store", {
      disks: [stick(), { name: "sdb", content: ext4("store", kept) }],
    });
    expect([ending, motd, verdict.session]).toEqual([
      "/sbin/init quiet",
      "changed\n",
      "persistent",
    ]);
    expect(console).toMatch(
      /^backstore: Persistent session on the store .*: every change is kept\n$/,
    );
  });

  test("boot() waits for a store that comes late", () => {
    const { verdict, console } = start("cow_label=store", {
      disks: [stick(), { name: "sdb", content: ext4("store", kept), comesAtMs: 9000 }],
    });
    expect(verdict.session).toBe("persistent");
    expect(console).toContain('waiting for the store\'s device, labelled "store": ');
  });

  test("boot() waits for a medium that comes late", () => {
    const { ending, console } = start("", { disks: [{ ...stick(), comesAtMs: 9000 }] });
    expect(ending).toBe("/sbin/init quiet");
    expect(console).toContain("waiting for a medium with a live system: ");
  });

  test("boot() runs in memory, and says so loudly, where the store does not come", () => {
    const { motd, verdict, console } = start("cow_label=store backstore=wait=2", {
      disks: [stick()],
    });
    expect([motd, verdict.session]).toEqual(["as it came\n", "volatile"]);
    expect(console).toMatch(/VOLATILE SESSION.*\n.*there is no device labelled "store"\n$/);
    expect(verdict.problems).toEqual([
      {
        message: 'Cannot keep changes: there is no device labelled "store"',
        isReason: true,
      },
    ]);
  });

  test("boot() stops, without a shell, where a store is required and does not come", () => {
    const { ending, verdict, console } = start("cow_label=store backstore=required,wait=1", {
      disks: [stick()],
    });
    expect([ending, verdict.session]).toEqual(["waits", "stopped"]);
    expect(console).toMatch(/backstore=required: press Ctrl-Alt-Del to restart/);
  });

  test("boot() says what it saw where there is no medium, and goes on looking", () => {
    const { ending, console } = start("archisolabel=RESCUE1100 backstore=wait=1", {
      disks: [{ name: "sdb", content: ext4("RESCUE1100") }],
    });
    expect(ending).toBe("waits");
    expect(console).toContain('Cannot find the medium labelled "RESCUE1100"; plug it in');
    expect(console).toContain("/dev/sdb is not the medium: it contains no known live system");
  });

  test("boot() says that a medium on a network needs another initramfs", () => {
    const { ending, console } = start("archiso_http_srv=http://host/ findroot", { disks: [] });
    expect(ending).toBe("waits");
    expect(console).toContain(
      'backstore: Cannot use "archiso_http_srv" in this initramfs: it has no network; use the add-on with the distribution\'s own initramfs (backstore-addon(7))\n',
    );
    expect(console).toContain('backstore: Cannot use "findroot" in this initramfs: ');
  });

  test("boot() reads the medium's YAML files, under the command line", () => {
    const disks = [
      stick({ "sysrescue.d/100.yaml": "global:\n    cow_label: other\n    cow_directory: kept\n" }),
      { name: "sdb", content: ext4("store", { "kept/upperdir/etc/motd": "from kept\n" }) },
    ];
    const { motd, verdict } = start("cow_label=store", { disks });
    expect([motd, verdict.session]).toEqual(["from kept\n", "persistent"]);
  });

  test("boot() reads a store that cannot be written to, with changes in memory", () => {
    const { motd, verdict, console, refused } = start("cow_label=store", {
      disks: [stick(), { name: "sdb", content: ext4("store", kept), isReadonly: true }],
    });
    expect([motd, verdict.session, refused]).toEqual(["changed\n", "readonly", ["sdb"]]);
    expect(console).toMatch(
      /READ-ONLY SESSION.*\n.*could not be opened for writing: Cannot mount "\/dev\/sdb"/,
    );
  });
});
