// How a device gets a file system for directory stores: what it must be for that, and the steps. A
// device in use is always refused.

import type { DeviceFacts } from "../devices/device-contents.ts";
import type { StoreFileSystem } from "../file-systems/store-types.ts";
import type { Plan } from "../steps/step.ts";
import { Failure } from "../text/failure.ts";
import { formatPath, formatQuoted } from "../text/quoted.ts";
import { formatSize } from "../text/size.ts";

/** A request to create a file system on a device. */
export interface DeviceRequest {
  readonly inner: StoreFileSystem;
  readonly label: string;
}

/** A file system to create. */
interface NewFileSystem {
  readonly path: string;
  readonly bytes: number;
  readonly type: string;
  readonly label: string;
}

/** Throws a Failure if the device cannot or must not be written to, with or without consent. */
export function checkDevice(facts: DeviceFacts, { inner }: DeviceRequest): void {
  const cannot = `Cannot create a file system on ${formatPath(facts.path)}`;
  const [use] = facts.uses;
  if (use !== undefined) throw new Failure("in-use", `${cannot}: ${use}`);
  if (facts.isReadonly) throw new Failure("unsafe", `${cannot}: it is write-protected`);
  if (facts.bytes >= inner.smallestBytes) return;
  throw new Failure(
    "no-room",
    `${cannot}: it has only ${formatSize(facts.bytes)}, but ${inner.name} file system needs ${formatSize(inner.smallestBytes)}`,
    "choose another device, or another --type",
  );
}

/** Plans the file system. */
export function planDevice(
  facts: DeviceFacts,
  { inner, label }: DeviceRequest,
): Plan<NewFileSystem> {
  const { path, bytes, identity } = facts;
  return {
    title: `Create ${inner.name} file system of ${formatSize(bytes)} on ${formatPath(path)}, labelled ${formatQuoted(label)}`,
    steps: [
      { do: "check-device", path, bytes, ...identity },
      // Signatures that mkfs does not overwrite would make the device ambivalent: backup tables at
      // its end, members of arrays.
      {
        do: "run-tool",
        action: `erase the signatures on ${formatPath(path)}`,
        argv: ["wipefs", "--quiet", "--all", path],
      },
      {
        do: "run-tool",
        action: `create ${inner.name} file system on ${formatPath(path)}`,
        argv: inner.make({ path, label, bytes, isZeroed: false }),
      },
      { do: "sync-file", path },
    ],
    result: { path, bytes, type: inner.type, label },
  };
}
