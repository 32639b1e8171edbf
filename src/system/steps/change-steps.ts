// How changes are taken out of an upper directory: by descriptors, without following a link,
// whatever a store contains.

import { parseBase64 } from "../../core/bytes/base64.ts";
import type { OverlayLayers } from "../../core/changes/compare-layers.ts";
import { isOwnAttribute } from "../../core/changes/layer.ts";
import { isSameTree } from "../../core/revert/same-tree.ts";
import type { ChangeStepArguments } from "../../core/steps/change-steps.ts";
import { directoryOf } from "../../core/text/path.ts";
import { withOverlay } from "../changes/inspect-changes.ts";
import { ifPossible } from "../port/errors.ts";
import { keepXattr } from "../port/keep-xattr.ts";
import { errnoOf, type Opened, type System } from "../port/system.ts";
import { removeContents } from "../port/temporary.ts";
import { oneWay, type Performers } from "./performers.ts";

/** Returns the functions that perform these steps. */
export function performChange(system: System): Performers<ChangeStepArguments> {
  return {
    "take-out": oneWay(system, takeOut),
    "describe-directory": oneWay(system, describeDirectory),
    "forget-origin": oneWay(system, forgetOrigin),
    "take-out-same": oneWay(system, takeOutSame),
    "remove-aside": oneWay(system, removeAside),
  };
}

/** Takes an entry out of an upper directory, if it is there. */
function takeOut(system: System, { upper, path, aside }: ChangeStepArguments["take-out"]): void {
  inDirectory(system, `${upper}${path}`, (name) => {
    const kind = system.linkStatus(name)?.kind;
    if (kind === undefined) return;
    if (kind !== "directory") system.removeFile(name);
    else if (!removeIfEmpty(system, name)) moveAside(system, name, aside);
  });
}

function removeIfEmpty(system: System, path: string): boolean {
  try {
    system.removeDirectory(path);
    return true;
  } catch (error) {
    if (errnoOf(error) !== "ENOTEMPTY") throw error;
    return false;
  }
}

/** At once, what is below it is gone from the upper directory. */
function moveAside(system: System, path: string, aside: string): void {
  inDirectory(system, aside, (name) => {
    if (system.linkStatus(name) === undefined) system.makeDirectory(name, 0o700);
    const directory = system.openDirectory(name);
    try {
      let number = 1;
      while (system.linkStatus(`${directory.path}/${number}`) !== undefined) number++;
      system.rename(path, `${directory.path}/${number}`);
    } finally {
      directory.close();
    }
  });
}

function describeDirectory(
  system: System,
  { upper, path, mode, uid, gid, xattrs }: ChangeStepArguments["describe-directory"],
): void {
  inDirectory(system, path === "/" ? upper : `${upper}${path}`, (name) => {
    if (system.linkStatus(name)?.kind !== "directory") return;
    system.setOwner(name, uid, gid);
    for (const one of system.listXattrs(name))
      if (!(one in xattrs) && !isOwnAttribute(one, "trusted") && !isOwnAttribute(one, "user"))
        system.removeXattr(name, one);
    for (const [one, value] of Object.entries(xattrs))
      keepXattr(system, name, { name: one, value: parseBase64(value) ?? new Uint8Array(0) });
    system.setMode(name, mode);
  });
}

function forgetOrigin(
  system: System,
  { upper, path, attribute }: ChangeStepArguments["forget-origin"],
): void {
  inDirectory(system, `${upper}${path}`, (name) => {
    if (system.linkStatus(name) !== undefined) system.removeXattr(name, attribute);
  });
}

function takeOutSame(
  system: System,
  { upper, lower, aside, copies }: ChangeStepArguments["take-out-same"],
): void {
  withOverlay(system, { upper, lower, space: "trusted" }, (layers) => {
    for (const { path, inode } of copies) {
      // One that cannot be read, or is hostile, does not keep the others.
      ifPossible(() => {
        const entry = layers.upper.look(path);
        if (entry?.inode !== inode || !isSameTree(layers, path)) return;
        takeOut(system, { upper, path, aside });
        removeEmptied(system, { upper, path, aside }, layers);
      });
    }
  });
}

/** Removes the directories above that are empty and like the base's. */
function removeEmptied(
  system: System,
  { upper, path, aside }: ChangeStepArguments["take-out"],
  layers: OverlayLayers,
): void {
  const above = path.slice(0, path.lastIndexOf("/"));
  if (above === "" || system.listBelow({ root: upper, path: above }, mostNames).length > 0) return;
  if (!isSameTree(layers, above)) return;
  takeOut(system, { upper, path: above, aside });
  removeEmptied(system, { upper, path: above, aside }, layers);
}

const mostNames = 1_000_000;

/** Removes what was moved aside. */
export function removeAside(system: System, { path }: ChangeStepArguments["remove-aside"]): void {
  inDirectory(system, path, (name, above) => {
    if (system.linkStatus(name)?.kind !== "directory") return;
    const directory = system.openDirectory(name);
    try {
      removeContents(system, directory.path);
    } finally {
      directory.close();
    }
    system.removeDirectory(name);
    system.sync(above);
  });
}

function inDirectory(
  system: System,
  path: string,
  use: (name: string, directory: string) => void,
): void {
  let directory: Opened;
  try {
    directory = system.openDirectory(directoryOf(path));
  } catch (error) {
    if (["ENOENT", "ENOTDIR", "ELOOP"].includes(errnoOf(error) ?? "")) return;
    throw error;
  }
  try {
    use(`${directory.path}${path.slice(path.lastIndexOf("/"))}`, directory.path);
  } finally {
    directory.close();
  }
}
