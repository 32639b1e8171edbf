// The layouts of live systems as trees on a medium: where each distribution keeps the image of its
// base.

import { type BaseKind, makeBase } from "../guest/base.ts";
import { type Medium, makeMedium, type Tree } from "./media.ts";

interface Layout {
  readonly kind: Medium["kind"];
  readonly label: string;
  readonly base: BaseKind;
  /** Where images of the base are. */
  readonly images: readonly string[];
  /** The other files. */
  readonly files?: Tree;
}

const rescue = {
  label: "RESCUE1100",
  base: "squashfs",
  images: ["sysresccd/x86_64/airootfs.sfs"],
  files: {
    "sysrescue.d/100-defaults.yaml": "---\nglobal:\n    copytoram: false\n    loadsrm: false\n",
  },
} as const;

const layouts = {
  systemrescue: { ...rescue, kind: "vfat" },
  "systemrescue-ext4": { ...rescue, kind: "ext4" },
  "systemrescue-iso": { ...rescue, kind: "iso9660" },
  arch: {
    kind: "iso9660",
    label: "ARCH_202501",
    base: "squashfs",
    images: ["arch/x86_64/airootfs.sfs"],
  },
  "debian-vfat": {
    kind: "vfat",
    label: "DEBIAN12",
    base: "squashfs",
    images: ["live/filesystem.squashfs"],
  },
  debian: {
    kind: "iso9660",
    label: "d-live 12.9.0 gn amd64",
    base: "squashfs",
    images: ["live/filesystem.squashfs"],
  },
  fedora: {
    kind: "iso9660",
    label: "Fedora-WS-Live-41",
    base: "squashfs",
    images: ["LiveOS/squashfs.img"],
  },
  "fedora-nested": {
    kind: "iso9660",
    label: "Fedora-WS-Live-40",
    base: "nested-squashfs",
    images: ["LiveOS/squashfs.img"],
  },
  "fedora-erofs": {
    kind: "iso9660",
    label: "Fedora-WS-Live-42",
    base: "erofs",
    images: ["LiveOS/squashfs.img"],
  },
  "fedora-nested-erofs": {
    kind: "iso9660",
    label: "Fedora-WS-Live-43",
    base: "nested-erofs",
    images: ["LiveOS/squashfs.img"],
  },
  ubuntu: {
    kind: "iso9660",
    label: "Ubuntu 22.04.5 LTS amd64",
    base: "squashfs",
    images: ["casper/filesystem.squashfs"],
  },
  "ubuntu-layered": {
    kind: "iso9660",
    label: "Ubuntu 24.04.1 LTS amd64",
    base: "squashfs",
    images: ["casper/minimal.squashfs", "casper/minimal.standard.squashfs"],
  },
  "first-generation": { kind: "vfat", label: "SYSRESC", base: "squashfs", images: ["sysrcd.dat"] },
} as const satisfies Record<string, Layout>;

export type LayoutName = keyof typeof layouts;

/** Returns the path of the medium's image for a layout, made once. */
export function makeLayout(name: LayoutName): string {
  return makeMedium(name, readLayout(name));
}

/** Returns a SystemRescue medium that is not made yet. */
export function rescueMedium(): Medium {
  return readLayout("systemrescue");
}

/** Returns one with these programs in its base. */
export function rescueWithPrograms(programs: Readonly<Record<string, string>>): Medium {
  const { tree, ...rest } = rescueMedium();
  const file = makeBase("squashfs", programs);
  return { ...rest, tree: { ...tree, "sysresccd/x86_64/airootfs.sfs": { file } } };
}

/** Returns a SystemRescue medium whose sysrescue.d contains these files too. */
export function rescueWithYaml(files: Readonly<Record<string, string>>): Medium {
  const { tree, ...rest } = rescueMedium();
  const yaml = Object.entries(files).map(([name, text]) => [`sysrescue.d/${name}`, text]);
  return { ...rest, tree: { ...tree, ...Object.fromEntries(yaml) } };
}

function readLayout(name: LayoutName): Medium {
  const layout: Layout = layouts[name];
  const base = { file: makeBase(layout.base) };
  const images = Object.fromEntries(layout.images.map((path) => [path, base]));
  return { kind: layout.kind, label: layout.label, tree: { ...images, ...layout.files } };
}
