// Faults in the takeover of another initramfs's root: in one guest each system call that changes
// something is made to fail in turn, on the real kernel. Whatever it is, a root is in place, with
// what it had, and the verdict is right. One of them is seen from the boot of a distribution.

import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { runTool } from "../../scripts/lib/tool.ts";
import { formatCpio } from "../../src/core/initramfs/cpio.ts";
import { withDirectories } from "../../src/core/initramfs/initramfs-contents.ts";
import { makeKillAt } from "../tools/make-kill-at.ts";
import type { BootResult } from "./boot-request.ts";
import { claimDirectory } from "./claim.ts";
import { writeMedium } from "./disks/media.ts";
import { writeStore } from "./disks/stores.ts";
import { writeActions } from "./guest/actions.ts";
import { makeBase } from "./guest/base.ts";
import { makeDebianInitramfs } from "./guest/debian-initramfs.ts";
import { makeInitramfs } from "./guest/initramfs.ts";
import { inTurn } from "./in-turn.ts";
import { chooseLane, executeIn, kernelOf } from "./lane.ts";
import { dracut, label } from "./scenarios/addon-debian.ts";

const lane = chooseLane();
const missing = lane === "uml" ? [] : ["User Mode Linux"];
if (process.getuid?.() !== 0) missing.push("root");
const reason = missing.length === 0 ? "" : ` (skipped: no ${missing.join(", no ")})`;

const medium = "/dev/ubda";
const ownUpper = "/run/overlayfs";
const store = "/run/initramfs/backstore/store";

describe.skipIf(missing.length > 0)(`faults in a takeover${reason}`, () => {
  test("faults: a call that fails leaves a root with all that it had, and the verdict says which", {
    timeout: 1_800_000,
  }, async () => {
    const lines = (await inTurn(runGuest, lane)).trimEnd().split("\n");
    const attempts = lines.map(parseAttempt);
    expect(attempts.length, lines.join("\n")).toBeGreaterThan(40);
    expect(attempts.map(judge).filter((finding) => finding !== undefined)).toEqual([]);
    const calls = attempts.map(({ call }) => call.split(" ")[0]);
    const kinds = ["mount", "umount2", "open_tree", "move_mount", "rename", "fsync"];
    expect(calls).toEqual(expect.arrayContaining(kinds));
    const sessions = attempts.map(({ session }) => session);
    expect(sessions).toEqual(expect.arrayContaining(["persistent", "volatile"]));
  });

  test("fault-boots: behind dracut with systemd, a boot whose takeover fails at the end has the root of the distribution", {
    timeout: 1_800_000,
  }, async () => {
    const { console, facts, finished } = await inTurn(bootWithFault, lane);
    expect(finished, console).toBe(true);
    expect(facts.text("done", "calls")).toMatch(/ umount2 .*\n(.*\n)*.* move_mount /);
    const verdict = JSON.parse(facts.text("boot") ?? "{}");
    expect(verdict.session).toBe("volatile");
    expect(verdict.failures).toEqual([expect.objectContaining({ step: "replace-root" })]);
    expect(verdict.reason).toContain("I/O error");
    expect(facts.text("file", "/etc/early")).toBe("written early\n");
    expect(facts.text("file", "/srv/new")).toBe("new\n");
    expect(facts.text("done", "root")).toMatch(/,upperdir=\/run\/overlayfs,.*\nstatus 0\n$/);
    expect(facts.text("done", "ours")).toBe("status 1\n");
  });
});

/** What was there after one fault. */
interface Attempt {
  readonly line: string;
  readonly fault: number;
  readonly session: string;
  readonly upper: string;
  readonly below: string;
  readonly early: string;
  readonly writes: string;
  readonly reason: string;
  readonly call: string;
}

function parseAttempt(line: string): Attempt {
  const [fault, session = "", upper = "", below = "", early = "", writes = "", ...rest] =
    line.split(" ");
  const [reason = "", ...call] = rest;
  return {
    ...{ line, fault: Number(fault), session, upper, below, early, writes, reason },
    call: call.join(" "),
  };
}

/** Returns the line of an attempt if something is wrong with it. */
function judge(attempt: Attempt): string | undefined {
  const { line, fault, session, upper, below, early, writes, reason, call } = attempt;
  const isWhole = early === "early" && writes === "yes" && below === medium;
  const isKept = upper === `${store}/fault-${fault}/upperdir`;
  const isRight = session === "persistent" ? isKept : upper === ownUpper && reason === "yes";
  const isFault = fault === 0 ? session === "persistent" : call !== "none";
  return isWhole && isRight && isFault ? undefined : line;
}

async function runGuest(): Promise<string> {
  const directory = join(claimDirectory(), "take-over-faults");
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true });
  const place = (name: string) => join(directory, name);
  const tree = {
    "LiveOS/squashfs.img": { file: makeBase() },
    "tools/backstore-init": { file: resolve("dist/backstore") },
    "tools/kill-at": { file: makeKillAt() },
    "tools/faults": { file: "test/machines/guest/take-over-faults.sh" },
  };
  writeMedium(place("medium.img"), { kind: "iso9660", label: "LIVE", tree });
  writeStore({ type: "ext4", label: "store", path: place("store.img") });
  const tools = "/run/backstore/medium/tools";
  writeActions(
    place("actions.img"),
    `mkdir -p /tools; cp ${tools}/* /tools
say_done faults /tools/faults /tools ${medium}`,
  );
  const kernel = kernelOf(lane);
  const result = await executeIn(lane, {
    directory,
    kernel,
    initramfs: makeInitramfs(kernel),
    cmdline: "backstore=off",
    disks: [
      { name: "medium", file: place("medium.img") },
      { name: "store", file: place("store.img") },
      { name: "actions", file: place("actions.img"), readonly: true },
    ],
    memoryMegabytes: 512,
    timeoutMs: 600_000,
  });
  expect(result.finished, result.console).toBe(true);
  const said = result.facts.text("done", "faults") ?? "";
  for (const name of ["medium", "store", "actions"]) rmSync(place(`${name}.img`));
  expect(said).toMatch(/\nstatus 0\n$/);
  return said.replace(/status 0\n$/, "");
}

/**
 * Boots behind a distribution's initramfs; when the root was unmounted, the new one cannot be put in
 * its place.
 */
async function bootWithFault(): Promise<BootResult> {
  const directory = join(claimDirectory(), "take-over-fault-boots");
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true });
  const place = (name: string) => join(directory, name);
  const kernel = kernelOf(lane);
  const wanted = { generator: "dracut-systemd", release: "trixie" } as const;
  const initramfs = readFileSync(makeDebianInitramfs(wanted, kernel));
  writeFileSync(place("initramfs"), Buffer.concat([initramfs, formatFaulty()]));
  const tree = { [dracut.image]: { file: makeBase() } };
  writeMedium(place("medium.img"), { kind: "vfat", label, tree });
  writeStore({ type: "ext4", label: "store", path: place("store.img") });
  writeActions(
    place("actions.img"),
    `say_done calls cat /run/calls
echo new > /srv/new
say_files /etc/early /srv/new
say_done root grep '^LiveOS_rootfs / ' /proc/mounts
say_done ours grep ' /run/initramfs/backstore/' /proc/mounts`,
  );
  const result = await executeIn(lane, {
    directory,
    kernel,
    initramfs: place("initramfs"),
    cmdline: `${dracut.cmdline} cow_label=store`,
    disks: [
      { name: "medium", file: place("medium.img") },
      { name: "store", file: place("store.img") },
      { name: "actions", file: place("actions.img"), readonly: true },
    ],
    memoryMegabytes: 512,
  });
  // Fails if anything is wrong.
  runTool(["e2fsck", "-fn", place("store.img")]);
  for (const name of ["medium", "store", "actions"]) rmSync(place(`${name}.img`));
  return result;
}

/** Returns an archive that starts the program of the add-on under the one that makes a call fail. */
function formatFaulty(): Uint8Array {
  const script = `#!/bin/sh
exec /kill-at /run/calls fail:move_mount:1 /faulty/backstore-init "$@"
`;
  const programs = {
    "backstore-init": Buffer.from(script),
    "faulty/backstore-init": readFileSync("dist/backstore"),
    "kill-at": readFileSync(makeKillAt()),
  };
  const entries = Object.entries(programs).map(
    ([path, data]) => ({ kind: "file", path, mode: 0o755, data }) as const,
  );
  return gzipSync(formatCpio(withDirectories(entries)), { level: 1 });
}
