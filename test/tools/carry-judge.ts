// Judges what is done with the changes that the kernel's own overlay has written: wherever they are
// carried, over the same base they show the same tree. Run in a mount name space of its own:
// carry-judge PROGRAM DIRECTORY RUNS WAY...
import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import fc from "fast-check";
import { callTool, others, ours, requireSame } from "./judged-store.ts";
import { readTree } from "./merged-tree.ts";
import { type Edit, edits, makeEdits } from "./tree-edits.ts";

const [, , program = "", directory = "", runs = "", ...ways] = process.argv;

const disk = `${directory}.disk`;

interface Way {
  /** Whether it carries what is partly in the base. */
  readonly keepsMarks: boolean;
  /** Carries the changes in "store" to "to", in which a store is made. */
  readonly carry: () => void;
}

const carried: Readonly<Record<string, Way>> = {
  copy: {
    keepsMarks: true,
    carry: () => callTool([program, "copy", "--quiet", `${directory}/store`, `${directory}/to`]),
  },
};

function exportsTo(name: string, ...options: readonly string[]): Way {
  return {
    keepsMarks: false,
    carry() {
      callTool([
        program,
        "export",
        "--quiet",
        ...options,
        `${directory}/store`,
        `${directory}/${name}`,
      ]);
      callTool([program, "import", "--quiet", `${directory}/${name}`, `${directory}/to`]);
    },
  };
}

const all: Readonly<Record<string, Way>> = {
  ...carried,
  oci: exportsTo("image"),
  tar: exportsTo("store.tar"),
  "tar, by zstd": exportsTo("store.tar.zst", "--compress", "zstd"),
  "oci, not compressed": exportsTo("image", "--compress", "none"),
  "GNU tar": {
    keepsMarks: false,
    carry() {
      callTool([program, "export", "--quiet", `${directory}/store`, `${directory}/store.tar`]);
      mkdirSync(`${directory}/to/upperdir`, { recursive: true });
      const options = ["--xattrs", "--xattrs-include=*", "--same-owner", "--preserve-permissions"];
      const words = ["-x", "-f", `${directory}/store.tar`, "-C", `${directory}/to/upperdir`];
      callTool(["tar", ...options, ...words]);
    },
  },
  "live-boot": imports(true, () => {
    renameSync(`${directory}/store/upperdir`, `${directory}/store/rw`);
    writeFileSync(`${directory}/store/persistence.conf`, "/ union\n");
  }),
  casper: imports(true, () => {
    renameSync(`${directory}/store/upperdir`, `${directory}/store/upper`);
    mkdirSync(`${directory}/store/work`);
  }),
  dracut: imports(true, () => {
    renameSync(`${directory}/store/upperdir`, `${directory}/store/overlayfs`);
    mkdirSync(`${directory}/store/ovlwork`);
  }),
  "linux-live": imports(true, () => {
    renameSync(`${directory}/store/upperdir`, `${directory}/store/changes`);
    mkdirSync(`${directory}/store/workdir`);
  }),
};

function imports(keepsMarks: boolean, arrange: () => void): Way {
  return {
    keepsMarks,
    carry() {
      arrange();
      callTool([program, "import", "--quiet", `${directory}/store`, `${directory}/to`]);
    },
  };
}

fc.assert(
  fc.property(
    ...[fc.constantFrom(...ways), fc.constantFrom(ours, others), edits, edits],
    (way, options, below, session) => {
      const chosen = all[way];
      if (chosen === undefined) throw new Error(`there is no way "${way}"`);
      judge(chosen, { options: chosen.keepsMarks ? options : ours, below, session });
    },
  ),
  { numRuns: Number(runs) },
);

function judge(
  { carry }: Way,
  {
    options,
    below,
    session,
  }: { options: string; below: readonly Edit[]; session: readonly Edit[] },
): void {
  // Stores are not on tmpfs.
  callTool(["rm", "-f", disk]);
  callTool(["truncate", "--size", "24M", disk]);
  callTool(["mkfs.ext4", "-q", "-O", "^has_journal", disk]);
  callTool(["mount", "-o", "loop", disk, directory]);
  try {
    for (const name of ["at", "base", "store", "work", "to-work"])
      mkdirSync(`${directory}/${name}`);
    mkdirSync(`${directory}/store/upperdir`);
    makeEdits(`${directory}/base`, below);
    const merged = onOverlay({ upper: "store/upperdir", work: "work", options }, (at) => {
      makeEdits(at, session);
      return readTree(at);
    });
    carry();
    const carried = onOverlay({ upper: "to/upperdir", work: "to-work", options }, readTree);
    requireSame({ said: merged, is: carried }, () => "the store that was carried");
  } finally {
    callTool(["umount", directory]);
  }
}

function onOverlay<T>(
  { upper, work, options }: { upper: string; work: string; options: string },
  use: (at: string) => T,
): T {
  const at = `${directory}/at`;
  const layers = `lowerdir=${directory}/base,upperdir=${directory}/${upper},workdir=${directory}/${work}`;
  callTool(["mount", "-t", "overlay", "-o", `${layers},${options}`, "overlay", at]);
  try {
    return use(at);
  } finally {
    callTool(["umount", at]);
  }
}
