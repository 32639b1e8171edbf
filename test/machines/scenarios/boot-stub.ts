// A kernel that UEFI starts as a program and that loads its initramfs itself, by the "initrd=" of
// its arguments: what old versions of systemd-boot, rEFInd and a UEFI shell leave to it.

import { resolve } from "node:path";
import { makeDistribution } from "../bootable/distributions.ts";
import { writeFatStick } from "../bootable/sticks.ts";
import { forgets, type Scenario } from "../scenario.ts";
import { loaderTypes, withLoader } from "./boot-loaders.ts";

const entry = "loader/entries/01-archiso-x86_64-linux.conf";

/** Returns the entry of systemd-boot with the kernel as a program, and the add-on. */
function formatEntry(): string {
  const text = makeDistribution("archiso").tree[entry];
  const options = /^options +(.*)$/m.exec(typeof text === "string" ? text : "")?.[1];
  const initrds = ["\\arch\\boot\\x86_64\\initramfs-linux.img", "\\backstore\\addon1.img"];
  const words = initrds.map((path) => `initrd=${path}`).join(" ");
  return `title By the kernel itself
efi /arch/boot/x86_64/vmlinuz-linux
options ${words} rdinit=/backstore-init ${options}
`;
}

export const bootStubs: readonly Scenario[] = [
  {
    name: "loader-stub",
    title: "a kernel that UEFI starts loads the add-on behind an initramfs of odd length itself",
    disks: (place) => {
      const file = place.file("medium.img");
      writeFatStick(file, {
        distribution: "archiso",
        bios: { syslinux: "boot/syslinux" },
        more: {
          "backstore/addon1.img": { file: resolve("dist/backstore-addon.img") },
          [entry]: formatEntry(),
        },
      });
      return [{ name: "medium", file }];
    },
    writes: [],
    boots: forgets().map((boot) => withLoader(boot, "uefi", loaderTypes.stub)),
  },
];
