// The program as PID 1 of another initramfs, with rdinit=/backstore-init: it makes sure that it is
// called when that has mounted its root, and becomes the other's /init, whatever else happens.
// Nothing is mounted, because /init mounts all that itself.

import { decodeUtf8 } from "../core/bytes/utf.ts";
import { identifyInitramfs } from "../core/takeover/identify-initramfs.ts";
import { mkinitcpioConfigFile, planInitramfsStart } from "../core/takeover/plan-initramfs-start.ts";
import { Failure } from "../core/text/failure.ts";
import { ifPossible, reasonOf } from "../system/port/errors.ts";
import { readIfPresent } from "../system/port/files.ts";
import { errnoOf, type System } from "../system/port/system.ts";
import { execute } from "../system/steps/execute.ts";
import type { SummariseBug } from "./last-guard.ts";
import { waitForEver } from "./wait.ts";

/** The arguments that the kernel starts this program with. */
interface InitramfsCall {
  /** The words that the kernel passes on to init. */
  readonly words: readonly string[];
  readonly summariseBug: SummariseBug;
}

/** Prepares the initramfs, and becomes its /init. */
export function becomeInitramfs(system: System, { words, summariseBug }: InitramfsCall): never {
  try {
    prepareInitramfs(system);
  } catch (error) {
    const isBug = errnoOf(error) === undefined && !(error instanceof Failure);
    sayWithout(system, isBug ? summariseBug(error) : reasonOf(error));
  }
  try {
    return system.becomeProgram([init, ...words]);
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
    return waitForEver(
      system,
      `Cannot start ${init} of the initramfs: ${reasonOf(error)}; restart without rdinit=`,
    );
  }
}

const init = "/init";

/** Where a script says what it is. */
const mostInitBytes = 16_384;

function prepareInitramfs(system: System): void {
  const generator = identifyInitramfs({
    isThere: (path) => ifPossible(() => system.status(path)) !== undefined,
    initLink: ifPossible(() => system.readLink(init)),
    initText: readBeginning(system),
  });
  const mkinitcpioConfig = readIfPresent(system, mkinitcpioConfigFile) ?? "";
  const { plan, failures } = execute(system, planInitramfsStart({ generator, mkinitcpioConfig }));
  const { unsupported } = plan.result;
  if (unsupported !== undefined) sayWithout(system, unsupported);
  for (const { message } of failures) sayWithout(system, message);
}

function readBeginning(system: System): string {
  const bytes = ifPossible(() => system.readBytes(init, 0, mostInitBytes));
  return bytes === undefined ? "" : decodeUtf8(bytes);
}

/** Reports on the console and in the kernel log why this program will not be called. */
function sayWithout(system: System, reason: string): void {
  const line = `backstore: ${reason}: the system starts as without backstore\n`;
  system.say("stderr", line);
  const isThere = ifPossible(() => system.linkStatus(kernelLog)) !== undefined;
  // Without a devtmpfs there is no node for it yet, and one that stays would be in the other's way.
  if (!isThere) ifPossible(() => system.makeNode(kernelLog, "character", 0o600, kernelLogDevice));
  system.say("kernel", line);
  if (!isThere) ifPossible(() => system.removeFile(kernelLog));
}

const kernelLog = "/dev/kmsg";
/** 1:11 (Documentation/admin-guide/devices.txt). */
const kernelLogDevice = 0x10b;
