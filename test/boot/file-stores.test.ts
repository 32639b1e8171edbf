// Whole boots on file stores, on a machine in memory.
import { describe, expect, test } from "vitest";
import { ext4 } from "../support/call.ts";
import * as formats from "../support/formats.ts";
import type { Content } from "../support/memory/content.ts";
import type { Disk } from "../support/memory/disks.ts";
import { file, type Tree } from "../support/memory/entry.ts";
import { image } from "../support/memory/image.ts";
import { start, stick } from "./start.ts";

const used = { upperdir: { etc: { motd: "changed\n" } }, workdir: {} };

/** Makes a fully allocated file with a file system in it. */
function storeFile(tree: Tree = used): ReturnType<typeof file> {
  const content = ext4("inner", tree);
  return file({ ...content, allocated: content.length });
}

const withStore = (): Tree => ({ "sysrcd.bs": storeFile() });

function disk(name: string, content: Content, more: Partial<Disk> = {}): Disk {
  return { name, content, isRemovable: true, ...more };
}

function exfat(tree: Tree): Content {
  return image({ type: "exfat", tree, pieces: [{ offset: 0, bytes: formats.exfat("DATA") }] });
}

describe("boot()", () => {
  test("boot() runs on the store's file on the medium, and shows it at /mnt/memory", () => {
    const { ending, motd, console, verdict, mounts } = start("", { disks: [stick(withStore())] });
    expect([ending, motd, verdict.session]).toEqual([
      "/sbin/init quiet",
      "changed\n",
      "persistent",
    ]);
    expect(console).toBe(
      'backstore: Persistent session on the store "/sysrcd.bs" of /dev/sda (labelled "RESCUE1100"): every change is kept\n',
    );
    expect(verdict.store).toMatchObject({
      kind: "file",
      device: "/dev/sda",
      file: "/sysrcd.bs",
      hostType: "vfat",
      type: "ext4",
      label: "inner",
      bytes: 64 << 20,
      sparse: false,
    });
    expect(mounts).toContainEqual(["/sysroot/mnt/memory", "ext4", true]);
  });

  test("boot() finds a file on another stick, by the same rules for every host", () => {
    const { motd, verdict } = start("", {
      disks: [stick(), disk("sdb", exfat(withStore()))],
    });
    expect([motd, verdict.session, verdict.problems]).toEqual(["changed\n", "persistent", []]);
  });

  test("boot() looks on disks that are built in with alldev alone", () => {
    const disks = [stick(), disk("sdb", ext4("home", withStore()), { isRemovable: false })];
    const without = start("", { disks });
    expect([without.motd, without.verdict.problems]).toEqual(["as it came\n", []]);
    expect(without.console).toBe(
      'backstore: volatile session: changes are in memory (there is no "/sysrcd.bs" on removable devices)\n',
    );
    const all = start("backstore=alldev", { disks });
    expect([all.motd, all.verdict.session]).toEqual(["changed\n", "persistent"]);
  });

  test("boot() waits for a file that somebody asked for", () => {
    const late = { ...disk("sdb", exfat({ "my.bs": storeFile() })), comesAtMs: 9000 };
    const { verdict, console } = start("backstore=/my.bs", { disks: [stick(), late] });
    expect(verdict.session).toBe("persistent");
    expect(console).toContain('waiting for the store "/my.bs" on removable devices: ');
  });

  test("boot() waits for nothing where nobody asked", () => {
    const late = { ...disk("sdb", exfat(withStore())), comesAtMs: 9000 };
    const { verdict, console } = start("", { disks: [stick(), late] });
    expect(verdict.session).toBe("volatile");
    expect(console).not.toContain("waiting");
  });

  test("boot() gives up waiting, and says what it missed", () => {
    const { verdict, console } = start("backstore=alldev,wait=2", { disks: [stick()] });
    expect(verdict.problems).toEqual([
      { message: 'Cannot keep changes: there is no "/sysrcd.bs" on any device', isReason: true },
    ]);
    expect(console).toMatch(/VOLATILE SESSION.*\n.*there is no "\/sysrcd\.bs" on any device\n$/);
  });

  test("boot() does not wait where a file is there that is no store, and says so loudly", () => {
    const aufs = { "sysrcd.bs": storeFile({ ".wh..wh.aufs": "", etc: {} }) };
    const { verdict, console } = start("backstore=wait=30", { disks: [stick(aufs)] });
    expect(verdict.session).toBe("volatile");
    expect(console).toBe(
      [
        "backstore: *** VOLATILE SESSION: every change is lost at power-off ***",
        'backstore: /dev/sda has "/sysrcd.bs", but it contains a store of the first generation (aufs), which is left untouched; take it over with: backstore import MOUNT/sysrcd.bs NEW',
        "",
      ].join("\n"),
    );
  });

  test("boot() takes none of two, and runs on the one that is named", () => {
    const disks = [
      stick(),
      disk("sdb", ext4("one", withStore())),
      disk("sdc", ext4("two", { "sysrcd.bs": storeFile() })),
    ];
    const neither = start("", { disks });
    expect(neither.verdict.session).toBe("volatile");
    expect(neither.console).toMatch(
      /\/dev\/sdb \(64\.0 MiB, \S+\) and \/dev\/sdc \(64\.0 MiB, \S+\) both have a store/,
    );
    const named = start("backstore=LABEL=two", { disks });
    expect([named.verdict.session, named.verdict.store?.device]).toEqual([
      "persistent",
      "/dev/sdc",
    ]);
  });

  test("boot() reads a store on a stick that is write-protected, with changes in memory", () => {
    const { motd, verdict, console } = start("", {
      disks: [stick(), disk("sdb", exfat(withStore()), { isReadonly: true })],
    });
    expect([motd, verdict.session]).toEqual(["changed\n", "readonly"]);
    expect(console).toMatch(/READ-ONLY SESSION.*\n.*could not be opened for writing: Cannot mount/);
  });

  test("boot() warns of a sparse file", () => {
    const sparse = { "sysrcd.bs": file(ext4("inner", used)) };
    const { verdict } = start("", { disks: [stick(sparse)] });
    expect(verdict.session).toBe("persistent");
    expect(verdict.problems).toEqual([
      { message: expect.stringMatching(/is sparse \(.*64\.0 MiB/) },
    ]);
  });

  test("boot() does not look for a file where a directory store is missing", () => {
    const { verdict, console } = start("cow_label=nowhere backstore=wait=1", {
      disks: [stick(withStore())],
    });
    expect(verdict.session).toBe("volatile");
    expect(console).toContain('there is no device labelled "nowhere"');
  });

  test("boot() takes nothing with backstore=off", () => {
    const { verdict, motd } = start("backstore=off", { disks: [stick(withStore())] });
    expect([verdict.session, verdict.problems, motd]).toEqual(["volatile", [], "as it came\n"]);
  });

  test("boot() waits until USB has shown its disks", () => {
    const busy = { "bus/usb/devices": { usb1: {}, "1-1:1.0": { bInterfaceClass: "08\n" } } };
    const late = { ...disk("sdb", exfat(withStore())), comesAtMs: 4000 };
    const { verdict, console } = start("", { disks: [stick(), late], sys: busy });
    expect(console).toContain("waiting for USB disks that are still being detected: ");
    expect(verdict.session).toBe("persistent");
  });
});
