// Changes as members of an archive, in two forms: as a layer of OCI has them, with whiteouts by
// name, or as an upper directory has them, with devices and attributes, so that what is unpacked is
// one.

import type { Range } from "../bytes/ranges.ts";
import { encodeUtf8 } from "../bytes/utf.ts";
import type { LayerEntry } from "../changes/layer.ts";
import { splitDeviceNumber } from "../kernel/device-number.ts";
import type { Carried, LeftOutReason } from "./carried.ts";
import type { TarEntry, TarKind } from "./tar-entry.ts";
import { identifyName, opaqueName, whiteoutOf } from "./whiteout-names.ts";

/** The form of an archive. */
export type ArchiveForm = "oci" | "upper";

/** What becomes of an entry: members in their order, or none and why. */
export type Members =
  | { readonly kind: "members"; readonly members: readonly TarEntry[] }
  | { readonly kind: "left-out"; readonly path: string; readonly reason: LeftOutReason };

/** Makes members of an entry. `data` is where a file has data, by all that is known of it. */
export function toMembers(carried: Carried, form: ArchiveForm, data: readonly Range[]): Members {
  const leftOut = (reason: LeftOutReason): Members => ({
    kind: "left-out",
    path: carried.path,
    reason,
  });
  if (carried.kind === "left-out") return leftOut(carried.reason);
  // A layer would delete something instead. What a name belongs to is left out with it.
  if (
    form === "oci" &&
    (isReserved(carried.path) || (carried.kind === "name" && isReserved(carried.of)))
  )
    return leftOut("name-of-whiteout");
  const path = carried.path.slice(1);
  switch (carried.kind) {
    case "directory":
      return { kind: "members", members: toDirectory(path, carried, form) };
    case "name":
      return one({ ...nothing, kind: "hard-link", path, to: carried.of.slice(1) });
    case "whiteout":
      return one(toWhiteout(path, form));
    case "file": {
      const kind = tarKinds[carried.entry.kind];
      return kind === undefined
        ? leftOut("socket")
        : one(toFile(path, { entry: carried.entry, kind, data }));
    }
  }
}

function one(member: TarEntry): Members {
  return { kind: "members", members: [member] };
}

/** What is made for a mark has no time, so that the same changes make the same archive. */
const nothing: TarEntry = {
  ...{ kind: "file", path: "", mode: 0, uid: 0, gid: 0 },
  modified: { seconds: 0, nanoseconds: 0 },
  ...{ bytes: 0, data: [], to: "", device: { major: 0, minor: 0 }, xattrs: [] },
};

const tarKinds: Readonly<Record<LayerEntry["kind"], TarKind | undefined>> = {
  file: "file",
  directory: "directory",
  link: "link",
  block: "block",
  character: "character",
  fifo: "fifo",
  socket: undefined,
};

function toDirectory(
  path: string,
  { entry, isOpaque }: { readonly entry: LayerEntry; readonly isOpaque: boolean },
  form: ArchiveForm,
): readonly TarEntry[] {
  const directory = toFile(path, { kind: "directory", entry, data: [] });
  if (!isOpaque) return [directory];
  const mark = { name: "trusted.overlay.opaque", value: encodeUtf8("y") };
  return form === "oci"
    ? [directory, { ...nothing, path: path === "" ? opaqueName : `${path}/${opaqueName}` }]
    : [{ ...directory, xattrs: [...directory.xattrs, mark] }];
}

function toWhiteout(path: string, form: ArchiveForm): TarEntry {
  const slash = path.lastIndexOf("/") + 1;
  return form === "oci"
    ? { ...nothing, path: path.slice(0, slash) + whiteoutOf(path.slice(slash)) }
    : { ...nothing, kind: "character", path };
}

function toFile(
  path: string,
  {
    kind,
    entry,
    data,
  }: { readonly kind: TarKind; readonly entry: LayerEntry; readonly data: readonly Range[] },
): TarEntry {
  const { mode, uid, gid, modified, target, deviceNumber, xattrs } = entry;
  const bytes = kind === "file" ? entry.bytes : 0;
  return {
    ...{ kind, path, mode, uid, gid, modified, bytes },
    data: kind === "file" ? data : [],
    to: target ?? "",
    device: splitDeviceNumber(deviceNumber),
    xattrs: [...xattrs].map(([name, value]) => ({ name, value })),
  };
}

function isReserved(path: string): boolean {
  return path.split("/").some((name) => identifyName(name).kind !== "entry");
}
