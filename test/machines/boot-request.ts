// A requested boot and its result, whichever machine runs it: qemu.ts and uml.ts accept and return
// the same.

import type { GuestFacts } from "./guest-facts.ts";
import type { Accelerator, Disk, Keyboard } from "./machine.ts";

/** A boot of a kernel to run. */
export interface BootRequest extends GuestRequest {
  readonly kernel: string;
  readonly initramfs: string;
  /** Added to the arguments that every guest gets. */
  readonly cmdline: string;
}

/** A guest to run, whatever it starts. */
export interface GuestRequest {
  /** A separate directory for the console's log and the facts. */
  readonly directory: string;
  readonly disks: readonly Disk[];
  readonly memoryMegabytes?: number;
  readonly processors?: number;
  readonly accelerator?: Accelerator;
  readonly timeoutMs?: number;
  /** What a user does while the guest runs. */
  readonly hands?: readonly Hand[];
  readonly keyboard?: Keyboard;
  readonly oemStrings?: readonly string[];
  /**
   * Returns whether the console's log is complete, so that the rest of the time limit need not
   * pass.
   */
  readonly isOver?: (console: string) => boolean;
  /** Called again and again while the guest runs, and when it has ended, with all that it has told. */
  readonly follow?: (facts: GuestFacts, console: string) => void;
}

/** An action of the user once the guest prints something on its serial console. */
export interface Hand {
  readonly when: RegExp;
  /** The name of a disk. */
  readonly plugs?: string;
  readonly pulls?: string;
  /** What is typed on the serial line; Enter is "\r" there. */
  readonly types?: string;
  /** The keys that are pressed on the keyboard, by the QEMU monitor's names for them. */
  readonly presses?: readonly string[];
}

/** The result of a boot. */
export interface BootResult {
  readonly facts: GuestFacts;
  /** The console's log, carriage returns removed. */
  readonly console: string;
  /** The end of it in words: "powered off after 4.1 s", or why it did not. */
  readonly ending: string;
  /** True only if the guest printed its last fact and powered off. */
  readonly finished: boolean;
  readonly elapsedMs: number;
}

/** Returns the last lines of a console, for a person who wants to know why. */
export function formatTail(console: string, lines = 30): string {
  return console.trimEnd().split("\n").slice(-lines).join("\n");
}
