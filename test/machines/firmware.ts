// Runs one guest in QEMU whose firmware, a BIOS (SeaBIOS) or UEFI (OVMF), starts the boot loader of
// its first disk: kernel, initramfs and arguments are those of the medium's own menu.

import { copyFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { chooseAccelerator } from "./accelerator.ts";
import type { BootResult, GuestRequest } from "./boot-request.ts";
import { discoverKernel } from "./guest/kernel.ts";
import { unpackKernel } from "./guest/vmlinux.ts";
import { formatMachine } from "./machine.ts";
import { runGuest } from "./run-guest.ts";

export type FirmwareName = "bios" | "uefi";

const code = "/usr/share/OVMF/OVMF_CODE_4M.fd";
const variables = "/usr/share/OVMF/OVMF_VARS_4M.fd";

/** What UEFI needs of this machine. */
export const firmwareFiles = [code, variables] as const;

/** Boots a guest by a firmware and waits for its end, at the time limit at the latest. */
export function executeFirmwareBoot(
  firmware: FirmwareName,
  request: GuestRequest,
): Promise<BootResult> {
  return runGuest(request, (files) => ({
    name: "QEMU",
    argv: formatMachine({
      starts: firmware === "bios" ? {} : { uefi: { code, variables: copyVariables(request) } },
      disks: request.disks,
      memoryMegabytes: request.memoryMegabytes ?? 512,
      processors: request.processors ?? 1,
      accelerator: chooseAccelerator(unpackKernel(discoverKernel().vmlinuz)),
      console: files.console,
      facts: files.facts,
    }),
  }));
}

/** As they are when a machine is new. */
function copyVariables({ directory }: GuestRequest): string {
  const copy = join(directory, "variables.fd");
  mkdirSync(directory, { recursive: true });
  copyFileSync(variables, copy);
  return copy;
}
