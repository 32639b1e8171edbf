// Which line of a tool's output says why it failed: a row for each tool that words it in its own
// way. Observed with the tools of Debian 12 and 13, in the language C.

/** How a tool reports. */
interface Wording {
  /** What it says besides: its version, its progress, advice for who typed it. */
  readonly besides?: RegExp;
  /** What it begins the reason with; the first such line is the reason. */
  readonly reason?: RegExp;
}

const e2fsprogs: Wording = {
  besides:
    /^\w+ \d+\.\d+\S* \(|^Couldn't find valid filesystem superblock|^You must have r\/w access|: aborted$|RUN fsck MANUALLY|^\(i\.e\.|^ *(?:or|e2fsck -b \d+ <device>)$|^Abort\? |^Pass \d|^\S+: [*]{5}/,
  reason:
    /^The filesystem size \(|^\S+: The filesystem size \(|^\S+ while |^\w+: .+ while |^\w+: |^Invalid /,
};
const xfsprogs: Wording = {
  besides: /^Phase \d|^ +- |^Exiting now|^Use -F to force|^Usage: |^\/\* |^attempting to find/,
  reason: /^\w+: |^Invalid value|^Filesystem must|^ERROR: |^bad primary superblock/,
};
const btrfsProgs: Wording = {
  besides: /^NOTE: |^Opening filesystem|^ {6}/,
  reason: /^ERROR: /,
};
const f2fsTools: Wording = { besides: /^Info: |^Done: /, reason: /^\[ASSERT\]|^Error: |\[Fail\]/ };

const wordings: Readonly<Record<string, Wording>> = {
  "mkfs.ext2": e2fsprogs,
  "mkfs.ext3": e2fsprogs,
  "mkfs.ext4": e2fsprogs,
  tune2fs: e2fsprogs,
  resize2fs: e2fsprogs,
  e2fsck: e2fsprogs,
  e2image: e2fsprogs,
  e2undo: e2fsprogs,
  "mkfs.xfs": xfsprogs,
  xfs_admin: xfsprogs,
  xfs_growfs: xfsprogs,
  xfs_io: xfsprogs,
  xfs_repair: xfsprogs,
  btrfs: btrfsProgs,
  "mkfs.btrfs": btrfsProgs,
  "fsck.f2fs": f2fsTools,
  f2fslabel: f2fsTools,
  exfatlabel: { besides: /^exfatprogs version|^new label/ },
  fatlabel: { besides: /: warning - |^There are differences between boot sector/ },
  mksquashfs: { reason: /^FATAL ERROR|^Cannot / },
  unsquashfs: { besides: /^\[|^Parallel unsquashfs|^\d+ inodes/, reason: /^FATAL ERROR|^Failed / },
  depmod: { besides: /WARNING: /, reason: /^depmod: ERROR|^depmod: FATAL/ },
  wipefs: { reason: /^wipefs: error: / },
};

/** The words of the C library for what the kernel refuses: no line says more. */
const refusals =
  /permission denied|not permitted|read-only file ?system|no space left|quota exceeded|input\/output error|resource busy|text file busy|file too large|no such (?:file|device)|too many open files|name too long|(?:cannot allocate|out of) memory|needs cleaning|not supported/i;

/**
 * Returns the line of a failed tool's output that says why; the last one if none is known to, and
 * "" if it said nothing.
 */
export function chooseReasonLine(tool: string, output: string): string {
  const { besides, reason } = Object.hasOwn(wordings, tool) ? (wordings[tool] ?? {}) : {};
  const lines = output
    .split(/[\n\r]/)
    .map((line) => line.trim())
    .filter((line) => line !== "");
  const left = lines.filter((line) => besides?.test(line) !== true);
  return (
    left.find((line) => refusals.test(line)) ??
    left.find((line) => reason?.test(line) === true) ??
    left.at(-1) ??
    lines.at(-1) ??
    ""
  );
}
