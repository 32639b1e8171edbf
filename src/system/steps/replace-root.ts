// How a root that another initramfs has assembled is replaced. Everything is copied to no place
// first: the new root, the old one as the way back, and what is mounted below it. Only then is
// anything unmounted, and lazily, so that an open file does not matter.

import { isWithin, type Mount } from "../../core/kernel/mount-table.ts";
import type { MountStepArguments } from "../../core/steps/mount-steps.ts";
import { makeDirectories } from "../port/files.ts";
import type { Opened, System } from "../port/system.ts";
import { undoing } from "../port/undo.ts";

/** Replaces a root; if that fails, the old one is in its place. */
export function replaceRoot(
  system: System,
  { root, by }: MountStepArguments["replace-root"],
): void {
  const opened: Opened[] = [];
  const clone = (path: string) => {
    const made = system.cloneMounts(path);
    opened.push(made);
    return made.path;
  };
  try {
    const made = clone(by);
    const back = clone(root);
    const below = listTopBelow(system.mounts(), root).map((target) => ({
      target,
      mounts: clone(target),
    }));
    // Where mounts are shared, as under systemd, the copies are their peers: what is mounted below
    // them would go from the copies as well when it is unmounted.
    for (const target of [by, root])
      system.mount({ source: "none", target, flags: ["rec", "private"] });
    system.unmount(by, "lazy");
    system.unmount(root, "lazy");
    let isAttached = false;
    const goBack = () => {
      if (isAttached) system.unmount(root, "lazy");
      system.attachMounts(back, root);
    };
    undoing(goBack, () => {
      system.attachMounts(made, root);
      isAttached = true;
      for (const { target, mounts } of below) attachInside(system, { target, mounts });
    });
  } finally {
    for (const one of opened) one.close();
  }
}

/** Lists the mounts below a directory without those that are below another of them. */
function listTopBelow(mounts: readonly Mount[], root: string): string[] {
  const targets = mounts.map(({ target }) => target);
  const below = new Set(targets.filter((target) => target !== root && isWithin(target, root)));
  return [...below].filter(
    (target) => ![...below].some((other) => other !== target && isWithin(target, other)),
  );
}

/** A store may have put a link there, which would lead out of the root. */
function attachInside(
  system: System,
  { target, mounts }: { target: string; mounts: string },
): void {
  if (system.linkStatus(target) === undefined) makeDirectories(system, target, 0o755);
  system.openDirectory(target).close();
  system.attachMounts(mounts, target);
}
