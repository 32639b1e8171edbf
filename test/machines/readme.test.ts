// The README's commands, word for word and in their order, in a fresh guest: a live system with
// systemd, whose session has a file store, and beside it a new stick (/dev/sdX), one with another
// live system that is mounted at /media/stick, and an image live.iso.

import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { runTool } from "../../scripts/lib/tool.ts";
import { type LiveSystem, makeLiveSystem } from "../../scripts/live-system.ts";
import { makeDistribution } from "./bootable/distributions.ts";
import { makeIso } from "./bootable/iso-images.ts";
import { claimDirectory } from "./claim.ts";
import { writeHost } from "./disks/hosts.ts";
import { liveLabel, writeLiveMedium } from "./disks/live-medium.ts";
import { writeTree } from "./disks/media.ts";
import { makeNewStore } from "./disks/store-files.ts";
import { writeStore } from "./disks/stores.ts";
import { withTemporary } from "./guest/base.ts";
import { makeInitramfs } from "./guest/initramfs.ts";
import { type Deed, executeLiveBoot, type LiveBoot } from "./guest/live-guest.ts";
import { copyTool } from "./guest/tool-base.ts";
import { inTurn } from "./in-turn.ts";
import { chooseLane, type Lane } from "./lane.ts";
import type { Disk } from "./machine.ts";

const mebibyte = 1024 * 1024;
const gibibyte = 1024 * mebibyte;

/** What is around a command of the README. */
interface Setting {
  /** What a reader has done before, as a shell command. */
  readonly before?: string;
  /** What the command says. */
  readonly says?: RegExp;
  /** What holds afterwards, as a shell command that fails otherwise. */
  readonly after?: string;
}

const digestStick = "find /media/stick -type f ! -name '*.sfs' -exec sha256sum {} + | sort";
const hasStore = `udevadm settle
[ $(blkid --probe --output value --match-tag LABEL $(readlink -f /dev/sdX)p3) = backstore ]`;

/** The commands that are followed, in the README's order. */
const settings: Readonly<Record<string, Setting>> = {
  "backstore install --image live.iso /dev/sdX --store max": {
    says: /^Wrote "live\.iso" .*, and read it back$/m,
    after: hasStore,
  },
  "backstore install /dev/sdX --store max": {
    before: `disk=$(readlink -f /dev/sdX)
wipefs --all --quiet $disk?* $disk
dd if=live.iso of=/dev/sdX bs=1M conv=fsync && udevadm settle`,
    says: /^4 of 4 menu entries keep changes/m,
    after: hasStore,
  },
  "backstore install /media/stick --store 2G": {
    before: `${digestStick} > before`,
    says: /^Created the store "\/media\/stick\/sysrcd\.bs" of 2\.0 GiB/m,
    after: "[ $(stat --format %s /media/stick/sysrcd.bs) = $((2 << 30)) ]",
  },
  "backstore install live.iso --to live-kept.iso": {
    says: /^4 of 4 menu entries keep changes/m,
    after: "[ $(stat --format %s live-kept.iso) -gt $(stat --format %s live.iso) ]",
  },
  "backstore status": { says: /^persistent: / },
  "backstore help": { says: /\binstall\b/ },
  "backstore explain --cmdline cow_label=mychanges": {
    says: /^Session: volatile \(there is no device labelled "mychanges"/,
  },
  "backstore list": { says: /^ +\S* +\/sysrcd\.bs .*"STICK"/m },
  "backstore changes": {
    before: "echo followed > /etc/followed",
    says: /^added +9 B {2}\/etc\/followed$/m,
  },
  "backstore changes /media/stick/sysrcd.bs --base /media/stick/sysresccd/x86_64/airootfs.sfs": {
    says: /^No changes\.$/m,
  },
  "backstore run --base /media/stick/sysresccd/x86_64/airootfs.sfs --store /media/stick/sysrcd.bs -- ls /root":
    { after: "! losetup --list | grep /media/stick/sysrcd.bs" },
  "backstore report --output report.html": { after: "grep -q '</html>' report.html" },
  "backstore report --text": { says: /\bkept\b/ },
  "backstore import old.bs /media/stick/new.bs 128": {
    before: `mkdir -p old/etc && touch old/.wh..wh.aufs && echo kept > old/etc/kept
truncate --size 16M old.bs && mkfs.ext4 -q -d old old.bs`,
    says: /^Imported "old\.bs", a store of the first generation/m,
    after: "rm /media/stick/new.bs",
  },
  "backstore grow 3G": {
    says: /^The store .* now has 3\.0 GiB/m,
    after: "[ $(df --block-size=1M --output=size / | tail -n 1) -gt 2800 ]",
  },
  "backstore uninstall /media/stick": {
    says: /^Put "\/media\/stick" back as it was/m,
    after: `${digestStick} | grep -v sysrcd.bs | diff before - && ls /media/stick/sysrcd.bs`,
  },
  "backstore check /media/stick/sysrcd.bs": { says: / is in order$/m },
  "cp /media/stick/sysrcd.bs ~/": {
    after: "[ $(stat --format %s /root/sysrcd.bs) = $((2 << 30)) ]",
  },
  "backstore create --device /dev/sdX3 --label mychanges": {
    before: `disk=$(readlink -f /dev/sdX)
wipefs --all --quiet $disk?* $disk
printf '%s\\n' 'label: gpt' size=100M size=100M size=100M | sfdisk --quiet $disk &&
udevadm settle && ln -s "$disk"p3 /dev/sdX3`,
    after: "[ $(blkid --probe --output value --match-tag LABEL /dev/sdX3) = mychanges ]",
  },
  "backstore initramfs --modules /media/stick/sysresccd/x86_64/airootfs.sfs --output backstore.img":
    { says: /^Wrote "backstore\.img"/m },
  "backstore create /media/stick 1024": {
    before: "rm /media/stick/sysrcd.bs",
    says: /^Created the store "\/media\/stick\/sysrcd\.bs" of 1\.0 GiB/m,
    after: "[ $(stat --format %s /media/stick/sysrcd.bs) = $((1 << 30)) ]",
  },
};

/** What builds the project, and the demo's own disks. */
const unfollowed = [/^\.\/scripts\//, /^(qemu-system-x86_64 |-kernel |-append |-drive )/];

const lines = [...readFileSync("README.md", "utf8").matchAll(/^ {4}(\S.*?)(?: +#.*)?$/gm)].map(
  ([, line = ""]) => line,
);
const followed = lines.filter((line) => !unfollowed.some((pattern) => pattern.test(line)));

test("each command of the README has its setting, in the same order", () => {
  expect(followed).toEqual(Object.keys(settings));
  for (const pattern of unfollowed) expect(lines.some((line) => pattern.test(line))).toBe(true);
});

/** What the commands call, besides what the live system has. */
const tools = ["sfdisk", "xorriso", "mcopy", "mmd", "unsquashfs", "zstd", "xz"];

// A disk that is built in is not searched without an option, and the other stick has a system too.
const cmdline = `backstore=alldev archisolabel=${liveLabel}`;

// No disk that is built in may be written to; a loop device counts as removable.
const prepare: Deed = {
  title: "get the tools and the image, and plug the sticks in",
  command: `set -e
disk() { grep -lx "$1" /sys/block/*/serial | sed 's:/sys/block/:/dev/:; s:/serial$::'; }
tar --extract --keep-directory-symlink --skip-old-files --directory / --file $(disk tools)
cat $(disk image) > /root/live.iso
ln -s $(losetup --find --show --partscan $(disk new)) /dev/sdX
mkdir /media/stick
mount $(disk stick) /media/stick`,
};

const boot: LiveBoot = {
  title: "follow the README",
  cmdline,
  session: "persistent",
  deeds: [prepare, ...followed.flatMap(planDeeds)],
  ending: "poweroff",
};

function planDeeds(line: string): Deed[] {
  const { before, says, after } = settings[line] ?? {};
  const command = (text: string) => `cd /root; export HOME=/root\n${text}`;
  return [
    ...(before === undefined ? [] : [{ title: `before "${line}"`, command: command(before) }]),
    { title: line, command: command(line), ...(says === undefined ? {} : { says }) },
    ...(after === undefined ? [] : [{ title: `after "${line}"`, command: command(after) }]),
  ];
}

const missing = ["qemu-system-x86_64", "mmdebstrap", ...tools].filter(
  (name) => spawnSync("which", [name]).status !== 0,
);
if (process.getuid?.() !== 0) missing.push("root");
const reason = missing.length === 0 ? "" : ` (skipped: no ${missing.join(", no ")})`;

describe.skipIf(missing.length > 0)(`the README${reason}`, () => {
  test("readme: can be followed to the letter", { timeout: 1_800_000 }, async () => {
    const lane = chooseLane();
    const findings = await inTurn(() => follow(makeLiveSystem(), lane), lane);
    expect(findings.join("\n")).toBe("");
  });
});

async function follow(live: LiveSystem, lane: Lane): Promise<readonly string[]> {
  const directory = join(claimDirectory(), "readme");
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true });
  const file = (name: string) => join(directory, `${name}.img`);
  writeLiveMedium({ path: file("medium"), live, initramfs: makeInitramfs(live) });
  const store = { "sysrcd.bs": { file: makeNewStore("ext4", 256) } };
  writeHost({ type: "ext4", path: file("host"), tree: store, spareBytes: 4 * gibibyte });
  writeFileSync(file("new"), "");
  truncateSync(file("new"), gibibyte);
  writeStick(file("stick"), live);
  writeTools(file("tools"));
  const made = ["medium", "host", "new", "stick", "tools"].map((name) => ({
    name,
    file: file(name),
  }));
  const image: Disk = { name: "image", file: makeIso("live-build"), readonly: true };
  const guest = { live, lane, disks: [...made, image], directory, processors: 1 };
  const { findings } = await executeLiveBoot(guest, boot, 1);
  // The disks of a failed one are kept for inspection.
  if (findings.length === 0) for (const disk of made) rmSync(disk.file);
  return findings;
}

/** A stick with the files of SystemRescue, and room for a store. */
function writeStick(path: string, live: LiveSystem): void {
  const { tree } = makeDistribution("systemrescue", { kernel: live, base: live.base });
  withTemporary((directory) => {
    const contents = join(directory, "contents");
    writeTree(contents, tree);
    writeStore({ type: "ext4", label: "STICK", path, bytes: 3 * gibibyte, contents });
  });
}

/** A disk that is an archive of this machine's own tools, with their libraries. */
function writeTools(path: string): void {
  withTemporary((directory) => {
    for (const tool of tools) copyTool(directory, tool);
    const names = readdirSync(directory);
    runTool(["tar", "--create", "--directory", directory, "--file", path, ...names]);
  });
}
