// Judges what "backstore adopt" keeps of sessions that the kernel's own overlay has written: the store
// over the same base is the same tree. Run in a mount name space of its own: adopt-judge PROGRAM RUNS
import { copyFileSync, mkdirSync, rmSync } from "node:fs";
import fc from "fast-check";
import { callTool, others, ours, requireSame, unprivileged } from "./judged-store.ts";
import { readTree } from "./merged-tree.ts";
import { type Edit, edits, makeEdits } from "./tree-edits.ts";

const [, , program = "", runs = ""] = process.argv;

/** Where a session has its store. */
const store = "/run/initramfs/backstore/store";

/** Directories of every system, which the session's mounts are seen in. */
const shown = ["/proc", "/sys", "/dev", "/mnt", "/run"];

callTool(["mount", "-t", "tmpfs", "run", "/run"]);
callTool(["mount", "-t", "tmpfs", "disk", "/media"]);
callTool(["truncate", "-s", "64M", "/media/disk"]);
callTool(["mkfs.ext4", "-q", "-F", "-L", "kept", "/media/disk"]);
mkdirSync("/media/host");
callTool(["mount", "-o", "loop", "/media/disk", "/media/host"]);
copyFileSync(program, "/media/host/backstore");
callTool(["chmod", "755", "/media/host/backstore"]);

fc.assert(
  fc.property(
    ...[
      fc.constantFrom(ours, others, unprivileged),
      edits,
      fc.option(edits, { nil: undefined }),
      edits,
    ],
    (options, base, kept, session) => judge(options, { base, kept, session }),
  ),
  { numRuns: Number(runs) },
);

interface Layers {
  readonly base: readonly Edit[];
  /** What a store has that the session only reads. */
  readonly kept: readonly Edit[] | undefined;
  readonly session: readonly Edit[];
}

function judge(options: string, { base, kept, session }: Layers): void {
  callTool(["mount", "-t", "tmpfs", "session", "/mnt"]);
  try {
    for (const name of ["base", "upper", "work", "root", "host"]) mkdirSync(`/mnt/${name}`);
    callTool(["mount", "--bind", "/media/host", "/mnt/host"]);
    for (const name of ["upperdir", "workdir"]) mkdirSync(`${store}/${name}`, { recursive: true });
    makeEdits("/mnt/base", base);
    const own = { upper: `${store}/upperdir`, work: `${store}/workdir`, options };
    if (kept !== undefined) onOverlay(["/mnt/base"], own, (root) => makeEdits(root, kept));
    const lower = kept === undefined ? ["/mnt/base"] : [own.upper, "/mnt/base"];
    const merged = onOverlay(lower, { upper: "/mnt/upper", work: "/mnt/work", options }, (root) => {
      makeEdits(root, session);
      for (const name of shown) mkdirSync(`${root}${name}`);
      const tree = readTree(root);
      adopt(root);
      return tree;
    });
    const made = {
      upper: "/mnt/host/kept/upperdir",
      work: "/mnt/host/kept/workdir",
      options: ours,
    };
    mkdirSync(made.work);
    requireSame(
      { said: merged, is: onOverlay(["/mnt/base"], made, readTree) },
      () => "the session",
    );
  } finally {
    callTool(["umount", "--recursive", "/mnt"]);
    rmSync("/media/host/kept", { recursive: true, force: true });
    rmSync(store, { recursive: true });
  }
}

/** Keeps the session that has a root. */
function adopt(root: string): void {
  for (const name of shown) callTool(["mount", "--rbind", name, `${root}${name}`]);
  try {
    const words = ["/mnt/host/backstore", "adopt", "/mnt/host/kept", "--json"];
    const told = JSON.parse(callTool(["chroot", root, ...words]));
    if (told.changed.length + told.lost.length > 0) throw new Error(JSON.stringify(told));
  } finally {
    for (const name of shown) callTool(["umount", "--recursive", "--lazy", `${root}${name}`]);
  }
}

function onOverlay<T>(
  lower: readonly string[],
  { upper, work, options }: { upper: string; work: string; options: string },
  use: (root: string) => T,
): T {
  const data = [`lowerdir=${lower.join(":")}`, `upperdir=${upper}`, `workdir=${work}`, options];
  callTool(["mount", "-t", "overlay", "-o", data.join(","), "overlay", "/mnt/root"]);
  try {
    return use("/mnt/root");
  } finally {
    callTool(["umount", "/mnt/root"]);
  }
}
