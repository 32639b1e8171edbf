// What each command writes with --json, as validators: docs/schemas are made from them, and
// every object that a command writes in the tests is held against those.
import * as v from "valibot";
import { exitStatus } from "../../src/core/text/failure.ts";
import {
  amount,
  base,
  doneHead,
  flag,
  head,
  inUse,
  lastSession,
  maybe,
  meaning,
  modules,
  outcomeHead,
  plannedHead,
  problem,
  record,
  session,
  sessionKind,
  size,
  state,
  steps,
  text,
} from "./parts.ts";

/** The shapes of what one command writes. */
export interface Shape {
  /** The name of the schema's file, and of the command except for "error". */
  readonly name: string;
  /** What is written, as the end of "prints one JSON object: …". */
  readonly title: string;
  readonly schemas: readonly v.GenericSchema[];
}

const title = meaning(text, "What the plan is for.");

/** What would be done, with --dry-run. */
function planOf(result: v.GenericSchema, more: v.ObjectEntries = {}) {
  return v.strictObject({ ...plannedHead, title, steps, result, ...more });
}

const newStore = meaning(
  maybe(
    v.strictObject({
      store: meaning(text, "The store, or the device that gets the file system."),
      bytes: meaning(size, "Its size."),
      type: meaning(text, "The type of the file system that will contain the changes."),
      label: meaning(maybe(text), "The label of that file system."),
    }),
  ),
  "What will be there; unknown for a directory.",
);

const lostDevice = v.strictObject({
  path: meaning(text, "The device."),
  bytes: meaning(size, "Its size."),
  model: meaning(maybe(text), "The model of the disk."),
  serial: meaning(maybe(text), "Its serial number."),
  contents: meaning(
    v.array(
      v.strictObject({
        path: meaning(text, "The device or partition."),
        type: meaning(text, "The type, as blkid names it, or wipefs for a partition table."),
        label: meaning(maybe(text), "The label."),
        uuid: meaning(maybe(text), "The UUID."),
        partLabel: meaning(maybe(text), "The name of the partition."),
        partUuid: meaning(maybe(text), "The UUID of the partition."),
      }),
    ),
    "What would be lost; empty if nothing was identified.",
  ),
  hasUnknownData: meaning(flag, "Whether there is data that was not identified."),
});

const create = v.strictObject({
  ...doneHead,
  store: meaning(
    text,
    "The store: its file or directory, or the device with the file system for stores.",
  ),
  kind: meaning(v.picklist(["file", "device", "directory"]), "What was created."),
  bytes: meaning(maybe(size), "Its size; unknown for a directory."),
  type: meaning(text, "The type of the file system that contains the changes."),
  label: meaning(maybe(text), "The label of that file system."),
  uuid: meaning(maybe(text), "Its UUID."),
  host: meaning(
    maybe(
      v.strictObject({
        target: meaning(text, "Where it is mounted."),
        source: meaning(text, "Its device, as it was mounted."),
        type: meaning(text, "Its type, as the kernel names it."),
        model: meaning(maybe(text), "The model of the disk."),
      }),
    ),
    "The file system that a file or directory is on; unknown for a device.",
  ),
  options: meaning(
    maybe(text),
    'What a boot needs to find it: "" for nothing, unknown if no option can name it.',
  ),
  removable: meaning(maybe(flag), "Whether a boot searches the device without being told to."),
  notes: meaning(v.array(text), "What the user should know, a sentence each."),
});

const createPlan = planOf(newStore, {
  device: v.optional(meaning(lostDevice, "With `--device`: the device, and what would be lost.")),
});

const changed = meaning(flag, "Whether anything had to be done, or would have to.");

const resized = {
  operation: meaning(v.picklist(["grow", "shrink"]), "What was done, or would be."),
  store: meaning(text, "The store."),
  type: meaning(text, "The type of the file system in it."),
  online: meaning(flag, "Whether the running session uses it."),
  fromBytes: meaning(size, "The size that it had."),
  toBytes: meaning(size, "The size that it has now, or would have."),
  changed,
};

const resize = v.strictObject({ ...doneHead, ...resized });
const resizePlan = planOf(meaning(v.strictObject(resized), "What would come of it."));

/** What is not as it was where changes were carried from. */
const losses = {
  losses: meaning(
    v.array(
      v.strictObject({
        path: meaning(text, "The path, from the top of the system."),
        reason: meaning(
          text,
          "Why it is not as it was: the names in `src/report/exchange/carried.ts`.",
        ),
        attribute: meaning(maybe(text), "The attribute that was lost; unknown for other reasons."),
      }),
    ),
    "What is not as it was, at most 100 examples.",
  ),
  lossCount: meaning(size, "How many there are."),
};

const imported = v.strictObject({
  ...outcomeHead,
  from: meaning(text, "Where the changes come from, as it was named."),
  system: meaning(
    text,
    "What keeps changes so: `aufs`, `live-boot`, `casper`, `dracut`, `linux-live`, `oci`, or `overlay`.",
  ),
  store: meaning(text, "The store."),
  kind: meaning(v.picklist(["file", "directory", "device"]), "What the store is."),
  isNew: meaning(flag, "Whether it was, or would be, made."),
  options: meaning(
    maybe(text),
    "What a boot needs to find it on a device; unknown before, and for a file or a directory.",
  ),
  entries: meaning(maybe(size), "How many paths; unknown for an archive that was not read yet."),
  bytes: meaning(maybe(size), "What the files take; unknown for an archive."),
  looseFiles: meaning(size, "How many files have further names in the base (aufs)."),
  ...losses,
});

const copied = v.strictObject({
  ...outcomeHead,
  from: meaning(text, "The store that was copied, as it was named."),
  isInUse: meaning(flag, "Whether it was in use."),
  store: meaning(text, "The copy."),
  kind: meaning(v.picklist(["file", "directory", "device"]), "What the copy is."),
  isNew: meaning(flag, "Whether its place was, or would be, made."),
  options: meaning(
    maybe(text),
    "What a boot needs to find it on a device; unknown before, and for a file or a directory.",
  ),
  id: meaning(maybe(text), "The identity of the copy; unknown before, and if no session used it."),
  entries: meaning(size, "How many paths."),
  bytes: meaning(size, "What the files take."),
  ...losses,
});

const exported = v.strictObject({
  ...outcomeHead,
  from: meaning(text, "The store, as it was named."),
  file: meaning(text, "The file, or the directory of the image layout."),
  exportFormat: meaning(v.picklist(["oci", "tar", "squashfs"]), "The format."),
  compression: meaning(
    v.picklist(["none", "gzip", "zstd"]),
    "How the archive is compressed; `none` for squashfs, which does that itself.",
  ),
  entries: meaning(size, "How many paths, in an archive members."),
  bytes: meaning(size, "What the files take in the store."),
  fileBytes: meaning(maybe(size), "The size of the file, or the layer; unknown before."),
  digest: meaning(maybe(text), "The digest of the image's manifest; unknown for a file."),
  ...losses,
});

const label = v.strictObject({
  ...doneHead,
  path: meaning(text, "The device or image file."),
  type: meaning(maybe(text), "The type of the file system."),
  uuid: meaning(maybe(text), "Its UUID."),
  label: meaning(maybe(text), "Its label now; FAT keeps it in capitals."),
  before: meaning(maybe(text), "The label that it had."),
  notes: meaning(v.array(text), "What the user should know, a sentence each."),
});

const initramfsFacts = {
  output: meaning(text, "The file that is written, or would be."),
  release: meaning(text, "The release of the kernel."),
  compression: meaning(v.picklist(["zstd", "gzip"]), "How it is compressed."),
  modules: meaning(v.array(text), "The kernel modules in it, by their names."),
  groups: meaning(
    v.array(
      v.strictObject({
        group: meaning(text, "What they are for."),
        modules: meaning(v.array(text), "Those that the kernel has as modules."),
        builtin: meaning(v.array(text), "Those that are built into it."),
        missing: meaning(v.array(text), "Those that it does not have."),
      }),
    ),
    "What was looked for.",
  ),
  checkers: meaning(v.array(text), "The file system checkers in it, by the names of the tools."),
  baseCheckers: meaning(v.array(text), "Checkers that are left out because the image has them."),
  missingCheckers: meaning(
    v.array(
      v.strictObject({
        tool: meaning(text, "The tool."),
        reason: meaning(text, "Why it is missing, as the continuation of its name."),
        package: meaning(maybe(text), "The package to install, where that would help."),
      }),
    ),
    "Checkers that were wanted and cannot be included.",
  ),
  problems: meaning(v.array(text), "What is wrong with `--default`, a sentence each."),
};

const initramfsPlan = v.strictObject({ ...plannedHead, ...initramfsFacts });
const initramfs = v.strictObject({
  ...doneHead,
  ...initramfsFacts,
  bytes: meaning(size, "The size of the file that was written; missing with `--dry-run`."),
  firmware: meaning(v.array(text), "The firmware in it; missing with `--dry-run`."),
  missingFirmware: meaning(
    v.array(text),
    "Firmware that the modules ask for and that was not found; missing with `--dry-run`.",
  ),
});

const addonFacts = {
  output: initramfsFacts.output,
  compression: initramfsFacts.compression,
  hooks: meaning(v.array(text), "With `--addon`: the hooks in it."),
};
const addonPlan = v.strictObject({ ...plannedHead, ...addonFacts });
const addon = v.strictObject({ ...doneHead, ...addonFacts, bytes: size });

const changedFile = v.strictObject({
  path: meaning(text, "The file, from the top of the medium."),
  what: meaning(
    text,
    "`added`, `changed`, `corrected`, `restored`, `removed`, or what else is said of it.",
  ),
});

const install = v.looseObject({
  ...outcomeHead,
  changed,
  family: meaning(maybe(text), "The family of live systems."),
  entries: meaning(
    v.array(
      v.looseObject({
        file: meaning(text, "The menu that it is in."),
        title: meaning(text, "Its title."),
        loader: meaning(
          text,
          "`grub`, `syslinux`, `loader-spec`, `pxelinux`, `other`, or `ventoy`, where images take the place of entries.",
        ),
        changed: meaning(flag, "Whether it is changed."),
        reason: meaning(maybe(text), "Why it is left as it is, in a word."),
      }),
    ),
    "The entries of the boot menus.",
  ),
  files: meaning(
    v.array(changedFile),
    "The files that are changed, or would be; those that an earlier run has changed as well.",
  ),
});

const uninstall = v.looseObject({
  ...outcomeHead,
  changed,
  files: meaning(v.array(changedFile), "The files that are put back, or would be."),
});

const status = v.strictObject({
  ...head,
  session: v.picklist([
    "persistent",
    "readonly",
    "volatile",
    "foreign",
    "stopped",
    "unknown",
    "none",
  ]),
  claimed: maybe(sessionKind),
  reason: maybe(text),
  store: maybe(
    v.strictObject({
      kind: text,
      device: text,
      type: maybe(text),
      label: maybe(text),
      directory: text,
      file: maybe(text),
      hostType: maybe(text),
    }),
  ),
  medium: maybe(
    v.strictObject({
      device: text,
      label: maybe(text),
      layout: maybe(text),
      image: maybe(text),
      modules: maybe(v.array(text)),
      addon: maybe(text),
    }),
  ),
  room: maybe(
    v.strictObject({
      type: text,
      totalBytes: size,
      usedBytes: size,
      usedPercent: size,
      totalInodes: maybe(size),
      usedInodes: maybe(size),
      moreThanAtBootBytes: maybe(amount),
      sinceMs: maybe(size),
      fullInMs: maybe(v.number()),
    }),
  ),
  findings: v.array(v.strictObject({ level: v.picklist(["error", "warning"]), message: text })),
  problems: maybe(v.array(problem)),
  uptimeMs: size,
  version: maybe(text),
});

const fileSystem = { type: maybe(text), label: maybe(text), uuid: maybe(text) };
const common = {
  kind: v.picklist(["file", "directory"]),
  state,
  device: text,
  type: maybe(text),
  path: text,
  record: maybe(record),
  lastSession: maybe(lastSession),
  inUse: maybe(inUse),
};

const list = v.strictObject({
  ...head,
  stores: v.array(
    v.strictObject({
      ...common,
      ...fileSystem,
      removable: maybe(flag),
      subvolume: maybe(text),
      bytes: size,
      usedBytes: maybe(size),
      allocatedBytes: maybe(size),
      sharedBytes: maybe(size),
      sparse: flag,
      inner: maybe(v.strictObject({ ...fileSystem, type: text })),
      clean: maybe(flag),
      unclean: maybe(v.array(text)),
      unfinished: maybe(text),
      chosen: flag,
      reason: text,
    }),
  ),
  media: v.array(
    v.strictObject({ device: text, ...fileSystem, family: text, version: text, older: flag }),
  ),
  unseen: v.array(v.strictObject({ device: text, ...fileSystem, reason: text })),
  boot: v.strictObject({
    session: sessionKind,
    reason: maybe(text),
    problems: v.array(problem),
  }),
});

const repair = v.picklist(["remove-remains", "finish-resize", "replay", "file-system"]);
const check = v.strictObject({
  ...head,
  stores: v.array(
    v.strictObject({
      ...common,
      store: text,
      checked: flag,
      totalBytes: maybe(size),
      usedBytes: maybe(size),
    }),
  ),
  findings: v.array(
    v.strictObject({
      level: v.picklist(["error", "warning", "note"]),
      store: text,
      message: text,
      hint: maybe(text),
      repair: maybe(repair),
    }),
  ),
  unseen: v.array(v.strictObject({ device: text, reason: text })),
  repaired: v.array(v.strictObject({ repair, title: text })),
  plans: maybe(
    v.array(
      v.strictObject({
        repair,
        title: text,
        needsConsent: flag,
        steps,
        otherwise: maybe(v.looseObject({ repair, title: text, needsConsent: flag, steps })),
      }),
    ),
  ),
});

const plan = v.looseObject({ title: text, steps });
const option = v.strictObject({
  value: v.union([v.null(), text, flag, v.array(text), v.looseObject({})]),
  origin: v.union([text, v.strictObject({ file: text, line: v.optional(maybe(size)) })]),
});
const explain = v.strictObject({
  ...head,
  options: v.looseObject({ backstore: option, cow_label: option }),
  problems: v.array(problem),
  candidates: v.array(
    v.strictObject({
      device: text,
      ...fileSystem,
      removable: flag,
      model: maybe(text),
      bytes: size,
      file: v.optional(maybe(text)),
      accepted: flag,
      reason: text,
    }),
  ),
  copy: v.optional(maybe(plan)),
  verification: v.optional(maybe(plan)),
  plan,
  session: sessionKind,
  reason: v.optional(maybe(text)),
  store: v.optional(
    maybe(
      v.strictObject({
        kind: text,
        device: text,
        ...fileSystem,
        directory: text,
        file: v.optional(maybe(text)),
        hostType: v.optional(maybe(text)),
        bytes: v.optional(maybe(size)),
        allocatedBytes: v.optional(maybe(size)),
        sharedBytes: v.optional(maybe(size)),
        sparse: v.optional(maybe(flag)),
        overlay: maybe(text),
        new: flag,
        lastBase: v.optional(maybe(base)),
        lastSession: v.optional(maybe(session)),
        foreignMount: v.optional(maybe(text)),
      }),
    ),
  ),
  check: v.optional(maybe(v.looseObject({ result: text }))),
  chosenBy: v.optional(maybe(text)),
  medium: v.strictObject({
    device: v.optional(text),
    ...{ type: v.optional(maybe(text)), label: v.optional(maybe(text)) },
    layout: v.optional(text),
    image: v.optional(text),
    release: v.optional(maybe(text)),
    fingerprint: v.optional(maybe(text)),
    modules: v.optional(maybe(modules)),
    reason: v.optional(text),
  }),
  layers: v.array(text),
  way: v.picklist(["own", "addon"]),
  live: v.optional(maybe(v.looseObject({ family: text, root: text }))),
});

const error = v.looseObject({
  ...head,
  error: meaning(
    v.strictObject({
      code: meaning(
        v.picklist(Object.keys(exitStatus)),
        "The kind of failure, as the table of exit statuses in **backstore**(8) lists them.",
      ),
      status: meaning(size, "The exit status."),
      message: meaning(text, "What could not be done and why, as on standard error."),
      hint: meaning(maybe(text), "What the user can do."),
    }),
    "Why the command failed. What it found out before that is beside it.",
  ),
});

const total = v.strictObject({
  paths: meaning(size, "How many paths."),
  bytes: meaning(size, "The sum of `bytes`."),
  baseBytes: meaning(size, "The sum of `baseBytes`."),
});

const kindTotals = v.strictObject({
  added: total,
  modified: total,
  metadata: total,
  deleted: total,
  replaced: total,
  type: total,
  same: total,
});

const changedPath = meaning(
  text,
  "The path, from the top of the system. A byte of a name that is not UTF-8 is a lone surrogate, U+DC80 to U+DCFF.",
);

const change = v.strictObject({
  path: changedPath,
  kind: meaning(
    v.picklist(Object.keys(kindTotals.entries)),
    "The kind of change, as **backstore-changes**(8) lists them.",
  ),
  type: meaning(
    v.picklist(["file", "directory", "link", "block", "character", "fifo", "socket", "whiteout"]),
    "What is there now or, for `deleted`, what was; `whiteout` for a mark that deletes nothing.",
  ),
  bytes: meaning(
    size,
    "The content that the store has of it, without holes; a file with several names counts at the first.",
  ),
  baseBytes: meaning(size, "The length of what the base has there; 0 for a directory."),
  modified: meaning(maybe(text), "When it was modified; unknown for what is deleted."),
  from: meaning(maybe(text), "Where the base has what was moved here."),
});

const directorySum = v.strictObject({
  path: changedPath,
  totals: meaning(kindTotals, "The sums of each kind in this directory and below."),
});

const uncompared = v.strictObject({
  path: changedPath,
  reason: meaning(text, "Why it could not be compared."),
});

const changesSummary = v.strictObject({
  ...head,
  totals: meaning(kindTotals, "The sums of each kind, of all that was listed."),
  problems: meaning(size, "How many paths could not be compared."),
  isInMemory: meaning(
    maybe(flag),
    "Whether the changes are in memory alone; unknown for a store that was named.",
  ),
});

const secretPath = v.strictObject({
  path: changedPath,
  secret: meaning(
    v.picklist([
      "private-key",
      "host-key",
      "wifi",
      "token",
      "password-hash",
      "history",
      "browser",
      "machine-id",
    ]),
    "The kind of secret, as **backstore-changes**(8) lists them.",
  ),
  lines: meaning(v.array(size), "The lines that have one; empty where the whole file is one."),
});

const secretsSummary = v.strictObject({
  ...head,
  secrets: meaning(size, "How many such objects there are."),
  problems: meaning(size, "How many paths could not be looked at."),
});

const changedSum = {
  paths: meaning(size, "How many paths are changed, without those that are like the base's."),
  bytes: meaning(size, "The content that the store has of them."),
};

const comparedPackage = v.strictObject({
  package: meaning(text, "Its name; of dpkg with the architecture where it can have several."),
  state: meaning(
    v.picklist(["added", "changed", "removed", "kept"]),
    "What has become of it; `kept` has the version that the base has, and changed paths.",
  ),
  version: meaning(maybe(text), "Its version now; unknown if it is removed."),
  baseVersion: meaning(maybe(text), "Its version in the base; unknown if it is added."),
  ...changedSum,
});

const packagesSummary = v.strictObject({
  ...head,
  database: meaning(maybe(text), "`dpkg` or `pacman`; unknown for a store that is new."),
  several: meaning(v.strictObject(changedSum), "What belongs to several packages."),
  none: meaning(v.strictObject(changedSum), "What belongs to no package."),
  problems: meaning(size, "How many paths could not be read or compared."),
});

const difference = v.strictObject({
  path: changedPath,
  kind: change.entries.kind,
  type: change.entries.type,
  lines: meaning(
    maybe(v.array(text)),
    "The lines that differ, as `diff -u` shows them below the names of the files; unknown if they are not shown.",
  ),
  unshown: meaning(
    maybe(v.picklist(["binary", "large", "type"])),
    "Why not: `binary`; `large`, too much to compare; `type`, no file in both.",
  ),
});

const differencesSummary = v.strictObject({
  ...head,
  differences: meaning(size, "How many such objects there are."),
  problems: meaning(size, "How many paths could not be compared."),
});

const revert = v.strictObject({
  ...head,
  planned: meaning(flag, "Whether this is what would be done (`--dry-run`)."),
  reverts: meaning(
    v.array(
      v.strictObject({
        path: changedPath,
        do: meaning(
          v.picklist(["remove", "describe", "copy", "leave"]),
          "`remove`: what is there is removed; `describe`: it gets the attributes of the base's; in a running session also `copy`: it is copied from the base; `leave`: it is like the base's already.",
        ),
        kind: meaning(
          maybe(text),
          "The kind of change; unknown if only something below is changed.",
        ),
        type: meaning(
          text,
          "What the store has there; `whiteout` for a mark that deletes nothing.",
        ),
        paths: meaning(size, "How many changes are taken back."),
        bytes: meaning(size, "Their content in the store."),
      }),
    ),
    "What is put back, in this order.",
  ),
  unchanged: meaning(v.array(changedPath), "The paths that are as in the base already."),
  missing: meaning(v.array(changedPath), "The paths that neither the store nor the base has."),
  nextBoot: meaning(
    maybe(size),
    "How many of them the next boot takes out of the store; unknown for a store that was named.",
  ),
  problems: meaning(size, "How many paths could not be compared."),
});

const reclaim = v.strictObject({
  ...head,
  planned: meaning(flag, "Whether this is what would be done (`--dry-run`)."),
  reclaims: meaning(
    v.array(
      v.strictObject({
        kind: meaning(
          v.picklist(["copies", "marks", "leftovers", "caches", "logs"]),
          "`copies`: files that are like the base's; `marks`: deletions of what the base does not have; `leftovers`: of commands that were killed; `caches`: downloaded packages; `logs`: files in /var/log.",
        ),
        paths: meaning(size, "How many there are."),
        bytes: meaning(size, "Their content in the store."),
        isTaken: meaning(flag, "Whether they are removed; the others stay until they are named."),
      }),
    ),
    "What takes room, by kind; empty for a store that is new.",
  ),
  trim: meaning(flag, "Whether what is free in the store is given back (`--trim`)."),
  problems: meaning(size, "How many paths could not be compared."),
});

const level = v.picklist(["green", "amber", "red"]);
const groupSum = v.strictObject({
  bytes: meaning(size, "Their bytes; of what is deleted those in the base."),
  paths: meaning(size, "How many changes."),
});
const group = v.picklist(["added", "changed", "deleted", "same"]);

const report = v.strictObject({
  ...head,
  made: meaning(text, "When the report was made, ISO 8601."),
  level: meaning(
    level,
    "`green`: every change is kept. `amber`: kept with a doubt, or not kept as was wanted. `red`: changes are lost or will be.",
  ),
  session: meaning(
    v.picklist(["persistent", "readonly", "volatile", "foreign", "unknown", "none"]),
    "What the session keeps, as in [status-json.md](status-json.md).",
  ),
  reason: meaning(maybe(text), "Why it is not persistent."),
  wrong: meaning(v.array(text), "What is wrong, the worst first."),
  mend: meaning(maybe(text), "The command that mends it, with capitals for what is to be chosen."),
  room: meaning(
    maybe(
      v.strictObject({
        totalBytes: meaning(size, "The room for changes."),
        usedBytes: meaning(size, "What is used of it."),
        isInMemory: meaning(flag, "Whether it is memory."),
        bytesPerDay: meaning(
          maybe(amount),
          "How much more is used each day since the first of the boots below; unknown within a day.",
        ),
        since: meaning(maybe(text), "When that began."),
        full: meaning(maybe(text), "When nothing is left at this pace, if within ten years."),
      }),
    ),
    "The room for changes, if it is known.",
  ),
  changes: meaning(
    v.union([
      v.strictObject({
        bytes: meaning(size, "The bytes of all."),
        paths: meaning(size, "How many changes there are."),
        sums: meaning(
          v.strictObject({
            added: groupSum,
            changed: groupSum,
            deleted: groupSum,
            same: groupSum,
          }),
          "The sums of each group.",
        ),
        problems: meaning(size, "How many paths could not be compared."),
        isInMemory: meaning(flag, "Whether they are in memory alone."),
        largest: meaning(
          v.array(
            v.strictObject({
              path: meaning(changedPath, "The path; of a sum that of the directory."),
              group: meaning(group, "Its group."),
              bytes: meaning(size, "Its size."),
              paths: meaning(size, "How many changes it is."),
              isSum: meaning(flag, "Whether it is the sum of what is smaller in a directory."),
            }),
          ),
          "All changes, the largest first; what is less than a thousandth of all is in sums.",
        ),
      }),
      v.strictObject({ unseen: meaning(text, "Why no changes can be seen.") }),
    ]),
    "The changes of the session.",
  ),
  boots: meaning(
    v.array(
      v.strictObject({
        started: meaning(maybe(text), "When it started."),
        session: meaning(sessionKind, "What it came to."),
        level: meaning(level, "The same as a colour."),
        state: meaning(
          v.picklist(["running", "ended", "interrupted"]),
          "Whether it is the running session, has ended, or was interrupted.",
        ),
        phases: meaning(
          v.strictObject({
            before: maybe(size),
            medium: maybe(size),
            store: maybe(size),
            mounting: maybe(size),
          }),
          "How long each phase took, in milliseconds, as in **backstore.json**(5).",
        ),
        totalMs: meaning(size, "All phases together."),
        note: meaning(maybe(text), "What was wrong."),
      }),
    ),
    "The last boots on the store, and this one, at most 20; the newest last.",
  ),
  bootsFault: meaning(maybe(text), "Why earlier boots are not read from the store."),
  disks: meaning(
    v.array(
      v.strictObject({
        path: meaning(text, "Its device."),
        model: meaning(maybe(text), "Its model."),
        bytes: meaning(size, "Its size."),
        removable: meaning(flag, "In the everyday sense."),
        parts: meaning(
          v.array(
            v.strictObject({
              path: meaning(maybe(text), "The device; unknown for room without a partition."),
              start: meaning(size, "Where it begins on the disk."),
              bytes: meaning(size, "Its size."),
              type: meaning(maybe(text), "Its type, as blkid names it."),
              label: meaning(maybe(text), "Its label."),
              role: meaning(
                maybe(v.picklist(["medium", "store", "medium and store"])),
                "Whether the base comes from it, or it has the store.",
              ),
              reason: meaning(maybe(text), "Why the boot took it for the store, or not."),
            }),
          ),
          "Its partitions, or the disk itself.",
        ),
      }),
    ),
    "The disks.",
  ),
});

const keptTotals = {
  entries: meaning(size, "How many files, directories and deletions of this session are kept."),
  bytes: meaning(size, "The room that they take."),
};

const adoptPlan = v.strictObject({
  ...plannedHead,
  store: meaning(text, "The store."),
  title: meaning(maybe(text), "How it is made; unknown for one that is there."),
  steps,
  ...keptTotals,
});

const adopt = v.strictObject({
  ...doneHead,
  kind: meaning(v.picklist(["file", "directory", "device"]), "What the store is."),
  store: meaning(text, "The store: its file or directory, or the device that it is on."),
  ...keptTotals,
  changed: meaning(
    v.array(changedPath),
    "What was not the same any more when everything was written.",
  ),
  lost: meaning(
    v.array(
      v.strictObject({
        path: changedPath,
        attribute: meaning(text, "The name of the attribute."),
      }),
    ),
    "The attributes that the file system of the store cannot keep.",
  ),
  isUsed: meaning(flag, "Whether a boot with the options of this one uses the store."),
  options: meaning(
    maybe(text),
    'What chooses the store: "" for nothing, unknown if no option can name it.',
  ),
  reason: meaning(maybe(text), "Why a boot with the options of this one does not use it."),
});

const runPlan = planOf(
  meaning(
    v.strictObject({
      session: meaning(
        v.picklist(["persistent", "readonly", "volatile"]),
        "What becomes of the changes: they are kept, in memory over the store, or in memory alone.",
      ),
    }),
    "What would be run.",
  ),
);

/** All shapes: of a command those of what it did and of what it would do. */
export const shapes: readonly Shape[] = [
  { name: "create", title: "the store that was created", schemas: [create, createPlan] },
  { name: "grow", title: "the size of the store", schemas: [resize, resizePlan] },
  { name: "shrink", title: "the size of the store", schemas: [resize, resizePlan] },
  { name: "copy", title: "the store that was copied", schemas: [copied] },
  { name: "export", title: "the changes that were exported", schemas: [exported] },
  { name: "import", title: "the changes that were imported", schemas: [imported] },
  { name: "label", title: "the label that was set", schemas: [label, planOf(v.null())] },
  { name: "status", title: "what the running session keeps", schemas: [status] },
  { name: "explain", title: "what a boot would do", schemas: [explain] },
  { name: "list", title: "every store that was found", schemas: [list] },
  { name: "check", title: "what was found in each store", schemas: [check] },
  {
    name: "changes",
    title: "what a store has changed, an object a line",
    schemas: [
      ...[change, directorySum, uncompared, changesSummary],
      ...[secretPath, secretsSummary, comparedPackage, packagesSummary],
    ],
  },
  {
    name: "diff",
    title: "how files differ from the base's, an object a line",
    schemas: [difference, uncompared, differencesSummary],
  },
  { name: "revert", title: "what was put back", schemas: [revert] },
  { name: "reclaim", title: "what room was won", schemas: [reclaim] },
  { name: "report", title: "a report on the running session", schemas: [report] },
  { name: "adopt", title: "what was kept of this session", schemas: [adopt, adoptPlan] },
  { name: "run", title: "how a system would be put together", schemas: [runPlan] },
  {
    name: "initramfs",
    title: "what was packed, or would be",
    schemas: [initramfs, initramfsPlan, addon, addonPlan],
  },
  { name: "install", title: "what is changed on a medium, or would be", schemas: [install] },
  { name: "uninstall", title: "what is put back on a medium, or would be", schemas: [uninstall] },
  { name: "error", title: "why a command failed", schemas: [error] },
];
