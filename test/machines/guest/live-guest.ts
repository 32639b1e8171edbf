// The live system as a guest: boots with deeds to do, each a shell command and its expected result.
// The guest runs them when systemd is up (scripts/demo-guest.sh) and reports their output; the host
// compares. The demo shows it, the tests of systemd.test.ts collect what is wrong.

import { join } from "node:path";
import type { LiveSystem } from "../../../scripts/live-system.ts";
import { type BootResult, formatTail } from "../boot-request.ts";
import { executeFirmwareBoot, type FirmwareName } from "../firmware.ts";
import type { GuestFacts } from "../guest-facts.ts";
import { executeIn, kernelOf, type Lane } from "../lane.ts";
import type { Disk } from "../machine.ts";
import { writeActions } from "./actions.ts";
import { type DebianInitramfs, makeDebianInitramfs } from "./debian-initramfs.ts";
import { makeInitramfs } from "./initramfs.ts";
import type { Kernel } from "./kernel.ts";
import { makeMkinitcpioInitramfs } from "./mkinitcpio.ts";

/** One command to run or result to verify in a guest. */
export interface Deed {
  readonly title: string;
  /** A shell command, which may have several lines. */
  readonly command: string;
  /** The output that it must have on stdout or stderr. */
  readonly says?: RegExp;
  /** Its exit status; 0 by default. */
  readonly status?: number;
}

/** One boot of a live system. */
export interface LiveBoot {
  readonly title: string;
  /** Kernel arguments; none by default. */
  readonly cmdline?: string;
  readonly session: "persistent" | "readonly" | "volatile";
  /** Which firmware starts the boot loader of the first disk, whose menu has the arguments. */
  readonly firmware?: FirmwareName;
  /** The deeds in their order, one after the other. */
  readonly deeds: readonly Deed[];
  /** How the guest ends, as a user would end it, or by a power failure; "reboot" by default. */
  readonly ending?: "reboot" | "poweroff" | "halt" | "kexec" | "cut";
  /**
   * The deeds, instead of the boot's own, with the kernel that "kexec" starts; then the guest
   * powers off.
   */
  readonly afterwards?: readonly Deed[];
}

/** The machine that is booted. */
export interface LiveGuest {
  readonly live: LiveSystem;
  /** "qemu" when left out. */
  readonly lane?: Lane;
  /** Whose initramfs boots, with the add-on behind it; ours by default. */
  readonly initramfs?: DebianInitramfs | "mkinitcpio" | undefined;
  readonly disks: readonly Disk[];
  /** Two by default. */
  readonly processors?: number;
  /** A directory for logs, one below it for each boot. */
  readonly directory: string;
  /** Called again and again while a boot runs, with what has been done and said so far. */
  readonly follow?: (deeds: readonly DoneDeed[], console: string) => void;
}

/** The result of a deed. */
export interface DoneDeed {
  readonly deed: Deed;
  /** Its output, without its status. */
  readonly said: string;
  /** Why it is not as expected; undefined if it is. */
  readonly finding: string | undefined;
}

/** The result of a boot: the list of what is wrong is empty if all is as expected. */
export interface LiveResult {
  readonly result: BootResult;
  readonly deeds: readonly DoneDeed[];
  readonly findings: readonly string[];
}

// It is for ending what hangs. On a machine that was busy with nine times what it has processors
// for, a boot took three minutes instead of twenty seconds.
const bootLimitMs = 800_000;

/** Boots a live system, lets it do the deeds of the boot, and returns what is not as expected. */
export async function executeLiveBoot(
  guest: LiveGuest,
  boot: LiveBoot,
  number: number,
): Promise<LiveResult> {
  const { live, lane = "qemu", initramfs } = guest;
  const kernel = lane === "uml" ? kernelOf(lane) : live;
  const actions = join(guest.directory, "actions.img");
  writeActions(actions, formatActions(boot));
  const wanted = [...boot.deeds, ...(boot.afterwards ?? [])];
  const compareAll = (facts: GuestFacts) =>
    wanted.map((deed, index) => compareDeed(deed, facts.text("done", nameOf(index))));
  const request = {
    directory: join(guest.directory, `boot-${number}`),
    disks: [...guest.disks, { name: "actions", file: actions, readonly: true }],
    memoryMegabytes: 1024,
    processors: guest.processors ?? 2,
    timeoutMs: boot.afterwards === undefined ? bootLimitMs : 2 * bootLimitMs,
    // A machine that has halted stays on until somebody switches it off.
    isOver: (console: string) => boot.ending === "halt" && hasHalted(console),
    follow: (facts: GuestFacts, console: string) =>
      guest.follow?.(compareAll(facts).slice(0, facts.names("done").length), console),
  };
  const result = await (boot.firmware === undefined
    ? executeIn(lane, {
        ...request,
        kernel,
        initramfs: chooseInitramfs(initramfs, kernel),
        cmdline: boot.cmdline ?? "",
      })
    : executeFirmwareBoot(boot.firmware, request));
  const deeds = compareAll(result.facts);
  const isOver = boot.ending === "halt" ? hasHalted(result.console) : result.finished;
  const findings = [
    ...(isOver ? [] : [`the guest ${result.ending}`]),
    ...compareSession(boot, result),
    ...deeds.flatMap(({ finding }) => finding ?? []),
  ];
  const tail = findings.length === 0 ? [] : [`console:\n${formatTail(result.console)}`];
  return { result, deeds, findings: [...findings, ...tail] };
}

function chooseInitramfs(initramfs: LiveGuest["initramfs"], kernel: Kernel): string {
  if (initramfs === undefined) return makeInitramfs(kernel);
  if (initramfs === "mkinitcpio") return makeMkinitcpioInitramfs(kernel);
  return makeDebianInitramfs(initramfs, kernel);
}

function hasHalted(console: string): boolean {
  return console.includes("reboot: System halted");
}

function formatActions({ deeds, afterwards = [], ending = "reboot" }: LiveBoot): string {
  const lines = [...deeds, ...afterwards].map(
    ({ command }, index) => `say_done ${nameOf(index)} bash -c ${quote(command)}`,
  );
  const [first, second] = [lines.slice(0, deeds.length), lines.slice(deeds.length)];
  if (ending !== "kexec") return [`ending=${ending}`, ...first].join("\n");
  return [
    `if grep -qw ${afterKexec} /proc/cmdline; then`,
    ...["ending=poweroff", ...second],
    "else",
    ...["ending=kexec", ...first],
    "fi",
  ].join("\n");
}

/**
 * The argument on the command line of the kernel started by kexec, which distinguishes it from the
 * first one.
 */
export const afterKexec = "guest.kexec";

function nameOf(index: number): string {
  return `deed-${index + 1}`;
}

function compareDeed(deed: Deed, text: string | undefined): DoneDeed {
  const said = (text ?? "").replace(/status \d+\n$/, "");
  const finding = describeDifference(deed, text);
  return {
    deed,
    said,
    finding: finding && `"${deed.title}" ${finding}: ${said.trim()}`,
  };
}

function describeDifference(deed: Deed, text: string | undefined): string | undefined {
  if (text === undefined) return "was not done";
  const status = Number(/status (\d+)\n$/.exec(text)?.[1]);
  if (status !== (deed.status ?? 0)) return `ended with status ${status}, not ${deed.status ?? 0}`;
  if (deed.says?.test(text) === false) return `does not say ${deed.says}`;
  return undefined;
}

function compareSession({ session }: LiveBoot, { facts }: BootResult): string[] {
  const text = facts.text("boot");
  if (text === undefined) return ["there is no boot.json"];
  const found: unknown = JSON.parse(text).session;
  return found === session ? [] : [`the session is ${JSON.stringify(found)}, not "${session}"`];
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
