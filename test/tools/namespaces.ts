// Scripts as root in mount name spaces of their own: nothing that they mount is left when they end.
import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { run } from "./programs.ts";

/** What a command runs in a mount name space of its own after. */
export const inNamespace = ["unshare", "--mount", "--propagation", "private"] as const;

/**
 * Returns a function that runs a script on a new ext4 disk, each mounted on another new directory;
 * "$2" is the program.
 */
export function scriptsOnDisks(
  newDirectory: () => string,
  program: string,
): (script: string) => string {
  const start = 'mount -o loop "$1.disk" "$1"; cd "$1"; rmdir lost+found';
  return (script) => {
    const at = newDirectory();
    run(["truncate", "--size", "256M", `${at}.disk`]);
    run(["mkfs.ext4", "-q", `${at}.disk`]);
    return run([...inNamespace, "sh", "-euc", `${start}; ${script}`, "sh", at, program]);
  };
}

/** Returns a function that runs a script on a tmpfs in a directory with a name; "$2" is the program. */
export function scriptsInMemory(
  directory: string,
  program: string,
): (name: string, script: string) => string {
  const start = 'cd "$1"; mount -t tmpfs script .; cd "$1"';
  return (name, script) => {
    const at = join(directory, name);
    mkdirSync(at);
    return run([...inNamespace, "sh", "-euc", `${start}; ${script}`, "sh", at, program]);
  };
}

/** Runs a script in a directory, in this name space. */
export function runScript(directory: string, script: string): void {
  execFileSync("sh", ["-euc", script], { cwd: directory, stdio: ["ignore", "ignore", "inherit"] });
}
