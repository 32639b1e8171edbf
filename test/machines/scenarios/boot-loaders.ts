// Media with the boot loaders of real ones, which a BIOS and UEFI start: "install" puts the add-on
// into their menus, and "uninstall" takes it out.

import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { makeOnce } from "../../../scripts/lib/cache.ts";
import { runTool } from "../../../scripts/lib/tool.ts";
import { digestTree } from "../../media/tree.ts";
import { currentVersion, olderVersion, writeOlderProgram } from "../../support/older-program.ts";
import { type FatStick, partitionOffset, writeFatStick } from "../bootable/sticks.ts";
import { workOnStick } from "../bootable/work-on-stick.ts";
import type { Tree } from "../disks/media.ts";
import { binary } from "../guest/initramfs.ts";
import { type Boot, keeps, look, type Place, type Scenario } from "../scenario.ts";

/** How the kernel knows its boot loader: the type of bootparam.rst, and whether UEFI has run. */
export const tellLoader = `
say_done loader cat /proc/sys/kernel/bootloader_type
say_done uefi test -e /sys/firmware/efi
say_done way grep -o '"way": "addon"' /run/backstore/boot.json`;

interface Case {
  readonly name: string;
  readonly title: string;
  readonly stick: FatStick;
  /** The kernel's number of the boot loader of each firmware. */
  readonly loaders: { readonly bios: number; readonly uefi: number };
  /** Set if an older program has installed for the first boot, and this one for the second. */
  readonly isUpgraded?: true;
  /** Set if it is booted once more when every file is as it came. */
  readonly isBootedAsItCame?: true;
}

/** Where the live system has the medium. */
const onMedium = "/run/live/medium";

/** The numbers of boot loaders there; a kernel that UEFI starts as a program gives its own. */
export const loaderTypes = { syslinux: 0x30, grub: 0x72, stub: 0x21 } as const;

const cases: readonly Case[] = [
  {
    name: "loader-fat-live-build",
    title: "files of a Debian live medium on FAT, by GRUB of a BIOS and GRUB of UEFI",
    stick: { distribution: "live-build", bios: "grub" },
    loaders: { bios: loaderTypes.grub, uefi: loaderTypes.grub },
    isUpgraded: true,
  },
  {
    name: "loader-fat-archiso",
    title: "files of a medium like Arch Linux's on FAT, by syslinux and systemd-boot",
    stick: { distribution: "archiso", bios: { syslinux: "boot/syslinux" } },
    loaders: { bios: loaderTypes.syslinux, uefi: loaderTypes.stub },
    isBootedAsItCame: true,
  },
  {
    name: "loader-fat-systemrescue",
    title: "files of a medium like SystemRescue's on FAT, by syslinux and GRUB of UEFI",
    stick: { distribution: "systemrescue", bios: { syslinux: "sysresccd/boot/syslinux" } },
    loaders: { bios: loaderTypes.syslinux, uefi: loaderTypes.grub },
  },
];

/** The guest is switched off, and nobody there can check. */
const problems = [/dirty bit set/, /was not checked although it/];

const bootAsItCame: Boot = {
  firmware: "bios",
  before: uninstall,
  actions: `${look}${tellLoader}`,
  expect: {
    session: "theirs",
    files: { "/etc/motd": "as it came\n", "/srv/new/file": undefined },
    facts: { "done way": /^status 2$/m },
  },
};

/** Changes made by one firmware's boot are there in that of the other; then all is as it came. */
export const bootLoaders: readonly Scenario[] = cases.map(
  ({ name, title, stick, loaders, isUpgraded, isBootedAsItCame }) => ({
    name,
    title: `${title}: "install" keeps changes, ${isUpgraded ? "once more upgrades, " : ""}"uninstall" puts all back`,
    disks: (place) => {
      const file = place.file("medium.img");
      writeFatStick(file, isUpgraded ? { ...stick, more: bothPrograms() } : stick);
      return [{ name: "medium", file }];
    },
    writes: ["medium"],
    boots: [
      ...keeps("medium:1", { file: "/sysrcd.bs", directory: "" })
        .map((boot, index) =>
          index === 0
            ? { ...withLoader(boot, "bios", loaders.bios), before: install }
            : withLoader({ ...boot, expect: { ...boot.expect, problems } }, "uefi", loaders.uefi),
        )
        .map((boot, index) => (isUpgraded ? upgrading(boot, index) : boot)),
      ...(isBootedAsItCame ? [bootAsItCame] : []),
    ],
    ...(isBootedAsItCame ? {} : { after: uninstall }),
  }),
);

async function install(place: Place): Promise<void> {
  rememberStick(place);
  await work(place, "install", ["backstore install /mnt --store 16"]);
}

/** The two programs in one place, from which a live system starts the newer one. */
function bothPrograms(): Tree {
  const file = makeOnce({
    name: "older-program",
    inputs: [readFileSync(binary)],
    make: writeOlderProgram,
  });
  return { "older/backstore": { file }, "newer/backstore": { file: binary } };
}

/** The first boot has an older add-on, which is told; before the second it is upgraded. */
function upgrading(boot: Boot, index: number): Boot {
  const actions = `${boot.actions}
say_done status ${onMedium}/newer/backstore status
say_list ${onMedium}/backstore`;
  const found = boot.expect.facts;
  const list = `list ${onMedium}/backstore`;
  if (index === 0) {
    const older = `was booted by backstore ${olderVersion}, which is older than this one (${currentVersion}); "backstore install" on the medium upgrades it`;
    const says = new RegExp(`${escapePattern(older)}[\\s\\S]*^status 0$`, "m");
    const facts = { ...found, "done status": says, [list]: /^addon1\.img\nbackstore\n/ };
    return { ...boot, before: installOlder, actions, expect: { ...boot.expect, facts } };
  }
  const says = /^(?![\s\S]*older than)[\s\S]*^status 0$/m;
  const facts = { ...found, "done status": says, [list]: /^addon2\.img\nbackstore\n/ };
  return { ...boot, before: upgrade, actions, expect: { ...boot.expect, facts } };
}

function escapePattern(text: string): string {
  return text.replace(/[.()]/g, "\\$&");
}

async function installOlder(place: Place): Promise<void> {
  rememberStick(place);
  await workAndList(place, "/mnt/older/backstore install /mnt --store 16", olderVersion);
}

async function upgrade(place: Place): Promise<void> {
  await workAndList(place, "backstore install /mnt", currentVersion);
}

/** Throws if "list" does not know the version that was installed, and whether it is older. */
async function workAndList(place: Place, command: string, version: string): Promise<void> {
  const list = "backstore list --json";
  const [installed = "", listed = ""] = await work(place, `install-${version}`, [command, list]);
  const wanted = new RegExp(`"version": "${version}",\\s+"older": ${version === olderVersion}`);
  if (!installed.startsWith("Installed on") || !wanted.test(listed))
    throw new Error(`"${command}" says ${installed}\nand "${list}" ${listed}`);
}

async function uninstall(place: Place): Promise<void> {
  await work(place, "uninstall", ["backstore uninstall /mnt"]);
  compareStick(place);
}

/** Adds to a boot what the kernel must say of its boot loader, and that the add-on was loaded. */
export function withLoader(boot: Boot, firmware: "bios" | "uefi", loader: number): Boot {
  return {
    ...boot,
    firmware,
    actions: `${boot.actions}${tellLoader}`,
    expect: {
      ...boot.expect,
      facts: {
        ...boot.expect.facts,
        "done loader": new RegExp(`^${loader}\nstatus 0$`, "m"),
        "done uefi": new RegExp(`^status ${firmware === "uefi" ? 0 : 1}$`, "m"),
        "done way": /status 0$/m,
      },
    },
  };
}

function work(place: Place, what: string, commands: readonly string[]): Promise<string[]> {
  return workOnStick({
    stick: place.file("medium.img"),
    directory: place.file(what),
    commands,
  });
}

/** The digests of a stick's files before "install", by the scenario's directory. */
const before = new Map<string, Map<string, string>>();

function rememberStick(place: Place): void {
  before.set(place.directory, digestStick(place));
}

/** Throws if a file is not as it came; the store stays. */
function compareStick(place: Place): void {
  const was = before.get(place.directory) ?? new Map();
  const is = digestStick(place);
  is.delete("sysrcd.bs");
  const differing = [...new Set([...was.keys(), ...is.keys()])].filter(
    (name) => was.get(name) !== is.get(name),
  );
  if (differing.length > 0)
    throw new Error(`Not as they came after "uninstall": ${differing.join(", ")}`);
}

function digestStick(place: Place): Map<string, string> {
  const copy = place.file("copy");
  rmSync(copy, { recursive: true, force: true });
  runTool(["mkdir", copy]);
  const image = `${place.file("medium.img")}@@${partitionOffset}`;
  runTool(["sh", "-c", 'exec mcopy -s -n -Q -i "$1" ::/* "$2"', "sh", image, join(copy, "")]);
  return digestTree(copy);
}
