// "backstore label": gives a file system the label by which a boot finds the store on it.

import { type LabelFacts, planLabel } from "../../core/create/plan-label.ts";
import { notThere } from "../../core/devices/missing.ts";
import { holdsDirectoryStore } from "../../core/file-systems/mounting.ts";
import { formatParameter } from "../../core/options/cmdline.ts";
import { nameInSession, sessionMounts } from "../../core/session/places.ts";
import type { Superblock } from "../../core/superblocks/superblock.ts";
import { Failure } from "../../core/text/failure.ts";
import { formatPath, formatQuoted } from "../../core/text/quoted.ts";
import { renderNotes } from "../../report/create.ts";
import { discoverDevices } from "../../system/devices/discover-devices.ts";
import { discoverImage } from "../../system/devices/discover-image.ts";
import { orFail } from "../../system/port/errors.ts";
import { requireWritable } from "../../system/port/require-writable.ts";
import { resolveOwnLinks } from "../../system/port/resolve-own-links.ts";
import type { System } from "../../system/port/system.ts";
import { requireTool } from "../../system/port/tool.ts";
import { execute } from "../../system/steps/execute.ts";
import { withHeldStore } from "../../system/stores/held-store.ts";
import { nameOfSession } from "../../system/stores/session-name.ts";
import { findLoopsOn } from "../../system/usage/loops-on.ts";
import { nameHolder } from "../../system/usage/name-holder.ts";
import type { Command, Invocation } from "../command-line/command.ts";
import { planTelling, tellingFlags, tellOutcome, tellPlan } from "../command-line/tell.ts";

/** The command. */
export const command: Command = {
  name: "label",
  usage: "label DEV NAME [OPTION]...",
  description: `
Sets the label of the file system on a device, or in an image file, to NAME, with the tool for its
type: ext2, ext3, ext4, xfs and btrfs even while mounted; f2fs, vfat and exfat only when not
mounted.`,
  flags: tellingFlags,
  operands: ["DEV", "NAME"],
  run,
};

function run(invocation: Invocation): number {
  const { system, arguments: given } = invocation;
  const [named = "", label = ""] = given.operands;
  const { path, kind } = locate(system, named);
  // The directory of an image may belong to somebody else, who can give its name to another file.
  return kind === "file"
    ? withHeldStore(system, path, (held) =>
        labelAt({ ...invocation, system: held }, { path, kind }, label),
      )
    : labelAt(invocation, { path, kind }, label);
}

/** What is labelled, with symbolic links resolved. */
interface Labelled {
  readonly path: string;
  readonly kind: "file" | "block";
}

function labelAt(invocation: Invocation, { path, kind }: Labelled, label: string): number {
  const { system } = invocation;
  const { facts, before } = learn(system, path);
  const plan = planLabel(facts, label);
  for (const step of plan.steps)
    if (step.do === "run-tool")
      requireTool(system, { action: step.action, tool: step.argv[0] ?? "" });
  if (facts.mount === undefined)
    requireWritable(system, { cannot: `Cannot label ${formatPath(path)}`, path });
  if (tellPlan(invocation, () => planTelling(plan))) return 0;
  execute(system, plan);
  const now = checkLabelled(system, facts, label);
  const notes = noteOthers(system, facts.path, now);
  const report = {
    path: facts.path,
    type: facts.type,
    uuid: now.uuid,
    label: now.label,
    before: before?.label,
    notes,
  };
  tellOutcome(invocation, {
    text: () => renderLabelled({ ...report, isFile: kind === "file" }),
    json: () => report,
    notes: () => renderNotes(notes),
  });
  return 0;
}

function locate(system: System, given: string): Labelled {
  const cannot = `Cannot label ${formatPath(given)}`;
  const kind = system.status(given)?.kind;
  if (kind === undefined) throw notThere(cannot, given);
  if (kind !== "file" && kind !== "block")
    throw new Failure("usage", `${cannot}: it is neither a file nor a block device`);
  const resolve = () =>
    kind === "file"
      ? nameOfSession(system, resolveOwnLinks(system, given, cannot))
      : system.resolve(given);
  return { path: orFail(cannot, resolve), kind };
}

function learn(
  system: System,
  path: string,
): { readonly facts: LabelFacts; readonly before: Superblock | undefined } {
  return orFail(`Cannot label ${formatPath(path)}: it cannot be read`, () => {
    const use = findUse(system, path);
    // The changes of a mounted file system may not be written back to its file yet.
    const before = readSuperblock(system, use.mount?.source ?? path);
    return { facts: { path, type: before?.type, ...use }, before };
  });
}

/** An image file is mounted through its loop device. */
function findUse(system: System, path: string): Pick<LabelFacts, "mount" | "isOfSession" | "use"> {
  const sources = [path, ...findLoopsOn(system, path)];
  const mount = system
    .mounts()
    .find(
      ({ source }) =>
        sources.includes(source) ||
        (source.startsWith("/dev/") &&
          system.status(source) !== undefined &&
          sources.includes(system.resolve(source))),
    );
  return {
    mount: mount && { source: system.resolve(mount.source), target: nameInSession(mount.target) },
    isOfSession: mount?.target.startsWith(sessionMounts) === true,
    use: nameHolder(system, path),
  };
}

/** Some tools report success without having done it. */
function checkLabelled(system: System, { path, mount }: LabelFacts, label: string): Superblock {
  const now = readSuperblock(system, mount?.source ?? path);
  // FAT keeps labels in capitals, however they were given.
  if (now?.label === label || (now?.type === "vfat" && now.label === label.toUpperCase()))
    return now;
  throw new Failure(
    "tool",
    `Cannot label ${formatPath(path)}: its tool reported success, but the label is ${formatQuoted(now?.label ?? "")}`,
  );
}

function readSuperblock(system: System, path: string): Superblock | undefined {
  return discoverImage(system, path)[0]?.superblock;
}

/** If two file systems have the same label, a boot uses neither. */
function noteOthers(system: System, path: string, now: Superblock): string[] {
  return discoverDevices(system)
    .filter(
      ({ path: other, superblock }) =>
        other !== path && superblock?.label === now.label && superblock?.uuid !== now.uuid,
    )
    .map((other) => `${formatPath(other.path)} has the same label: a boot uses neither of them`);
}

function renderLabelled({
  path,
  type,
  label = "",
  before,
  isFile,
}: {
  /** No boot looks for the label of a file system in a file. */
  readonly isFile: boolean;
  readonly path: string;
  readonly type: string | undefined;
  readonly label: string | undefined;
  readonly before: string | undefined;
}): string {
  const was = before === undefined ? "" : `, it was ${formatQuoted(before)}`;
  const isFound = !isFile && holdsDirectoryStore(type ?? "");
  const finding = isFound
    ? `A boot finds stores on it with the option: ${formatParameter({ name: "cow_label", value: label })}\n`
    : "";
  return `Labelled ${formatPath(path)} ${formatQuoted(label)}${was}\n${finding}`;
}
