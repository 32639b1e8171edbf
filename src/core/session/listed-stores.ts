// Every store that was found, compared with what a boot would do: which one it would use, and why
// not each of the others.

import { formatDirectoryOptions, formatFileOptions } from "../choosing/choosing-options.ts";
import { chooseRequest } from "../choosing/store-request.ts";
import { type Candidate, formatChoice } from "../devices/candidate.ts";
import type { Device } from "../devices/device.ts";
import { matchesReference } from "../devices/device-reference.ts";
import { listVolumes } from "../devices/volumes.ts";
import { type ExaminedStore, identifySeen } from "../stores/seen-store.ts";
import { formatQuoted } from "../text/quoted.ts";
import type { Explanation } from "./explanation.ts";
import type { StoreSummary } from "./session.ts";

/** A store that was found, with what a boot would do with it. */
export interface ListedStore {
  readonly seen: ExaminedStore;
  readonly chosen: boolean;
  /** Why a boot would use it, or why not. */
  readonly reason: string;
}

/** Compares what was found on `devices` with what a boot would do. */
export function listStores(
  stores: readonly ExaminedStore[],
  { boot, devices }: { boot: Explanation; devices: readonly Device[] },
): readonly ListedStore[] {
  return stores.map((seen) => {
    const chosen = boot.store !== undefined && isSame(seen, boot.store);
    const candidate = boot.candidates.find((one) => isAbout(one, seen));
    const reason = chosen ? candidate?.reason : whyNot(seen, { boot, devices, candidate });
    return { seen, chosen, reason: reason ?? "" };
  });
}

function isSame({ kind, device, path, isElsewhere }: ExaminedStore, store: StoreSummary): boolean {
  if (isElsewhere || store.kind !== kind || store.device !== device.path) return false;
  return path === (store.kind === "file" ? store.file : `/${store.directory}`);
}

function isAbout({ device }: Candidate, seen: ExaminedStore): boolean {
  return device === seen.device.path;
}

function whyNot(
  seen: ExaminedStore,
  {
    boot,
    devices,
    candidate,
  }: { boot: Explanation; devices: readonly Device[]; candidate: Candidate | undefined },
): string | undefined {
  const state = identifySeen(seen);
  if (state.reason !== undefined) return state.reason;
  if (!devices.some(({ path }) => path === seen.device.path))
    return "a boot does not see what is in a loop device; --image with its file looks at it as a disk";
  const choosing = describeChoosing(seen, devices);
  const request = chooseRequest(boot.options);
  if ("none" in request) return `${request.none}; ${choosing}`;
  const wanted = "file" in request ? request.file.path : undefined;
  if (seen.kind === "file" && wanted === undefined)
    return `a boot looks for a directory store; ${choosing}`;
  if (seen.kind === "directory" && wanted !== undefined)
    return `a boot looks for a file store; ${choosing}`;
  if (seen.kind === "file" && wanted !== seen.path)
    return `a boot looks for ${formatQuoted(wanted ?? "")}; ${choosing}`;
  if (boot.store?.kind === "directory" && boot.store.device === seen.device.path)
    return `a boot uses ${formatQuoted(`/${boot.store.directory}`)} on this device; ${choosing}`;
  if (seen.isElsewhere && candidate?.accepted)
    return `a boot mounts another subvolume; ${choosing}`;
  return candidate?.reason ?? boot.reason;
}

/** Formats the options that choose this store and no other. */
function describeChoosing(seen: ExaminedStore, devices: readonly Device[]): string {
  const { kind, device, path, subvolume } = seen;
  if (kind === "directory" && path === "/") return "no option chooses the root of a file system";
  const named = nameDevice(device, devices);
  const options =
    kind === "directory"
      ? formatDirectoryOptions({ directory: path, device: named, subvolume })
      : formatFileOptions({ path, device: named });
  return options === undefined ? "no option can name it" : `${options} would choose it`;
}

/** Names a device unambiguously. */
function nameDevice(device: Device, devices: readonly Device[]): string {
  const volumes = listVolumes(devices);
  return formatChoice(device, (reference) => {
    const named = volumes.filter((other) => matchesReference(other, reference));
    return named.length === 1 && named[0]?.path === device.path;
  });
}
