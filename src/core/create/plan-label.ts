// How each type of file system gets another label, and how long that may be. Facts: tune2fs(8), xfs_admin(8), xfs_io(8),
// btrfs-filesystem(8), f2fslabel(8), fatlabel(8), exfatlabel(8), and each format's superblock.

import { findLabelFault, type LabelLimit } from "../file-systems/labels.ts";
import type { Plan } from "../steps/step.ts";
import { Failure } from "../text/failure.ts";
import { formatPath, formatQuoted } from "../text/quoted.ts";

interface Labelling {
  readonly longest: number;
  readonly unit: LabelLimit["unit"];
  readonly unmounted: (path: string, label: string) => readonly string[];
  /** Undefined where it has to be unmounted for that. */
  readonly mounted:
    | ((
        mount: { readonly source: string; readonly target: string },
        label: string,
      ) => readonly string[])
    | undefined;
  /** What its tools can be given, where that is less than the format could hold. */
  readonly taken?: { readonly pattern: RegExp; readonly words: string };
}

/** Other letters need a locale that says how they are encoded, and not every system has one. */
const ascii = { pattern: /^[\x20-\x7e]+$/, words: "letters without accents, digits and signs" };

const ext: Labelling = {
  longest: 16,
  unit: "bytes",
  unmounted: (path, label) => ["tune2fs", "-L", label, path],
  mounted: ({ source }, label) => ["tune2fs", "-L", label, source],
};

const labellings: Readonly<Record<string, Labelling>> = {
  ext2: ext,
  ext3: ext,
  ext4: ext,
  xfs: {
    longest: 12,
    unit: "bytes",
    unmounted: (path, label) => ["xfs_admin", "-L", label, path],
    mounted: ({ target }, label) => ["xfs_io", "-c", `label -s ${label}`, target],
    // xfs_io cuts its command at every space, and xfs_admin gives the label to a shell.
    taken: { pattern: /^[\w.:+@%-]+$/, words: "letters, digits and . : + @ % _ -" },
  },
  btrfs: {
    // The field holds 255; btrfs-progs 6.2 says that it wrote them, and writes 254.
    longest: 254,
    unit: "bytes",
    unmounted: (path, label) => ["btrfs", "filesystem", "label", path, label],
    mounted: ({ target }, label) => ["btrfs", "filesystem", "label", target, label],
  },
  f2fs: {
    longest: 511,
    unit: "characters",
    unmounted: (path, label) => ["f2fslabel", path, label],
    mounted: undefined,
  },
  vfat: {
    longest: 11,
    unit: "bytes",
    unmounted: (path, label) => ["fatlabel", path, label],
    mounted: undefined,
    taken: ascii,
  },
  exfat: {
    longest: 11,
    unit: "characters",
    unmounted: (path, label) => ["exfatlabel", path, label],
    mounted: undefined,
    taken: ascii,
  },
};

/** Is a file system that is to be labelled. */
export interface LabelFacts {
  /** The device or image file. */
  readonly path: string;
  /** blkid's word; undefined where nothing was recognised. */
  readonly type: string | undefined;
  /** The device that is mounted, and where; undefined when it is not. */
  readonly mount: { readonly source: string; readonly target: string } | undefined;
  /** Why it must not be touched although it is not mounted, and what helps; undefined when it may. */
  readonly use: { readonly reason: string; readonly hint: string } | undefined;
}

/** Plans a label; throws a Failure for one that cannot be written. */
export function planLabel({ path, type, mount, use }: LabelFacts, label: string): Plan<undefined> {
  const cannot = `Cannot label ${formatPath(path)}`;
  if (type === undefined) throw new Failure("not-found", `${cannot}: no file system is there`);
  const labelling = Object.hasOwn(labellings, type) ? labellings[type] : undefined;
  if (labelling === undefined) {
    throw new Failure(
      "unsafe",
      `${cannot}: it is ${type}, and only ${Object.keys(labellings).join(", ")} can be labelled`,
    );
  }
  const { longest, unit, unmounted, mounted, taken } = labelling;
  const fault = findLabelFault(label, { type, longest, unit });
  if (fault !== undefined) throw new Failure("usage", `${cannot}: ${fault}`);
  if (label.startsWith("-"))
    throw new Failure("usage", `${cannot}: a label that begins with "-" is taken for an option`);
  if (taken !== undefined && !taken.pattern.test(label)) {
    throw new Failure(
      "usage",
      `${cannot}: the tools of ${type} take ${taken.words} in a label, and not ${formatQuoted(label)}`,
    );
  }
  if (mount === undefined && use !== undefined)
    throw new Failure("in-use", `${cannot}: ${use.reason}`, use.hint);
  if (mount !== undefined && mounted === undefined) {
    throw new Failure(
      "in-use",
      `${cannot}: it is mounted on ${formatPath(mount.target)}`,
      `unmount it first: umount ${formatPath(mount.target)}`,
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
