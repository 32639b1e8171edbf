// On a stick of Ventoy: its own partition stays as it is; the list of what it unpacks into the
// initramfs of images gets the add-on.

import { planChanges } from "../../core/install/plan-changes.ts";
import { readImageFiles } from "../../core/install/plan-image.ts";
import { planInstall } from "../../core/install/plan-install.ts";
import {
  findOriginal,
  planVentoyChanges,
  prepareUndoing,
  type VentoyFacts,
  type VentoyOriginal,
  writeWhole,
} from "../../core/install/plan-ventoy.ts";
import { parseVentoy, ventoyFile } from "../../core/install/ventoy-json.ts";
import { Failure } from "../../core/text/failure.ts";
import { formatFew, formatPath, formatShellWord } from "../../core/text/quoted.ts";
import { describeFamily } from "../../report/install.ts";
import { inspectImage } from "../../system/install/inspect-image.ts";
import { findSame } from "../../system/install/inspect-tree.ts";
import { inspectVentoy } from "../../system/install/inspect-ventoy.ts";
import { withMedium } from "../../system/install/with-medium.ts";
import { usage } from "../command-line/arguments.ts";
import { readStoreFlags } from "../command-line/store-flags.ts";
import { finishInstall, finishUninstall, withStoreHeld } from "./finish-install.ts";
import type { MediumWork, TargetOf } from "./medium-work.ts";
import { withInjection } from "./prepare-addon.ts";

/** What is done there. */
export const ventoy: MediumWork<"ventoy"> = { install, uninstall };

type Target = TargetOf<"ventoy">;

function install(target: Target): void {
  const { command, invocation, medium, cannot } = target;
  const { system } = invocation;
  const { path } = medium;
  const asked = readStoreFlags(command, invocation.arguments);
  if (asked.entry?.kind === "label")
    throw usage(command, '"--label" is for boot menus, which a stick of Ventoy has in its images');
  withMedium(system, path, cannot, () => {
    const facts = inspectVentoy(system, path, cannot);
    const before = requireOriginal(facts, cannot);
    const chosen = chooseImages(target, facts, before);
    for (const image of chosen)
      if (!before.chosen.includes(image)) requireWay(target, facts, { image, before });
    withInjection(invocation, (made) => {
      const form = "tar.gz" as const;
      const installed = { ...facts.installed, form, current: new Map([[ventoyFile, facts.text]]) };
      const { plan, changes } = planInstall(
        { ...installed, same: findSame(system, installed, { addon: made.addon, cannot }) },
        (archive) => planVentoyChanges(facts, { ...before, chosen }, archive),
        { ...made, store: undefined },
      );
      withStoreHeld(target, asked, (held) => {
        finishInstall(target, {
          ...{ path, changes, size: asked.size, held },
          plan: { ...plan, steps: writeWhole(plan.steps) },
          notes: notesOf(before),
        });
      });
    });
  });
}

function requireOriginal(facts: VentoyFacts, cannot: string): VentoyOriginal {
  const found = findOriginal(facts);
  if (found !== undefined) return found;
  throw new Failure(
    "damaged",
    `${cannot}: ${formatPath(ventoyFile)} cannot be read as JSON, or has a list twice`,
    "mend it first; Ventoy checks it with F5",
  );
}

/** Chooses those that are named, and those of an earlier run. */
function chooseImages(
  { invocation, medium, cannot }: Target,
  { images }: VentoyFacts,
  { chosen }: VentoyOriginal,
): string[] {
  const named = invocation.arguments.values.get("iso") ?? [];
  if (named.length === 0 && chosen.length > 0) return [...chosen];
  const [only, another] = images;
  if (only === undefined) throw new Failure("not-found", `${cannot}: there is no ISO image on it`);
  if (named.length === 0 && another === undefined) return [only];
  if (named.length === 0)
    throw new Failure(
      "usage",
      `${cannot}: it has the images ${formatFew(images.map(formatPath))}`,
      `name one: --iso ${formatShellWord(only)}`,
    );
  const found = named.map((name) => {
    const below = name.startsWith(`${medium.path}/`) ? name.slice(medium.path.length) : name;
    const path = below.startsWith("/") ? below : `/${below}`;
    if (images.includes(path)) return path;
    throw new Failure(
      "not-found",
      `${cannot}: it has no image ${formatPath(path)}, but ${formatFew(images.map(formatPath))}`,
    );
  });
  return [...new Set([...chosen, ...found])];
}

/** Throws a Failure unless what Ventoy unpacks gets into the boot of an image. */
function requireWay(
  { invocation: { system }, medium, cannot }: Target,
  { text }: VentoyFacts,
  { image, before }: { readonly image: string; readonly before: VentoyOriginal },
): void {
  const { original } = inspectImage(system, `${medium.path}${image}`, cannot);
  const files = readImageFiles(original, cannot);
  const { family } = planChanges(files, { addon: "" });
  const name = formatPath(image);
  if (family === undefined)
    throw new Failure("not-found", `${cannot}: no live system is recognised in ${name}`);
  const reason = describeFamily(family);
  if (reason !== undefined)
    throw new Failure("not-found", `${cannot}: ${name} is ${family.name}: ${reason}`);
  if (family.way === "rdinit")
    throw new Failure(
      "not-found",
      `${cannot}: the kernel of ${name} (${family.name}) has to start the add-on, which Ventoy unpacks later`,
      `make a new image: backstore install ${formatShellWord(`${medium.path}${image}`)} --to NEW.iso`,
    );
  const { injections = [] } = parseVentoy(before.original ?? text ?? "") ?? {};
  const other = injections.find((injection) => injection.image === image && !injection.isOwn);
  if (other !== undefined)
    throw new Failure(
      "in-use",
      `${cannot}: Ventoy unpacks ${formatPath(other.archive ?? "")} for ${name} already, and takes one archive for each image`,
    );
}

function notesOf({ original }: VentoyOriginal): string[] {
  const { variants = [] } = parseVentoy(original ?? "") ?? {};
  return variants.map(
    (key) =>
      `${formatPath(ventoyFile)} has ${formatPath(key)} too, which counts there instead of "injection"`,
  );
}

function uninstall(target: Target): void {
  const { invocation, medium, cannot } = target;
  const { system } = invocation;
  withMedium(system, medium.path, cannot, () => {
    const facts = inspectVentoy(system, medium.path, cannot);
    finishUninstall(target, prepareUndoing(facts, requireOriginal(facts, cannot)));
  });
}
