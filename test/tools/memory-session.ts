// A session in memory, as a running program sees one: an overlay is its root, with the upper directory
// in a tmpfs. It is in a mount name space of its own, which others enter.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { type Outcome, run, tryRun } from "./programs.ts";

/** A session that is there until it is ended. */
export interface MemorySession {
  /** The words that run a program in it, as its root is. */
  readonly inside: (...words: string[]) => string[];
  /** Runs a script beside it: /mnt/root is its root, /mnt/host a disk that it sees as well. */
  readonly beside: (script: string) => string;
  readonly adopt: (...words: string[]) => Outcome;
  readonly end: () => void;
}

/** How a session comes about. */
export interface SessionScript {
  readonly program: string;
  /** Fills the directory "base". */
  readonly base: string;
  /** Changes the directory "root". */
  readonly changes: string;
  /** Makes the file system of the disk. */
  readonly makeDisk?: string;
}

/** Begins a session. */
export async function startSession(given: SessionScript): Promise<MemorySession> {
  const { program, base, changes, makeDisk = "mkfs.ext4 -q -F -L kept disk" } = given;
  const script = `mount -t tmpfs session /mnt; cd /mnt; mkdir base upper work root host
    truncate -s 900M disk; ${makeDisk}; mount -o loop disk host
    cp "$1" host/backstore; for each in proc sys dev mnt run usr; do mkdir base/$each; done
    for each in bin sbin lib lib64; do ln -s usr/$each base/$each; done; ${base}
    mount -t overlay -o "lowerdir=/mnt/base,upperdir=/mnt/upper,workdir=/mnt/work,index=off" overlay root
    ${changes}
    for each in proc sys dev mnt run usr; do mount --rbind /$each root/$each; done
    echo ready; exec tail -f /dev/null`;
  const words = ["--mount", "--propagation", "private", "sh", "-euc", script, "sh", program];
  const holder = spawn("unshare", words, { stdio: ["ignore", "pipe", "inherit"] });
  const ended = once(holder, "exit").then(([status]) => [`it ended with ${status}`]);
  const said = once(createInterface({ input: holder.stdout }), "line");
  const [line] = await Promise.race([said, ended]);
  if (line !== "ready") throw new Error(`there is no session: ${line}`);
  const enter = ["nsenter", `--mount=/proc/${holder.pid}/ns/mnt`];
  const inside = (...more: string[]) => [...enter, "chroot", "/mnt/root", ...more];
  return {
    inside,
    beside: (text) => run([...enter, "sh", "-euc", `cd /mnt; ${text}`]),
    adopt: (...more) => tryRun(inside("/mnt/host/backstore", "adopt", ...more)),
    end: () => holder.kill("SIGKILL"),
  };
}
