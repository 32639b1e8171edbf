// What this program does before another initramfs starts, when the kernel has started it instead
// (rdinit=/backstore-init): that calls it later by a hook, which one of them has to be told about.

import { linuxLiveHook } from "../initramfs/addon-contents.ts";
import type { Plan } from "../steps/step.ts";
import type { Generator } from "./identify-initramfs.ts";

/** Whether this program will be called once the root is assembled. */
export interface InitramfsStart {
  readonly generator: Generator;
  /** Whose initramfs has no hook that this program could be called by; undefined if it has one. */
  readonly unsupported: string | undefined;
}

/** The facts that a start depends on. */
export interface StartFacts {
  readonly generator: Generator;
  /** The configuration that mkinitcpio has left in its initramfs. */
  readonly mkinitcpioConfig: string;
}

/** Where mkinitcpio's init reads which hooks there are. */
export const mkinitcpioConfigFile = "/config";

/** Plans what is changed in the initramfs before it starts; nothing that fails may prevent that. */
export function planInitramfsStart({
  generator,
  mkinitcpioConfig,
}: StartFacts): Plan<InitramfsStart> {
  const change = chooseChange(generator, mkinitcpioConfig);
  return {
    title: "Let the initramfs call this program when its root is mounted",
    result: { generator, unsupported: unsupported[generator] },
    steps: change === undefined ? [] : [{ do: "append-file", ...change, optional: true }],
  };
}

/** Chooses what is added to a file, where the hook has to be named in one. */
function chooseChange(
  generator: Generator,
  mkinitcpioConfig: string,
): { readonly path: string; readonly text: string } | undefined {
  if (generator === "linux-live") return { path: "/lib/livekitlib", text: livekitLine };
  if (generator !== "mkinitcpio" || hasLateHook(mkinitcpioConfig)) return undefined;
  return { path: mkinitcpioConfigFile, text: lateHookLine };
}

/** Its functions are sourced by its init, which has no hook but a file on the medium. */
const livekitLine = `\n. /${linuxLiveHook}\n`;

const unsupported: { readonly [Name in Generator]?: string } = {
  alpine: "Alpine's initramfs is not supported",
  liveslak: "liveslak's initramfs is not supported",
  "mkinitcpio-systemd": "mkinitcpio's initramfs with systemd in it is not supported",
  nixos: "NixOS's initramfs is not supported",
  puppy: "Puppy's initramfs is not supported",
  unknown: "the initramfs is not of a kind that is supported",
};

/** The name of the hook, which is a file in /hooks. */
const hook = "backstore";

/**
 * The configuration is sourced by a shell. The other late hooks come before: what they write into
 * the root comes anew at every boot, and is not kept.
 */
const lateHookLine = `\nLATEHOOKS="$LATEHOOKS ${hook}"\n`;

/** Returns whether the hook is in the list already, by the generator or by this program. */
function hasLateHook(config: string): boolean {
  const values = [...config.matchAll(/^LATEHOOKS=(.*)$/gm)].map(([, value = ""]) => value);
  return values.some((value) => value.replace(/["']/g, "").split(/\s+/).includes(hook));
}
