// The functions of PID 1, called as PID 1 of a guest that owns nothing but its memory: there they
// have every right, and may end what they like.

import { chmodSync, copyFileSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { buildDirectory } from "../../scripts/lib/cache.ts";
import { runTool } from "../../scripts/lib/tool.ts";
import { executeIn, kernelOf } from "../../test/machines/lane.ts";
import { type CalledFunction, environment, firstLines } from "./host.ts";

/** The functions that only PID 1 calls, or that end whoever else calls them. */
export const ofFirstProcess = ["killProcess", "reboot", "switchRoot"] as const;

/** Calls them one after the other, in one process of one guest. */
export async function callInGuest(
  program: string,
  { seed, count }: { seed: number; count: number },
): Promise<CalledFunction[]> {
  const directory = join(buildDirectory, "fuzz-guest");
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true });
  const words = ["call", ofFirstProcess.join(","), String(seed), String(count)];
  // User Mode Linux puts libraries where AddressSanitizer has its shadow memory.
  const lane = "qemu";
  const { console } = await executeIn(lane, {
    directory,
    kernel: kernelOf(lane),
    initramfs: writeInitramfs(directory, program, words),
    cmdline: "rdinit=/init",
    disks: [],
    // The kernel stops when its first process ends.
    isOver: (said) => said.includes("Attempted to kill init"),
  });
  return ofFirstProcess.map((name) => {
    const said = new RegExp(`^${name} (\\d+) (\\d+)$`, "m").exec(console);
    const [returned = 0, thrown = 0] = said?.slice(1).map(Number) ?? [];
    const isSound = said !== null && /Attempted to kill init! exitcode=0x0+$/m.test(console);
    const end = isSound ? undefined : `ends the first process\n${firstLines(console, 40)}`;
    return { name, returned, thrown, wrong: end };
  });
}

function writeInitramfs(directory: string, program: string, words: readonly string[]): string {
  const root = join(directory, "root");
  mkdirSync(root);
  copyFileSync("/bin/busybox", join(root, "busybox"));
  copyFileSync(program, join(root, "program"));
  const libraries = runTool(["ldd", program]).matchAll(/(\/\S+) \(0x/g);
  for (const [, library = ""] of libraries)
    runTool(["install", "-D", "--mode=0755", library, `${root}${library}`]);
  // What was freed must not fill the guest's memory.
  const asan = `${environment.ASAN_OPTIONS}:quarantine_size_mb=16`;
  const settings = Object.entries({ ...environment, ASAN_OPTIONS: asan }).map(
    ([name, value]) => `export ${name}=${value}`,
  );
  const script = [
    "#!/busybox sh",
    "/busybox mkdir -p /proc /dev /work",
    ...["proc", "dev", "work"].map(
      (name) =>
        `/busybox mount -t ${name === "proc" ? "proc" : name === "dev" ? "devtmpfs" : "tmpfs"} none /${name}`,
    ),
    ...settings,
    "cd /work",
    `exec /program ${words.join(" ")} < /dev/null > /dev/console 2>&1`,
  ];
  writeFileSync(join(root, "init"), `${script.join("\n")}\n`);
  chmodSync(join(root, "init"), 0o755);
  const archive = join(directory, "initramfs");
  runTool(["bash", "-c", `find . | cpio --quiet -o -H newc > ${archive}`], { directory: root });
  return archive;
}
