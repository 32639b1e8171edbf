// On an ISO image, of which a new one is made.

import { programFile } from "../../core/install/install-record.ts";
import { type EfiPlan, planEfi, planWrites } from "../../core/install/plan-efi.ts";
import { addonOf, mostBytes, planImage, readImageFiles } from "../../core/install/plan-image.ts";
import type { InstallRequest } from "../../core/install/plan-install.ts";
import type { IsoFacts } from "../../core/iso/iso-facts.ts";
import { blockBytes } from "../../core/iso/volume.ts";
import { Failure } from "../../core/text/failure.ts";
import { directoryOf } from "../../core/text/path.ts";
import { formatPath } from "../../core/text/quoted.ts";
import { requireKept } from "../../system/create/require-kept.ts";
import { withWork } from "../../system/initramfs/write-archive.ts";
import { changeEfi } from "../../system/install/change-efi.ts";
import { type InspectedImage, inspectImage } from "../../system/install/inspect-image.ts";
import { makeSession } from "../../system/install/make-session.ts";
import { sumTextOn } from "../../system/install/sum-text.ts";
import {
  appendSession,
  copyImage,
  implantSum,
  type NewImage,
  requirePlace,
  sumImage,
  writeImage,
} from "../../system/install/write-image.ts";
import { resolveOwnLinks } from "../../system/port/resolve-own-links.ts";
import { requireTool } from "../../system/port/tool.ts";
import { showProgress } from "../command-line/progress.ts";
import { readStoreFlags } from "../command-line/store-flags.ts";
import { tellOutcome } from "../command-line/tell.ts";
import type { MediumWork, TargetOf } from "./medium-work.ts";
import { withAddon } from "./prepare-addon.ts";
import { requireServed, tellInstall } from "./tell-install.ts";

/** What is done there. */
export const image: MediumWork<"image"> = { install, uninstall };

type Target = TargetOf<"image">;

function install(target: Target): void {
  const { command, invocation, medium, cannot } = target;
  const asked = readStoreFlags(command, invocation.arguments);
  if (asked.size !== undefined)
    throw new Failure(
      "usage",
      `${cannot}: a store cannot be in an ISO image`,
      "make one on the stick that it is written onto",
    );
  const inspected = inspectImage(invocation.system, medium.path, cannot);
  if (inspected.original.tree.names === "plain")
    throw new Failure(
      "usage",
      `${cannot}: its files have neither names of Rock Ridge nor of Joliet`,
      "copy them into a directory, install there with --tree, and make an image of that",
    );
  const store = asked.entry ?? inspected.installed?.record.store;
  withAddon(invocation, (made) => installOn(target, inspected, { ...made, store }));
}

function installOn(target: Target, inspected: InspectedImage, request: InstallRequest): void {
  const { invocation, medium, cannot } = target;
  const { original } = inspected;
  const plan = planEfi(original, request.store);
  const writes = plan && planWrites(plan, request.addon.bytes);
  const larger = writes?.isFull ? writes.neededBytes + (plan?.partition.source.bytes ?? 0) : 0;
  const planned = planImage(original, {
    ...{ files: readImageFiles(original, cannot), request, sum: sumTextOn(invocation.system) },
    efi: plan && { plan, patches: [], isMoved: writes?.isFull ?? false },
  });
  const { changes } = planned;
  requireServed(invocation, { path: medium.path, changes }, cannot);
  const place = requireNew(target, original.source.bytes + mostBytes(request) + larger);
  const isDry = invocation.arguments.switches.has("dry-run");
  if (!isDry) {
    for (const tool of neededTools(original.facts, plan))
      requireTool(invocation.system, { action: "write a session with the new files", tool });
    writeImage(invocation.system, place, (file) => {
      const sha512 = copyOriginal(target, inspected, file);
      addSession(target, file, { request, sha512 });
    });
  }
  const own = [addonOf(planned) ?? "", programFile];
  const path = isDry ? medium.path : medium.to;
  const notes = larger === 0 ? [] : ["its EFI partition is full: a larger one takes its place"];
  tellInstall(invocation, {
    ...{ path, changes, own, notes, state: isDry ? "planned" : "done" },
  });
}

/** Found to be missing only behind a long copy, they would have cost a person's time. */
function neededTools({ implantedSum }: IsoFacts, plan: EfiPlan | undefined): string[] {
  const mtools = plan === undefined ? [] : ["mmd", "mcopy"];
  return ["xorriso", ...mtools, ...(implantedSum === undefined ? [] : ["implantisomd5"])];
}

function requireNew({ invocation, medium, cannot }: Target, bytes: number): NewImage {
  const { system, arguments: given } = invocation;
  const to = medium.to.includes("/") ? medium.to : `./${medium.to}`;
  const name = to.slice(to.lastIndexOf("/") + 1);
  if (name === "") throw new Failure("usage", `${cannot}: ${formatPath(to)} has no name of a file`);
  const above = directoryOf(to);
  if (system.status(above)?.kind !== "directory")
    throw new Failure("not-found", `${cannot}: no such directory: ${formatPath(above)}`);
  if (!given.switches.has("force")) requireKept(system, to, cannot);
  const directory = resolveOwnLinks(system, above, cannot);
  const path = directory === "/" ? `/${name}` : `${directory}/${name}`;
  const place: NewImage = { path, replaces: given.switches.has("force"), cannot };
  requirePlace(system, place, { from: medium.path, bytes });
  return place;
}

/** Copies an image as it was before anything was installed on it, and returns its digest. */
function copyOriginal(
  { invocation, medium, cannot }: Target,
  { original, installed }: InspectedImage,
  file: string,
): string {
  const { system } = invocation;
  copyImage(system, {
    ...{ from: medium.path, to: file, bytes: original.source.bytes },
    patches: installed?.kept ?? [],
    progress: showProgress(invocation, "writing"),
  });
  const verify = (path: string) => sumImage(system, path, showProgress(invocation, "verifying"));
  const found = verify(file);
  const wanted = installed === undefined ? verify(medium.path) : installed.record.iso.sha512;
  if (wanted === undefined || found === wanted) return found;
  throw new Failure(
    "damaged",
    installed === undefined
      ? `${cannot}: the copy reads back differently, or the image was changed meanwhile`
      : `${cannot}: without what was installed, it is not the image that it was`,
  );
}

function addSession(
  { invocation, cannot }: Target,
  file: string,
  { request, sha512 }: { readonly request: InstallRequest; readonly sha512: string },
): void {
  const { system } = invocation;
  const { image: current } = inspectImage(system, file, cannot);
  withWork(system, "write a session", (work) => {
    const plan = planEfi(current, request.store);
    const { addon } = request;
    const { patches, larger } =
      plan === undefined
        ? { patches: [], larger: undefined }
        : changeEfi(system, { plan, addon, mayMove: true, work, cannot });
    const { files } = planImage(current, {
      ...{ files: readImageFiles(current, cannot), request, sha512, sum: sumTextOn(system) },
      efi: plan && { plan, patches, isMoved: larger !== undefined },
    });
    const block = Math.ceil(current.source.bytes / blockBytes);
    const session = makeSession(system, {
      ...{ medium: file, current, original: current, block, files, efi: patches, work, cannot },
      larger,
    });
    appendSession(system, file, session);
  });
  const { implantedSum } = current.facts;
  if (implantedSum !== undefined) implantSum(system, file, implantedSum);
  if (inspectImage(system, file, cannot).installed === undefined)
    throw new Failure("tool", `${cannot}: what was installed could not be undone`);
}

function uninstall(target: Target): void {
  const { invocation, medium, cannot } = target;
  const { system, arguments: given } = invocation;
  const inspected = inspectImage(system, medium.path, cannot);
  const { installed, original } = inspected;
  if (installed === undefined) {
    const text = `Nothing is installed on ${formatPath(medium.path)}\n`;
    tellOutcome(invocation, { text: () => text, json: () => ({ changed: false, files: [] }) });
    return;
  }
  const files = installed.record.files.map(({ path, kept }) => ({
    path,
    what: kept === null ? "removed" : "restored",
  }));
  const place = requireNew(target, original.source.bytes);
  const isDry = given.switches.has("dry-run");
  if (!isDry) writeImage(system, place, (file) => copyOriginal(target, inspected, file));
  const made = isDry ? "Would write" : "Wrote";
  const text = `${made} ${formatPath(medium.to)} as it was before: ${original.source.bytes} bytes\n`;
  tellOutcome(invocation, { text: () => text, json: () => ({ changed: true, files }) });
}
