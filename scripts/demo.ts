// The main job, shown: a real live Linux is booted three times in QEMU. What the first boot changes is there in the
// second, and the third, which names no store, runs the base as it came. Ends with status 0 only if every check held.

import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { writeActions } from "../test/boot/actions.ts";
import { makeInitramfs } from "../test/boot/initramfs.ts";
import { writeDisk, writeMedium } from "../test/boot/media.ts";
import { type BootResult, executeBoot, formatTail } from "../test/boot/qemu.ts";
import { writeStore } from "../test/boot/stores.ts";
import { unpackKernel } from "../test/boot/vmlinux.ts";
import { buildDirectory } from "./lib/cache.ts";
import { type LiveSystem, makeLiveSystem } from "./live-system.ts";

const directory = join(buildDirectory, "demo");
const medium = join(directory, "medium.img");
const store = join(directory, "store.img");
const start = performance.now();

/** Is something that one boot changes and the next ones look at. */
interface Change {
  readonly title: string;
  /** What it is done to. */
  readonly place: string;
  readonly action: string;
  /** A command whose output tells whether the change is there. */
  readonly look: string;
  readonly before: RegExp;
  readonly after: RegExp;
}

const changes: readonly Change[] = [
  {
    title: "edit a file of the base",
    place: "/etc/motd",
    action: "echo 'Edited in the first boot.' >> /etc/motd",
    look: "tail -n 1 /etc/motd",
    before: /^permitted by applicable law/m,
    after: /^Edited in the first boot\.$/m,
  },
  {
    title: "replace a program",
    place: "/usr/bin/factor",
    action:
      "printf '#!/bin/sh\\necho my own factor\\n' > /root/factor; chmod 755 /root/factor; mv /root/factor /usr/bin/factor",
    look: "factor 15",
    before: /^15: 3 5$/m,
    after: /^my own factor$/m,
  },
  {
    title: "delete a file",
    place: "/usr/share/common-licenses/Artistic",
    action: "rm /usr/share/common-licenses/Artistic",
    look: "ls /usr/share/common-licenses/Artistic",
    before: /^\/usr\/share\/common-licenses\/Artistic$/m,
    after: /No such file/,
  },
  {
    title: "delete a directory",
    place: "/usr/share/pixmaps",
    action: "rm -r /usr/share/pixmaps",
    look: "ls -d /usr/share/pixmaps",
    before: /^\/usr\/share\/pixmaps$/m,
    after: /No such file/,
  },
  {
    title: "make a directory with a file",
    place: "/srv/notes",
    action: "mkdir /srv/notes; echo 'remember the milk' > /srv/notes/today",
    look: "cat /srv/notes/today",
    before: /No such file/,
    after: /^remember the milk$/m,
  },
  {
    title: "install a package",
    place: "hello",
    action:
      "base64 -d > /run/package.deb <<'END'\nPACKAGE\nEND\nsay_done install dpkg -i /run/package.deb",
    look: "hello; dpkg -s hello",
    before: /not found/,
    after: /^Hello, world![\s\S]*^Status: install ok installed$/m,
  },
];

process.exitCode = (await runDemo()) ? 0 : 1;

async function runDemo(): Promise<boolean> {
  const live = makeLiveSystem(() =>
    say("Making the live system: this takes a minute or two, once"),
  );
  say(
    `Live system: Debian with Linux ${live.version}, squashfs of ${formatMebibytes(readFileSync(live.base).length)}`,
  );
  const initramfs = makeInitramfs(live);
  say(`Initramfs by "backstore initramfs": ${formatMebibytes(readFileSync(initramfs).length)}`);
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true });
  writeRescueMedium(live, initramfs);
  writeStore({ type: "ext4", label: "mychanges", path: store });
  say(
    'Medium: a GPT disk laid out like SystemRescue\'s; store: an empty ext4 labelled "mychanges"',
  );

  const look = changes
    .map(({ look }, index) => `say_done look-${index} sh -c ${quote(look)}`)
    .join("\n");
  const change = changes
    .map(({ action }) => action)
    .join("\n")
    .replace("PACKAGE", readFileSync(live.package).toString("base64"));
  const boots: readonly DemoBoot[] = [
    {
      title: "First boot, cow_label=mychanges: the base as it came, then six changes",
      cmdline: "cow_label=mychanges",
      session: "persistent",
      actions: `${look}\n${change}`,
      wanted: "before",
    },
    {
      title: "Second boot, cow_label=mychanges: every change is there",
      cmdline: "cow_label=mychanges",
      session: "persistent",
      actions: look,
      wanted: "after",
    },
    {
      title: "Third boot, without the option: the untouched base",
      cmdline: "",
      session: "volatile",
      actions: look,
      wanted: "before",
    },
  ];
  for (const [index, boot] of boots.entries()) {
    if (!(await runBoot({ boot, index, live, initramfs }))) return false;
  }
  say("Every check held.");
  return true;
}

interface DemoBoot {
  readonly title: string;
  readonly cmdline: string;
  readonly session: string;
  readonly actions: string;
  /** Which of a change's two patterns must match what the guest sees. */
  readonly wanted: "before" | "after";
}

interface DemoRun {
  readonly boot: DemoBoot;
  readonly index: number;
  readonly live: LiveSystem;
  readonly initramfs: string;
}

async function runBoot({ boot, index, live, initramfs }: DemoRun): Promise<boolean> {
  say(boot.title);
  const actions = join(directory, "actions.img");
  writeActions(actions, boot.actions);
  const result = await executeBoot({
    directory: join(directory, `boot-${index + 1}`),
    kernel: unpackKernel(live.vmlinuz),
    initramfs,
    cmdline: boot.cmdline,
    disks: [
      { name: "medium", file: medium },
      { name: "store", file: store },
      { name: "actions", file: actions, readonly: true },
    ],
    memoryMegabytes: 1024,
    processors: 2,
    timeoutMs: 400_000,
  });
  if (!result.finished) return fail(`the guest ${result.ending}`, result);
  for (const line of readAnnouncement(result)) say(`  console: ${line}`);
  const session = readSession(result);
  if (!check(`the session is ${boot.session}`, session === boot.session))
    return fail(`it is ${session}`, result);
  for (const [at, change] of changes.entries()) {
    const seen = result.facts.text("done", `look-${at}`) ?? "";
    const state = boot.wanted === "before" ? "as it came" : "kept";
    const told = `${state.padEnd(10)}  ${change.place}: ${describeSeen(seen)}`;
    if (!check(told, change[boot.wanted].test(seen))) return fail(seen, result);
  }
  if (index === 0) {
    const installed = result.facts.text("done", "install") ?? "";
    for (const { title, place } of changes) say(`  did    ${title}: ${place}`);
    if (!check("dpkg installed the package", /status 0$/m.test(installed)))
      return fail(installed, result);
  }
  say(`  the guest ${result.ending}`);
  return true;
}

function writeRescueMedium(live: LiveSystem, initramfs: string): void {
  const partition = join(directory, "partition.img");
  writeMedium(partition, {
    kind: "vfat",
    label: "RESCUE1100",
    tree: {
      "sysresccd/x86_64/airootfs.sfs": { file: live.base },
      "sysresccd/boot/x86_64/vmlinuz": { file: live.vmlinuz },
      "sysresccd/boot/x86_64/sysresccd.img": { file: initramfs },
      "sysrescue.d/100-defaults.yaml": "---\nglobal:\n    cow_directory: demo\n",
    },
  });
  writeDisk(medium, "gpt", [{ file: partition, name: "medium" }]);
  rmSync(partition);
}

// What backstore says on the console, without the kernel's own lines.
function readAnnouncement({ console }: BootResult): string[] {
  return console
    .split("\n")
    .filter((line) => /^backstore: /.test(line))
    .slice(0, 5);
}

function readSession({ facts }: BootResult): string {
  try {
    return String(JSON.parse(facts.text("boot") ?? "").session);
  } catch {
    return "unknown: there is no boot.json that can be read";
  }
}

function describeSeen(text: string): string {
  return (
    text
      .trim()
      .split("\n")
      .filter((line) => !/^status \d+$/.test(line))
      .at(0)
      ?.slice(0, 60) ?? ""
  );
}

function check(what: string, holds: boolean): boolean {
  say(`  ${holds ? "ok    " : "FAILED"} ${what}`);
  return holds;
}

function fail(why: string, { console }: BootResult): false {
  say(`FAILED: ${why.trim()}`);
  process.stdout.write(`The guest's console ended with:\n${formatTail(console, 40)}\n`);
  return false;
}

function say(text: string): void {
  process.stdout.write(
    `[${((performance.now() - start) / 1000).toFixed(1).padStart(6)} s] ${text}\n`,
  );
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

function formatMebibytes(bytes: number): string {
  return `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
}
