// Never guess: stores that could be confused. None is used, each is shown with its disk's model,
// its size and the option that chooses it; and that option is tried.

import { runTool } from "../../../scripts/lib/tool.ts";
import { usedStore, usesStore } from "../disks/used-stores.ts";
import { partitioned } from "../file-scenario.ts";
import type { Disk } from "../machine.ts";
import { type Boot, forgets, medium, type Place, type Scenario, store } from "../scenario.ts";

const first = "5f0c2a1e-93d4-4b7a-8c11-6f2d9e4b7a10";
const second = "0d6a3c52-7a0e-4c55-9d1f-3a0d5f6c7b21";
const part = "8a4be3d2-1c5f-4e0b-9d7a-2b6c8f1e0d93";

export const twins: readonly Scenario[] = [
  {
    name: "twins-label",
    title:
      "one label on a whole disk and on a partition: none is taken, and the option told chooses",
    disks: (place) => [
      medium(place),
      store(place, { uuid: first }, { name: "whole", bus: "usb" }),
      partitioned(place, usedStore(place, { uuid: second })),
    ],
    boots: [
      takesNone("cow_label=store", [
        `<whole> (QEMU HARDDISK, 32.0 MiB, cow_device=UUID=${first})`,
        `<store:1> (32.0 MiB, cow_device=UUID=${second})`,
      ]),
      ...takes(`cow_device=UUID=${second}`, "store:1"),
    ],
  },
  {
    name: "twins-clone",
    title: "a clone beside the original, with one label, UUID and PARTUUID: the path alone chooses",
    disks: clones,
    boots: [
      ...["cow_label=store", `cow_device=UUID=${first}`, `cow_device=PARTUUID=${part}`].map(
        (cmdline) =>
          takesNone(cmdline, [
            "<original:1> (32.0 MiB, cow_device=<original:1>)",
            "<store:1> (32.0 MiB, cow_device=<store:1>)",
          ]),
      ),
      ...takes("cow_device=<store:1>", "store:1"),
    ],
  },
];

function clones(place: Place): readonly Disk[] {
  const original = partitioned(place, usedStore(place, { uuid: first }, { name: "original" }), {
    uuid: part,
  });
  const file = place.file("store-disk.img");
  runTool(["cp", "--sparse=always", original.file, file]);
  return [medium(place), original, { name: "store", file }];
}

/** A boot that shows both and writes to neither. */
function takesNone(cmdline: string, shown: readonly [string, string]): Boot {
  const [boot] = forgets({
    problems: [new RegExp(`^Cannot keep changes: ${shown.map(literally).join(" and ")} are both `)],
    console: [
      /\*\*\* VOLATILE SESSION/,
      new RegExp(`: ${shown.map(literally).join(" and ")} are both`),
    ],
    facts: { "motd ": new RegExp(literally(shown[1])), "issue ": new RegExp(literally(shown[1])) },
  });
  return { ...boot!, cmdline, writes: [] };
}

function takes(cmdline: string, device: string): readonly Boot[] {
  return usesStore(device).map((boot) => ({ ...boot, cmdline }));
}

function literally(text: string): string {
  return text.replace(/[()./]/g, "\\$&");
}
