// On a stick that an ISO image was written onto whole.

import type { EntryStore } from "../../core/install/entry-store.ts";
import {
  keptBlocksFile,
  programFile,
  recordFile,
  slots,
} from "../../core/install/install-record.ts";
import type { MediumFiles } from "../../core/install/plan-changes.ts";
import { type EfiPlan, planEfi } from "../../core/install/plan-efi.ts";
import {
  addonOf,
  type ImagePlan,
  mostBytes,
  planImage,
  readImageFiles,
} from "../../core/install/plan-image.ts";
import type { InstallRequest } from "../../core/install/plan-install.ts";
import {
  chooseSessionBlock,
  partitionPath,
  planStickSession,
  planStickUninstall,
} from "../../core/install/plan-stick.ts";
import { findUndoing } from "../../core/install/undo-stick.ts";
import { readEfiPartition } from "../../core/iso/efi-partition.ts";
import type { Patch } from "../../core/iso/patches.ts";
import type { Plan } from "../../core/steps/step.ts";
import { Failure } from "../../core/text/failure.ts";
import { formatPath } from "../../core/text/quoted.ts";
import { formatSize } from "../../core/text/size.ts";
import { renderPlan } from "../../report/plan.ts";
import { requireStoreTools } from "../../system/create/store-partition.ts";
import { withWork } from "../../system/initramfs/write-archive.ts";
import { changeEfi, type EfiRequest } from "../../system/install/change-efi.ts";
import { type InspectedStick, inspectStick } from "../../system/install/inspect-stick.ts";
import { hasFiles, makeSession } from "../../system/install/make-session.ts";
import { sumTextOn } from "../../system/install/sum-text.ts";
import { withDisk } from "../../system/install/with-disk.ts";
import type { System } from "../../system/port/system.ts";
import { execute } from "../../system/steps/execute.ts";
import { showProgress } from "../command-line/progress.ts";
import { readStoreFlags } from "../command-line/store-flags.ts";
import { tellOutcome, tellPlan } from "../command-line/tell.ts";
import type { MediumWork, TargetOf } from "./medium-work.ts";
import { withAddon } from "./prepare-addon.ts";
import { type ChosenStore, chooseStore, findNumber, findStore, makeStore } from "./stick-store.ts";
import { requireServed, tellInstall } from "./tell-install.ts";

/** What is done there. */
export const stick: MediumWork<"stick"> = { install, uninstall };

type Target = TargetOf<"stick">;

function install(target: Target): void {
  const { command, invocation, medium, cannot } = target;
  const { system } = invocation;
  const asked = readStoreFlags(command, invocation.arguments);
  if (asked.size !== undefined) requireStoreTools(system);
  const inspected = putBack(target, inspectStick(system, medium.path, cannot));
  withAddon(invocation, (made) => {
    const size = asked.size;
    const store =
      size === undefined
        ? undefined
        : chooseStore(target, inspected.stick, { size, sessionBytes: mostBytes(made) });
    const there = store ?? findStore(inspected.stick);
    const entry: EntryStore | undefined =
      store === undefined ? (asked.entry ?? inspected.installed?.record.store) : undefined;
    const named = there && ({ kind: "label", label: there.label } as const);
    installOn(target, inspected, { request: { ...made, store: entry ?? named }, store });
  });
}

/** Finishes the undoing of what was interrupted, so that all begins from the image as it was. */
function putBack(target: Target, inspected: InspectedStick): InspectedStick {
  const { invocation, medium, cannot } = target;
  const { image, unfinished, stick: facts } = inspected;
  const isDry = invocation.arguments.switches.has("dry-run");
  if (unfinished === undefined || isDry) return inspected;
  const undoing = findUndoing(image, unfinished.kept, facts.stores.length > 0);
  const plan = planStickUninstall(facts, image.source, undoing);
  if (plan.steps.length === 0) return inspected;
  carryOut(target, plan);
  return inspectStick(invocation.system, medium.path, cannot);
}

interface Wanted {
  readonly request: InstallRequest;
  readonly store: ChosenStore | undefined;
}

function installOn(target: Target, inspected: InspectedStick, wanted: Wanted): void {
  const { request, store } = wanted;
  const { invocation, medium, cannot } = target;
  const { path } = medium;
  const { original } = inspected;
  const efi = planEfi(original, request.store);
  const files = readImageFiles(original, cannot);
  const planned = planImage(original, {
    ...{ files, request, sum: sumTextOn(invocation.system) },
    efi: efi && { plan: efi, patches: [] },
  });
  const { changes } = planned;
  requireServed(invocation, { path, changes }, cannot);
  const isSame = isInstalled(invocation.system, inspected, { planned, request });
  const isDry = invocation.arguments.switches.has("dry-run");
  const isUnchanged = isSame && !store?.isNew;
  // Whether a session has a place is known before the first byte.
  if (!isSame) {
    requireOwnEfi(inspected, cannot);
    chooseSessionBlock(inspected.stick, mostBytes(request), cannot);
  }
  const number =
    isDry || isUnchanged
      ? findNumber(inspected.stick, store)
      : writeAll(target, putBackEfi(target, inspected, isSame), {
          ...{ ...wanted, isSame, files, efi },
        });
  tellInstall(invocation, {
    ...{ path, changes },
    own: isSame ? [] : [addonOf(planned) ?? "", programFile],
    state: isUnchanged ? "unchanged" : isDry ? "planned" : "done",
    store: store && {
      path: partitionPath(path, number),
      bytes: store.part.bytes,
      ...{ type: store.type, isNew: store.isNew, isPartition: true },
    },
  });
  if (original.facts.implantedSum !== undefined) invocation.system.say("stderr", sumNote);
}

/** One that took the place of a full one lies behind the session, where the next one would be. */
function requireOwnEfi({ image, original }: InspectedStick, cannot: string): void {
  const [now, before] = [image, original].map(
    ({ source, facts }) => readEfiPartition(source, facts)?.block,
  );
  if (now === before) return;
  throw new Failure(
    "no-room",
    `${cannot}: its larger EFI partition came with a new image, and leaves no room for another session`,
    "make another new image, with --label if it is for a store, and write that to the stick",
  );
}

/** It is of the first bytes of the stick, and making it anew would read all of them. */
const sumNote =
  "Note: the checksum that is implanted in the image does not match any more; do not start the entry that tests the medium\n";

/** An EFI partition has one place for the add-on: the new one is added to it as it was. */
function putBackEfi(target: Target, inspected: InspectedStick, isSame: boolean): InspectedStick {
  const { image, installed, stick: facts } = inspected;
  if (isSame || installed === undefined) return inspected;
  const undoing = findUndoing(image, installed.kept, facts.stores.length > 0);
  if (undoing.efi.length === 0) return inspected;
  carryOut(target, planStickUninstall(facts, image.source, undoing));
  return inspectStick(target.invocation.system, target.medium.path, target.cannot);
}

/** What undoes it is not compared: it depends on what was there. */
function isInstalled(
  system: System,
  { image, installed }: InspectedStick,
  { planned, request }: { readonly planned: ImagePlan; readonly request: InstallRequest },
): boolean {
  if (installed === undefined) return false;
  const { version, store } = installed.record;
  if (version !== request.version || JSON.stringify(store) !== JSON.stringify(request.store))
    return false;
  const files = planned.files.filter(
    (file) => file.path !== keptBlocksFile && !slots.some((slot) => file.path === recordFile(slot)),
  );
  return hasFiles(system, image, files);
}

interface Work extends Wanted {
  readonly isSame: boolean;
  readonly files: MediumFiles;
  readonly efi: EfiPlan | undefined;
}

/** Makes the store and the session, and returns the number of the store's partition. */
function writeAll(
  target: Target,
  inspected: InspectedStick,
  { request, store, isSame, files, efi: plan }: Work,
): number {
  const { cannot, invocation } = target;
  const { system } = invocation;
  return withWork(system, "write a session", (work) => {
    const { addon } = request;
    const efi =
      plan && !isSame ? changeRoomyEfi(target, { plan, addon, mayMove: false, work, cannot }) : [];
    // What is kept is what is there before the store is in a table.
    const planned = planImage(inspected.original, {
      ...{ files, request, sum: sumTextOn(system) },
      efi: plan && { plan, patches: efi },
    });
    const number = store?.isNew
      ? makeStore(target, store, work)
      : findNumber(inspected.stick, store);
    if (!isSame) writeSession(target, inspected, { planned, request, efi, work });
    return number;
  });
}

function changeRoomyEfi({ invocation }: Target, request: EfiRequest): readonly Patch[] {
  try {
    return changeEfi(invocation.system, request).patches;
  } catch (error) {
    if (!(error instanceof Failure) || error.code !== "no-room") throw error;
    throw new Failure(
      error.code,
      `${error.message}; it cannot be made larger on a stick`,
      "make a new image with --to, and write that to the stick",
    );
  }
}

interface NewSession {
  readonly planned: ImagePlan;
  readonly request: InstallRequest;
  readonly efi: readonly Patch[];
  readonly work: string;
}

function writeSession(
  target: Target,
  { original }: InspectedStick,
  { planned, request, efi, work }: NewSession,
): void {
  const { invocation, cannot } = target;
  const { system } = invocation;
  const { path } = target.medium;
  // A partition for a store may have come since it was inspected first.
  const { image, stick: facts } = inspectStick(system, path, cannot);
  const block = chooseSessionBlock(facts, mostBytes(request), cannot);
  const session = makeSession(system, {
    ...{ medium: path, current: image, original, block, files: planned.files, efi, work, cannot },
  });
  const file = `${work}/whole`;
  system.writeFile(file, session.bytes);
  carryOut(target, planStickSession(facts, session, { file, image: image.source }));
  if (inspectStick(system, path, cannot).installed === undefined)
    throw new Failure("tool", `${cannot}: what was installed could not be undone`);
}

/** Executes a plan of writing to a stick. */
export function carryOut({ invocation, medium, cannot }: Target, plan: Plan): void {
  withDisk(invocation.system, medium.path, cannot, () =>
    execute(invocation.system, plan, {
      progress: showProgress(invocation, "writing"),
      reading: showProgress(invocation, "reading back"),
    }),
  );
}

function uninstall(target: Target): void {
  const { invocation, medium, cannot } = target;
  const { path } = medium;
  const inspected = inspectStick(invocation.system, path, cannot);
  const { image, installed, unfinished, stick: facts } = inspected;
  const known = installed ?? unfinished;
  const hasStores = facts.stores.length > 0;
  const undoing = findUndoing(image, known?.kept ?? [], hasStores);
  const plan = planStickUninstall(facts, image.source, undoing);
  const files =
    plan.steps.length === 0
      ? []
      : (known?.record.files ?? []).map((file) => ({
          path: file.path,
          what: file.kept === null ? "removed" : "restored",
        }));
  const json = () => ({ changed: plan.steps.length > 0, files });
  if (tellPlan(invocation, () => ({ text: () => renderPlan(plan), json }))) return;
  if (plan.steps.length > 0) carryOut(target, plan);
  const text =
    plan.steps.length === 0
      ? `Nothing is installed on ${formatPath(path)}\n`
      : [
          `Put ${formatPath(path)} back as it was: ${files.length} files restored\n`,
          `What was written behind the image, from ${formatSize(facts.imageBytes)} on, stays there and is no part of it${hasStores ? "; so does the store" : ""}\n`,
        ].join("");
  tellOutcome(invocation, { text: () => text, json });
}
