// Machines in memory as fast-check makes them up: a stick that is booted, disks with stores of all kinds, and options.
import fc from "fast-check";
import { stick } from "../boot/start.ts";
import { ext4 } from "./call.ts";
import * as formats from "./formats.ts";
import type { Content } from "./memory/content.ts";
import type { Disk } from "./memory/disks.ts";
import { file, link, type Tree } from "./memory/entry.ts";
import { image } from "./memory/image.ts";
import type { Machine } from "./memory.ts";

const used: Tree = { upperdir: { etc: { motd: "changed\n" } }, workdir: {} };
const recorded = (fields: object): Tree => ({
  ...used,
  "backstore.json": JSON.stringify({ format: 1, id: "made at boot", ...fields }),
});
const session = { state: "open", boot: "boot-7", machine: "Box 7", count: 7 };
const overlay = "index=off,metacopy=off,xino=off,redirect_dir=nofollow";

/** What lies in a store, made anew for each machine because a boot writes to it. */
const stores: Readonly<Record<string, () => Tree>> = {
  new: () => ({}),
  used: () => used,
  recorded: () => recorded({ overlay }),
  interrupted: () => recorded({ overlay, session }),
  newer: () => recorded({ format: 2 }),
  unreadable: () => ({ ...used, "backstore.json": "{" }),
  refused: () => ({ upperdir: "a file" }),
};

const kept = "persistent_RESCUE1100/x86_64";

function storeFile(tree: Tree, isSparse: boolean) {
  const content = ext4("inner", tree);
  return file(isSparse ? content : { ...content, allocated: content.length });
}

const tree = fc.record({
  directory: fc.constantFrom(undefined, ...Object.values(stores)),
  older: fc.boolean(),
  file: fc.constantFrom(undefined, undefined, "linked", ...Object.values(stores)),
  isSparse: fc.boolean(),
});

function makeTree({ directory, older, file: kind, isSparse }: TreeOf): Tree {
  return {
    ...(directory && { [kept]: directory() }),
    ...(older && { "persistent_RESCUE904/x86_64": used }),
    ...(kind === "linked" && { "sysrcd.bs": link("elsewhere") }),
    ...(typeof kind === "function" && { "sysrcd.bs": storeFile(kind(), isSparse) }),
  };
}

type TreeOf = typeof tree extends fc.Arbitrary<infer T> ? T : never;

/** Superblocks by type, with a label. */
const types: Readonly<Record<string, (label: string) => Uint8Array>> = {
  ext4: (label) => formats.ext("ext4", label),
  xfs: (label) => formats.xfs(label),
  btrfs: (label) => formats.btrfs(label),
  vfat: (label) => formats.vfat(32, label),
  exfat: (label) => formats.exfat(label),
  ntfs: (label) => formats.ntfs(label),
};

const disk = fc.record({
  type: fc.constantFrom(...Object.keys(types)),
  label: fc.constantFrom("store", "other", "RESCUE1100"),
  isRemovable: fc.boolean(),
  tree,
});

function makeContent({ type, label, tree: made }: DiskOf): Content {
  const pieces = [{ offset: 0, bytes: types[type]?.(label) ?? new Uint8Array() }];
  return image({ type, bytes: 512 << 20, tree: makeTree(made), pieces });
}

type DiskOf = typeof disk extends fc.Arbitrary<infer T> ? T : never;

const words = [
  "cow_label=store",
  "cow_label=missing",
  "cow_device=/dev/sdb",
  "cow_directory=kept",
  `cow_directory=${kept}`,
  "cow_flags=noatime",
  "cow_flags=ro",
  "archisolabel=RESCUE1100",
  "archisodevice=/dev/sda",
  "backstore=alldev",
  "backstore=off",
  "backstore=readonly",
  "backstore=required",
  "backstore=/sub/x.bs",
  "backstore=nonsense",
  "backstore=LABEL=store",
  "backstore=base=stop",
  "cow_spacesize=10%",
];

/** A machine with disks, and the options that it is booted with. */
export const machine = fc.record({
  disks: fc.array(disk, { maxLength: 3 }),
  medium: tree,
  yaml: fc.constantFrom(
    undefined,
    "global:\n    cow_label: store\n",
    "global:\n    cow_lable: x\n",
  ),
  cmdline: fc.subarray(words, { maxLength: 3 }).map((given) => given.join(" ")),
  parameters: fc.subarray(["index", "metacopy", "redirect_dir", "xino_auto"]),
});

/** One of them. */
export type MachineOf = typeof machine extends fc.Arbitrary<infer T> ? T : never;

/** Makes the machine; what lies on its disks is nobody else's. */
export function makeMachine({
  disks,
  medium,
  yaml,
  parameters,
}: MachineOf): Machine & { disks: Disk[] } {
  return {
    disks: [
      stick({ ...makeTree(medium), ...(yaml && { "sysrescue.d": { "200.yaml": yaml } }) }),
      ...disks.map((one, index) => ({
        name: `sd${"bcd"[index]}`,
        content: makeContent(one),
        isRemovable: one.isRemovable,
      })),
    ],
    proc: { "sys/kernel/random/boot_id": "boot-8\n" },
    sys: {
      "module/overlay/parameters": Object.fromEntries(parameters.map((name) => [name, "N\n"])),
      "class/dmi/id": { sys_vendor: "ACME\n", product_name: "Box 8\n" },
    },
  };
}
