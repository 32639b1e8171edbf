// A session's own speed: the same work on a bare ext4 and on stores of each kind, in turns, in one
// guest. What is measured decides how a boot attaches and mounts a store
// (docs/decisions/0071-how-a-stores-file-is-attached.md).

import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeOnce } from "../scripts/lib/cache.ts";
import { readArchive } from "../scripts/lib/debian-archive.ts";
import { runTool } from "../scripts/lib/tool.ts";
import { makeLiveSystem } from "../scripts/live-system.ts";
import { makeMedium } from "../test/machines/disks/media.ts";
import { makeInitramfs } from "../test/machines/guest/initramfs.ts";
import { makeTell } from "../test/machines/guest/tell.ts";
import { unpackKernel } from "../test/machines/guest/vmlinux.ts";
import { executeBoot, formatTail } from "../test/machines/qemu.ts";
import { type Measure, median } from "./measure.ts";

const guest = "bench/session-guest.sh";
const included = ["dmsetup", "dosfstools", "e2fsprogs", "fio", "fdisk", "kmod", "mount", "udev"];

/** Measures each kind of work `rounds` times after one warm-up, in one guest. */
export async function measureSession(directory: string, rounds: number): Promise<Measure[]> {
  mkdirSync(directory, { recursive: true });
  const live = makeLiveSystem();
  const tree = { "sysresccd/x86_64/airootfs.sfs": { file: makeRoot(live.modules, rounds) } };
  const disks = ["ext4", "fat"].map((name) => {
    const file = join(directory, `${name}.img`);
    runTool(["rm", "-f", file]);
    runTool(["truncate", "--size", "3G", file]);
    return { name, file };
  });
  const medium = makeMedium("bench-session", { kind: "vfat", label: "RESCUE1100", tree });
  const result = await executeBoot({
    directory,
    kernel: unpackKernel(live.vmlinuz),
    initramfs: makeInitramfs(live),
    cmdline:
      "archisolabel=RESCUE1100 archisobasedir=sysresccd backstore=off init=/usr/local/sbin/session-guest",
    disks: [{ name: "medium", file: medium, readonly: true }, ...disks],
    ...{ processors: 2, memoryMegabytes: 2048, timeoutMs: 3_600_000 },
  });
  const work = result.facts.text("work");
  if (work === undefined)
    throw new Error(`The guest ${result.ending}:\n${formatTail(result.console)}`);
  return summarise(work);
}

function summarise(work: string): Measure[] {
  const times = new Map<string, Map<string, number[]>>();
  for (const line of work.trim().split("\n")) {
    const [setup = "", job = "", ms = ""] = line.split(" ");
    const ofJob = times.get(job) ?? new Map<string, number[]>();
    ofJob.set(setup, [...(ofJob.get(setup) ?? []), Number(ms)]);
    times.set(job, ofJob);
  }
  return [...times].flatMap(([job, setups]) => {
    const bare = median(setups.get("bare") ?? []);
    return [...setups].map(([setup, all]) =>
      setup === "bare"
        ? { name: `${job}, bare ext4`, value: bare, unit: "ms" }
        : { name: `${job}, ${setup} / bare`, value: median(all) / bare, unit: "x" },
    );
  });
}

/** The root of the guest, with the modules of the live system's kernel. */
function makeRoot(modules: string, rounds: number): string {
  const { suite, sources } = readArchive();
  const installed = makeOnce({
    name: "session-root",
    inputs: [JSON.stringify({ included, suite, sources })],
    make: (path) => {
      mkdirSync(path);
      const root = join(path, "root");
      const include = `--include=${included.join()}`;
      const mode = ["--mode=root", "--variant=minbase"];
      runTool(["mmdebstrap", ...mode, include, suite, root, ...sources]);
      runTool(["apt-get", "-qq", "download", "perl-modules-5.36"], { directory: path });
    },
  });
  const deb = readdirSync(installed).find((name) => name.endsWith(".deb")) ?? "";
  const tell = makeTell();
  return makeOnce({
    name: "session-base",
    inputs: [installed, modules, String(rounds), readFileSync(guest), readFileSync(tell)],
    make: (path) => {
      const list = `${path}.rounds`;
      writeFileSync(list, `${rounds}\n`);
      const files = {
        "usr/local/sbin/session-guest": { file: guest, mode: "0755" },
        "usr/lib/guest-facts.sh": { file: "test/machines/guest/guest-facts.sh", mode: "0644" },
        "usr/bin/tell": { file: tell, mode: "0755" },
        "usr/share/bench/package.deb": { file: join(installed, deb), mode: "0644" },
        "etc/bench-rounds": { file: list, mode: "0644" },
      };
      const root = join(installed, "root");
      runTool(["mkdir", "-p", join(root, "lib/modules"), join(root, "usr/share/bench")]);
      runTool(["cp", "-al", "--no-clobber", modules, join(root, "lib/modules")]);
      runTool([
        ...["mksquashfs", root, path, "-no-progress", "-quiet", "-comp", "zstd"],
        ...["-Xcompression-level", "3"],
        ...Object.entries(files).flatMap(([to, { file, mode }]) => [
          "-p",
          `${to} f ${mode} 0 0 cat ${file}`,
        ]),
      ]);
      runTool(["rm", list]);
    },
  });
}
