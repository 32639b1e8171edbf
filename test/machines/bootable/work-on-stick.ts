// A guest of its own that works on a stick, as a person does on another computer: the kernel that
// runs the tests need not be able to mount it.

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { formatTail } from "../boot-request.ts";
import { makeMedium } from "../disks/media.ts";
import { writeActions } from "../guest/actions.ts";
import { makeInitramfs } from "../guest/initramfs.ts";
import { toolTree } from "../guest/tool-base.ts";
import { chooseLane, executeIn, kernelOf } from "../lane.ts";
import { makeNodes } from "../nodes.ts";

/** What is to be done. */
export interface Work {
  /** The image of the stick, whose first partition has a FAT file system. */
  readonly stick: string;
  /** A directory for the guest's logs. */
  readonly directory: string;
  /** Commands of a shell; each must end well. The partition is at /mnt. */
  readonly commands: readonly string[];
}

/** Mounts the stick, runs commands, and unmounts it; returns what each command said. */
export async function workOnStick({ stick, directory, commands }: Work): Promise<string[]> {
  const lane = chooseLane();
  const kernel = kernelOf(lane);
  const medium = makeMedium("workshop", { kind: "vfat", label: "WORKSHOP", tree: toolTree() });
  const disks = [
    { name: "medium", file: medium, readonly: true },
    { name: "stick", file: stick },
  ];
  const find = makeNodes(lane, disks);
  const all = [`mount -t vfat ${find("stick:1")} /mnt`, ...commands, "umount /mnt"];
  mkdirSync(directory, { recursive: true });
  const actions = join(directory, "work.img");
  const script = all.map((command, index) => `say_done ${index} ${command}`);
  writeActions(actions, ["load-modules", ...script].join("\n"));
  const result = await executeIn(lane, {
    directory,
    kernel,
    initramfs: makeInitramfs(kernel),
    cmdline: `backstore=off archisodevice=${find("medium")}`,
    disks: [...disks, { name: "actions", file: actions, readonly: true }],
  });
  const said = all.map((_, index) => result.facts.text("done", String(index)) ?? "");
  const failed = said.findIndex((text) => !/^status 0$/m.test(text));
  if (failed >= 0 || !result.finished)
    throw new Error(
      `Cannot ${all[failed]}: ${said[failed]}the guest ${result.ending}\n${formatTail(result.console)}`,
    );
  return said.slice(1, -1);
}
