// backstore list: every store on the machine's block devices or in image files, and which one a
// boot would use.

import { defaultStorePath } from "../../core/choosing/store-request.ts";
import { listStores } from "../../core/session/listed-stores.ts";
import { renderList, summariseList } from "../../report/list.ts";
import { discoverMountedLoops } from "../../system/devices/mounted-loops.ts";
import { withLookingPlace } from "../../system/looking/looking-place.ts";
import { explainBoot, withLooks } from "../../system/session/explain-boot.ts";
import { discoverStores, findMountedPaths } from "../../system/stores/discover-stores.ts";
import {
  askedDevices,
  commandLineOf,
  credentialOf,
  overlayParametersOf,
} from "../command-line/asked-machine.ts";
import type { Command, Invocation } from "../command-line/command.ts";
import { tell } from "../command-line/tell.ts";

/** Lists stores. */
export const command: Command = {
  name: "list",
  usage: "list [OPTION]...",
  description: `Lists every store on every block device, or in image files: its kind, place, size and usage, what it
was last used with, whether it is clean and whether it is in use, and whether a boot would use it or
why not; and every medium on which "backstore install" has put the add-on. Nothing is changed. What
cannot be inspected without root is reported as such.`,
  flags: [
    {
      name: "cmdline",
      value: "TEXT",
      help: "the kernel command line of the boot (default without images: that of this machine)",
    },
    {
      name: "image",
      value: "FILE",
      repeated: true,
      help: "an image file in place of a disk (default: the disks of this machine)",
    },
    { name: "json", help: "print JSON (docs/list-json.md)" },
  ],
  operands: [],
  run,
};

function run(invocation: Invocation): number {
  const { system, arguments: given, context } = invocation;
  const images = [...new Set(given.values.get("image"))];
  const devices = askedDevices(system, images);
  const request = {
    devices,
    credential: credentialOf(system, images),
    commandLine: given.values.get("cmdline")?.[0] ?? commandLineOf(system, images),
    yaml: undefined,
    overlayParameters: overlayParametersOf(system, images),
    version: context.version,
  };
  const boot = context.isRoot
    ? withLooks(system, (looks) => explainBoot(system, { ...request, looks }))
    : explainBoot(system, { ...request, looks: undefined });
  const { path } = boot.options.backstore.value;
  const directory = boot.options.cow_directory.value;
  const search = {
    devices,
    files: [...new Set([defaultStorePath, ...(path === undefined ? [] : [path])])],
    directories: directory === undefined ? [] : [directory],
    flags: boot.options.cow_flags.value,
  };
  const look = (at: string | undefined) => {
    const own = discoverStores(system, { ...search, at });
    const known = new Set(own.stores.flatMap((store) => findMountedPaths(system, store)));
    const loops = images.length > 0 ? [] : discoverMountedLoops(system, known);
    const more = discoverStores(system, { ...search, devices: loops, at });
    return {
      media: own.media,
      stores: [...own.stores, ...more.stores],
      unseen: [...own.unseen, ...more.unseen],
      isLooking: at !== undefined,
    };
  };
  const seen = context.isRoot ? withLookingPlace(system, look) : look(undefined);
  const report = {
    ...seen,
    stores: listStores(seen.stores, { boot, devices }),
    boot,
    version: context.version,
  };
  tell(invocation, {
    text: () => renderList(report, context.terminal.columns),
    json: () => summariseList(report),
  });
  return 0;
}
