import { describe, expect, test } from "vitest";
import { checkNames, matchMisspeltName } from "../../../src/core/options/option-names.ts";
import { optionNames, unsupportedNames } from "../../../src/core/options/options-table.ts";

describe("matchMisspeltName() finds the option that was meant", () => {
  const cases: [string, string][] = [
    ["cow_lable", "cow_label"],
    ["cow-label", "cow_label"],
    ["COW_LABEL", "cow_label"],
    ["cowlabel", "cow_label"],
    ["cow_lebel", "cow_label"],
    ["cow_devcie", "cow_device"],
    ["cow_dir", ""],
    ["cow_directroy", "cow_directory"],
    ["cow_flag", "cow_flags"],
    ["cow_space_size", "cow_spacesize"],
    ["copytorem", "copytoram"],
    ["copy2ram", "copytoram"],
    ["doccache", "docache"],
    ["backstor", "backstore"],
    ["vackstore", "backstore"],
    ["back_store", "backstore"],
    ["archisolable", "archisolabel"],
    ["archiso_device", "archisodevice"],
    ["archisobasdir", "archisobasedir"],
  ];
  for (const [name, meant] of cases) {
    test(`matchMisspeltName() takes ${name} for ${meant || "nothing of ours"}`, () => {
      expect(matchMisspeltName(name)).toBe(meant || undefined);
    });
  }
});

// Parameters of the kernel, systemd, dracut, live-boot, casper, archiso and SystemRescue.
const foreign = `
  root rootfstype rootflags rootdelay rootwait ro rw quiet splash debug console loglevel ignore_loglevel earlyprintk
  panic init rdinit initrd BOOT_IMAGE resume noresume nomodeset vga video acpi noacpi apic noapic nolapic nosmp maxcpus
  mem mitigations intel_iommu iommu nocache noexec nofb nohz isolcpus hugepages crashkernel audit selinux apparmor
  security lsm cgroup_disable swapaccount zswap.enabled usbcore.autosuspend usb-storage.quirks net.ifnames
  biosdevname ip nfsroot netboot fsck.mode fsck.repair systemd.unit systemd.log_level systemd.volatile rd.break
  rd.debug rd.live.image rd.live.overlay rd.live.ram rd.overlay rd.luks.uuid rd.lvm rd.md boot live persistence
  persistent persistence-label persistence-path toram union overlay casper live-media findiso fromiso iso-scan/filename
  dostartx doxdetect dhcphostname nofirewall setkmap rootpass rootshell rootcryptpass vncpass bash_history ar_source
  autoruns subdir skipmount scandelay lowmem nomdlvm findroot break label device directory flags copy cow cache locale
  keymap backlight arch archisodebug dns gateway dhcp mirror script cryptdevice cryptkey overlay.index loop.max_loop
`
  .split(/\s+/)
  .filter((name) => name !== "");

test("matchMisspeltName() leaves what belongs to the kernel and to other programs", () => {
  expect(foreign.length).toBeGreaterThan(100);
  expect(foreign.filter((name) => matchMisspeltName(name) !== undefined)).toEqual([]);
});

test("matchMisspeltName() leaves our own names and those that are named as unsupported", () => {
  for (const name of [...optionNames, ...unsupportedNames]) {
    expect(matchMisspeltName(name)).toBeUndefined();
  }
});

describe("checkNames() compares and reports a bounded number of names in files", () => {
  const named = (count: number, name: string) =>
    Array.from({ length: count }, (_, index) => ({ name: `${name}${index}`, value: "a" }));
  const commandLine = {
    origin: "command line",
    entries: [{ name: "cow_lable", value: "a" }],
  } as const;
  const cases: [string, number, string, number, string | undefined][] = [
    ["what is near", 20, "cow_flags", 20, undefined],
    ["more of that than is reported", 25, "cow_flags", 20, "5"],
    ["foreign names", 500, "foreign", 0, undefined],
    ["more names than are compared", 9000, "foreign", 0, "8500"],
  ];
  for (const [title, count, name, reported, left] of cases) {
    test(`checkNames() checks ${title}`, () => {
      const file = { origin: { file: "a.yaml" }, entries: named(count, name) };
      const problems = checkNames([file, commandLine]).map(({ message }) => message);
      expect(problems.filter((message) => message.includes(name))).toHaveLength(reported);
      expect(problems).toContainEqual(expect.stringContaining('"cow_lable"'));
      const rest = problems.find((message) => message.includes("misspelt options in files"));
      expect(rest).toEqual(left && expect.stringMatching(` ${left} more names were left out$`));
    });
  }
});
