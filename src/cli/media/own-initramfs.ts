// Making our own initramfs for the kernel and the base of a medium, to be put there in place of the
// distribution's.

import { addonFile } from "../../core/install/install-record.ts";
import { findOwnBase } from "../../core/install/own-base.ts";
import { type MediumFiles, planChanges } from "../../core/install/plan-changes.ts";
import { mostHeaderBytes, readKernelRelease } from "../../core/kernel/kernel-image.ts";
import { Failure } from "../../core/text/failure.ts";
import { formatPath, formatQuoted } from "../../core/text/quoted.ts";
import { makeInitramfs } from "../../system/initramfs/make-initramfs.ts";
import { withWork } from "../../system/initramfs/write-archive.ts";
import { showProgress } from "../command-line/progress.ts";
import type { TargetOf } from "./medium-work.ts";
import { describe, type MadeAddon } from "./prepare-addon.ts";
import { requireServed } from "./tell-install.ts";

/**
 * Calls `use` while our own initramfs for a medium is in a directory of its own; throws a Failure
 * where there can be none.
 */
export function withOwnInitramfs<T>(
  target: TargetOf<"tree">,
  medium: MediumFiles,
  use: (made: MadeAddon) => T,
): T {
  const { invocation, cannot } = target;
  const { path } = target.medium;
  const { system } = invocation;
  const request = { addon: addonFile("1", "own"), isOwn: true };
  requireServed(invocation, { path, changes: planChanges(medium, request) }, cannot);
  const base = findOwnBase(medium, system.kernel().machine);
  if ("refused" in base) throw new Failure("not-found", `${cannot}: ${base.refused}`);
  const release = readRelease(target, base.kernels);
  return withWork(system, "make the initramfs", (work) => {
    const output = `${work}/own.img`;
    const initramfs = {
      ...{ modules: `${path}/${base.image}:${release}`, output, hasCheckers: true },
      ...{ firmware: undefined, compression: undefined, defaultOptions: undefined },
    };
    const progress = showProgress(invocation, "packing modules");
    const { bytes } = explained(cannot, () => makeInitramfs(system, initramfs, progress));
    return use(describe(invocation, { path: output, bytes }));
  });
}

/** Calls `make`; its Failures say what cannot be done on the medium. */
function explained<T>(cannot: string, make: () => T): T {
  try {
    return make();
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    const { code, message, hint } = error;
    // How to name other modules is for who calls "backstore initramfs".
    const kept = code === "tool" ? hint : undefined;
    throw new Failure(code, `${cannot}: ${message[0]?.toLowerCase()}${message.slice(1)}`, kept);
  }
}

/** Returns the release of all kernels, because an initramfs has the modules of one. */
function readRelease(
  { invocation, medium, cannot }: TargetOf<"tree">,
  kernels: readonly string[],
): string {
  const { system } = invocation;
  const releases = new Set<string>();
  for (const path of kernels) {
    const release = system.withFile({ root: medium.path, path }, ({ read }) =>
      readKernelRelease(read(0, mostHeaderBytes)),
    );
    if (release === undefined)
      throw new Failure(
        "not-found",
        `${cannot}: the kernel ${formatPath(path)} does not say which release it is`,
      );
    releases.add(release);
  }
  const [release = "", ...others] = releases;
  if (others.length === 0) return release;
  const list = [...releases].map((one) => formatQuoted(one)).join(", ");
  throw new Failure(
    "not-found",
    `${cannot}: its entries start kernels of several releases (${list}), and an initramfs is for one`,
  );
}
