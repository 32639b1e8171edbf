// The contents of the add-on: an archive that a boot loader loads behind the initramfs of a
// distribution, whatever that is. It has the program, and a hook for each family. A directory in it
// replaces a symbolic link of that name in the other initramfs, and what that leads to is lost.

import { encodeUtf8 } from "../bytes/utf.ts";
import type { CpioEntry } from "./cpio.ts";
import { type Segment, withDirectories } from "./initramfs-contents.ts";

/** The program's place in another initramfs. */
export const addonProgram = "backstore-init";

/** The hook for linux-live, which a line in one of its files has to name. */
export const linuxLiveHook = "backstore-linux-live.sh";

/** A hook: its file below initramfs/ in this tree, and its place in the archive. */
interface AddonHook {
  readonly file: string;
  readonly path: string;
  /** 0o644 by default: most hooks are sourced. */
  readonly mode?: number;
  /**
   * Set if its directory is in every initramfs of the family. It is not in the archive then: it may
   * be below a link, and the kernel leaves the file out where there is none.
   */
  readonly hasDirectory?: true;
}

/**
 * The hooks, which are picked up without being named in any list; those of mkinitcpio and
 * linux-live are named by the program itself (core/takeover/plan-initramfs-start.ts).
 */
export const addonHooks: readonly AddonHook[] = [
  { file: "linux-live/backstore-linux-live.sh", path: linuxLiveHook },
  // It is sourced, but only if it is executable.
  { file: "mkinitcpio/backstore", path: "hooks/backstore", mode: 0o755 },
  ...["MX", "antiX"].map((name) => ({ file: "mx/7.sh", path: `live/custom/${name}/7.sh` })),
  { file: "initramfs-tools/zz-backstore", path: "conf/conf.d/zz-backstore" },
  // The one directory is a link to the other, or one of them is all there is.
  ...["usr", "var"].map((top) => ({
    file: "dracut/95-backstore.sh",
    path: `${top}/lib/dracut/hooks/pre-pivot/95-backstore.sh`,
    hasDirectory: true as const,
  })),
];

/** Plans the archive from the program and the texts of the hooks, by their files. */
export function planAddon(program: Uint8Array, hooks: ReadonlyMap<string, string>): Segment[] {
  const entriesOf = (those: readonly AddonHook[]) =>
    those.map(
      ({ file, path, mode = 0o644 }): CpioEntry => ({
        kind: "file",
        path,
        mode,
        data: encodeUtf8(hooks.get(file) ?? ""),
      }),
    );
  return [
    {
      // It may follow an initramfs of any length: only a compressed archive need not begin at a
      // multiple of four bytes.
      isCompressed: true,
      entries: [
        ...withDirectories([
          { kind: "file", path: addonProgram, mode: 0o755, data: program },
          ...entriesOf(addonHooks.filter(({ hasDirectory }) => !hasDirectory)),
        ]),
        ...entriesOf(addonHooks.filter(({ hasDirectory }) => hasDirectory)),
      ],
    },
  ];
}
