// How the label of a file system is changed.

import { findLabelFault, labellings } from "../file-systems/labels.ts";
import type { Plan } from "../steps/step.ts";
import { Failure } from "../text/failure.ts";
import { formatList, formatPath, formatQuoted } from "../text/quoted.ts";

/** A file system to label. */
export interface LabelFacts {
  /** The device or image file. */
  readonly path: string;
  /** The type as blkid names it; undefined if nothing was identified. */
  readonly type: string | undefined;
  /** The mounted device and its mount point; undefined if it is not mounted. */
  readonly mount: { readonly source: string; readonly target: string } | undefined;
  /** Whether the running session needs that mount. */
  readonly isOfSession?: boolean;
  /**
   * Why it must not be changed although it is not mounted, and what helps; undefined if it may be.
   */
  readonly use: { readonly reason: string; readonly hint: string } | undefined;
}

/** Plans a label; throws a Failure for one that cannot be written. */
export function planLabel(
  { path, type, mount, isOfSession, use }: LabelFacts,
  label: string,
): Plan<undefined> {
  const cannot = `Cannot label ${formatPath(path)}`;
  if (type === undefined)
    throw new Failure("not-found", `${cannot}: no file system was recognised on it`);
  const labelling = Object.hasOwn(labellings, type) ? labellings[type] : undefined;
  if (labelling === undefined) {
    throw new Failure(
      "unsafe",
      `${cannot}: it is ${type}, but only ${formatList(Object.keys(labellings), "and")} can be labelled`,
    );
  }
  const { longest, unit, unmounted, mounted, taken } = labelling;
  const fault = findLabelFault(label, { type, longest, unit });
  if (fault !== undefined) throw new Failure("usage", `${cannot}: ${fault}`);
  if (label.startsWith("-")) throw new Failure("usage", `${cannot}: a label cannot begin with "-"`);
  if (taken !== undefined && !taken.pattern.test(label)) {
    throw new Failure(
      "usage",
      `${cannot}: the tools for ${type} accept only ${taken.words} in a label, not ${formatQuoted(label)}`,
    );
  }
  if (mount === undefined && use !== undefined)
    throw new Failure("in-use", `${cannot}: ${use.reason}`, use.hint);
  if (mount !== undefined && mounted === undefined) {
    throw new Failure(
      "in-use",
      `${cannot}: it is mounted on ${formatPath(mount.target)}`,
      isOfSession === true
        ? "the running session needs it: label it in a session with backstore=off, or elsewhere"
        : `unmount it first: umount ${formatPath(mount.target)}`,
    );
  }
  const argv =
    mount === undefined || mounted === undefined ? unmounted(path, label) : mounted(mount, label);
  const action = `label ${formatPath(path)} ${formatQuoted(label)}`;
  return {
    title: `Label the ${type} file system on ${formatPath(path)} ${formatQuoted(label)}`,
    steps: [
      { do: "run-tool", action, argv },
      { do: "sync-file", path: mount?.source ?? path },
    ],
    result: undefined,
  };
}
