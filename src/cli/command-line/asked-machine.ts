// The subject of a question about a boot: image files in place of disks, or the running machine.
import type { Device } from "../../core/devices/device.ts";
import { joinMembers } from "../../core/devices/members.ts";
import { notThere } from "../../core/devices/missing.ts";
import { allOverlayParameters } from "../../core/stores/overlay-settings.ts";
import { Failure } from "../../core/text/failure.ts";
import { formatPath } from "../../core/text/quoted.ts";
import { discoverDevices } from "../../system/devices/discover-devices.ts";
import { discoverImage } from "../../system/devices/discover-image.ts";
import { orFail } from "../../system/port/errors.ts";
import { listIfPresent, readIfPresent } from "../../system/port/files.ts";
import type { System } from "../../system/port/system.ts";
import { readCredential } from "../../system/session/read-credential.ts";

/** Lists the devices: images in place of disks, or the machine's own if there are none. */
export function askedDevices(system: System, images: readonly string[]): readonly Device[] {
  return images.length > 0
    ? joinMembers(images.flatMap((file) => discoverFile(system, file)))
    : discoverDevices(system);
}

/** Returns the kernel command line: for images it is unknown, and empty. */
export function commandLineOf(system: System, images: readonly string[]): string {
  return images.length > 0 ? "" : (readIfPresent(system, "/proc/cmdline") ?? "");
}

/** Returns the options that the machine is given as a credential; images have none. */
export function credentialOf(system: System, images: readonly string[]): string | undefined {
  return images.length > 0 ? undefined : readCredential(system);
}

/** Lists overlayfs's parameters in the kernel that would boot: for images the newest one's. */
export function overlayParametersOf(system: System, images: readonly string[]): readonly string[] {
  if (images.length > 0) return allOverlayParameters;
  const found = listIfPresent(system, "/sys/module/overlay/parameters");
  return found.length === 0 ? allOverlayParameters : found;
}

function discoverFile(system: System, file: string): readonly Device[] {
  const action = `Cannot inspect ${formatPath(file)}`;
  const kind = system.status(file)?.kind;
  if (kind === undefined) throw notThere(action, file);
  // Other files would provide endless bytes, or block until somebody writes to them.
  if (kind !== "file" && kind !== "block")
    throw new Failure("usage", `${action}: it is neither a file nor a block device`);
  orFail(action, () => system.readBytes(file, 0, 1));
  return discoverImage(system, file);
}
