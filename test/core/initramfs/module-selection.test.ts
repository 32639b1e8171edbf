import { describe, expect, test } from "vitest";
import { chooseModules, type ModuleTexts } from "../../../src/core/initramfs/module-selection.ts";
import { Failure } from "../../../src/core/text/failure.ts";

const texts: ModuleTexts = {
  release: "6.1.0-test",
  dependencies: [
    "kernel/fs/overlayfs/overlay.ko:",
    "kernel/drivers/block/loop.ko:",
    "kernel/fs/squashfs/squashfs.ko:",
    "kernel/fs/ext4/ext4.ko: kernel/fs/jbd2/jbd2.ko kernel/lib/crc16.ko",
    "kernel/fs/jbd2/jbd2.ko: kernel/lib/crc16.ko",
    "kernel/lib/crc16.ko:",
    "kernel/crypto/crc32c_generic.ko:",
    "kernel/arch/x86/crypto/crc32c-intel.ko:",
    "kernel/drivers/ata/pata_odd.ko: kernel/drivers/ata/libata.ko",
    "kernel/drivers/ata/libata.ko:",
    "kernel/drivers/ata/deeper/unwanted.ko:",
    "kernel/sound/snd.ko:",
    "kernel/drivers/net/e1000.ko:",
  ].join("\n"),
  softDependencies: "softdep ext4 pre: crypto-crc32c nothing\nsoftdep loop post: snd loop\n",
  aliases: [
    "alias crypto-crc32c crc32c_generic",
    "alias crypto-crc32c crc32c_intel",
    "alias cpu:type:x86,ven*fam*mod*:feature:*0094* crc32c_intel",
    "alias fs-ext4 ext4",
    "alias pci:v00008086d0000100Esv*sd*bc*sc*i* e1000",
  ].join("\n"),
  builtin: "kernel/drivers/hid/usbhid/usbhid.ko\nkernel/fs/something.ko\n",
};

test("chooseModules() takes the wanted modules and all that they need", () => {
  const { files, index } = chooseModules(texts);
  expect(files.map((file) => file.name)).toEqual([
    ...["crc16", "crc32c_generic", "crc32c_intel", "ext4", "jbd2", "libata", "loop", "overlay"],
    ...["pata_odd", "snd", "squashfs"],
  ]);
  expect(index).toEqual({
    release: "6.1.0-test",
    builtin: ["usbhid"],
    modules: {
      crc16: {},
      crc32c_generic: {},
      crc32c_intel: {},
      ext4: { needs: ["jbd2"], before: ["crc32c_generic", "crc32c_intel"] },
      jbd2: { needs: ["crc16"] },
      libata: {},
      loop: { after: ["snd"] },
      overlay: {},
      pata_odd: { needs: ["libata"] },
      snd: {},
      squashfs: {},
    },
  });
});

test("chooseModules() keeps the aliases of what it takes, but for those of processors", () => {
  const { aliases } = chooseModules(texts);
  expect([...aliases.keys()]).toEqual(["names"]);
  expect(Object.keys(aliases.get("names")?.exact ?? {})).toEqual(["crypto_crc32c", "fs_ext4"]);
});

test("chooseModules() tells what of each group is there, built in and missing", () => {
  const { groups } = chooseModules(texts);
  expect(groups.find((group) => group.group === "the live system")).toEqual({
    group: "the live system",
    modules: ["overlay", "loop", "squashfs"],
    builtin: [],
    missing: ["erofs"],
  });
  expect(groups.find((group) => group.group === "keyboards")?.builtin).toEqual(["usbhid"]);
});

describe("chooseModules() refuses a kernel that cannot run a live system", () => {
  const without = (pattern: RegExp) => texts.dependencies.replace(pattern, "");
  const cases: [string, Partial<ModuleTexts>, string | undefined][] = [
    ["no overlay", { dependencies: without(/^.*overlay.*$/m) }, '"overlay"'],
    ["no loop", { dependencies: without(/^.*loop.*$/m) }, '"loop"'],
    [
      "neither squashfs nor erofs",
      { dependencies: without(/^.*squashfs.*$/m) },
      '"squashfs" or "erofs"',
    ],
    ["nothing", { dependencies: "" }, '"overlay" and no "loop" and no "squashfs" or "erofs"'],
    [
      "all of it built in",
      { dependencies: "", builtin: "k/overlay.ko k/loop.ko k/erofs.ko" },
      undefined,
    ],
  ];
  for (const [what, change, missing] of cases) {
    test(`chooseModules() with ${what}`, () => {
      const choose = () => chooseModules({ ...texts, ...change });
      if (missing === undefined) expect(choose().files).toEqual([]);
      else {
        expect(choose).toThrow(
          new Failure(
            "not-found",
            `Cannot make an initramfs for kernel 6.1.0-test: it has no module ${missing}`,
            "choose the modules of a kernel that can run live systems",
          ),
        );
      }
    });
  }
});
