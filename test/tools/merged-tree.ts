// A tree as the kernel shows it, with everything that a change can change: the oracle for what is
// said of a store, and for what is done with one. Root sees all attributes but overlayfs's own.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { lstatSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { decodeName } from "../../src/core/bytes/utf.ts";

/** What is at a path. */
export interface TreeEntry {
  readonly type: "file" | "directory" | "link" | "block" | "character" | "fifo" | "socket";
  /** The digest of a file, the target of a link, the number of a device; empty for others. */
  readonly content: string;
  readonly bytes: number;
  readonly mode: number;
  readonly owner: string;
  /** In nanoseconds; 0 for a directory, whose time changes with the names in it. */
  readonly modified: string;
  /** The attributes in the order of their names, as text. */
  readonly xattrs: string;
}

/** A tree by paths from its top, which is "/". */
export type MergedTree = ReadonlyMap<string, TreeEntry>;

/** Reads all below a directory. */
export function readTree(root: string): MergedTree {
  const tree = new Map<string, TreeEntry>();
  const xattrs = readXattrs(root);
  const pending = [Buffer.from(root)];
  for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
    const key = at.toString("latin1").slice(Buffer.from(root).toString("latin1").length);
    const entry = readEntry(at, xattrs.get(key) ?? "");
    tree.set(decodeName(Buffer.from(key, "latin1")) || "/", entry);
    if (entry.type !== "directory") continue;
    for (const name of readdirSync(at, { encoding: "buffer" }))
      pending.push(Buffer.concat([at, Buffer.from("/"), name]));
  }
  return tree;
}

function readEntry(path: Buffer, xattrs: string): TreeEntry {
  const status = lstatSync(path, { bigint: true });
  const type = status.isFile()
    ? "file"
    : status.isDirectory()
      ? "directory"
      : status.isSymbolicLink()
        ? "link"
        : status.isBlockDevice()
          ? "block"
          : status.isCharacterDevice()
            ? "character"
            : status.isFIFO()
              ? "fifo"
              : "socket";
  return {
    type,
    content:
      type === "file"
        ? createHash("sha256").update(readFileSync(path)).digest("hex")
        : type === "link"
          ? readlinkSync(path, { encoding: "buffer" }).toString("latin1")
          : type === "block" || type === "character"
            ? `${status.rdev}`
            : "",
    bytes: type === "file" || type === "link" ? Number(status.size) : 0,
    mode: Number(status.mode) & 0o7777,
    owner: `${status.uid}:${status.gid}`,
    modified: type === "directory" ? "0" : `${status.mtimeNs}`,
    xattrs,
  };
}

/** Reads all attributes below a directory at once, by the bytes of their paths from its top. */
function readXattrs(root: string): Map<string, string> {
  const argv = ["-R", "-P", "-h", "-d", "-m", "-", "-e", "hex", "--absolute-names", root];
  const { status, stdout, stderr } = spawnSync("getfattr", argv, {
    encoding: "latin1",
    env: { ...process.env, LC_ALL: "C" },
    maxBuffer: 1 << 28,
  });
  // A squashfs that has none at all does not know attributes.
  const wrong = stderr.replace(/^.*: Operation not supported\n/gm, "");
  if (status !== 0 && (wrong !== "" || stderr === ""))
    throw new Error(`getfattr ended with ${status}: ${wrong}`);
  const top = Buffer.from(root).toString("latin1");
  return new Map(
    stdout
      .split("\n\n")
      .filter((block) => block !== "")
      .map((block) => {
        const [first = "", ...values] = block.split("\n");
        const path = first
          .slice("# file: ".length)
          .replace(/\\([0-7]{3})/g, (_, digits) => String.fromCharCode(Number.parseInt(digits, 8)));
        return [path.slice(top.length), values.sort().join("\n")] as const;
      }),
  );
}
