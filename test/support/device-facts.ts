// What is on a device before something is written to it, as tests of what is lost write it: a
// partition of a stick, empty or with photos.
import type { DeviceContent, DeviceFacts } from "../../src/core/devices/device-contents.ts";

/** A content without a name. */
export const nameless: DeviceContent = {
  path: "",
  type: "",
  label: undefined,
  uuid: undefined,
  partLabel: undefined,
  partUuid: undefined,
};

/** The file system with the photos. */
export const photos: DeviceContent = {
  ...nameless,
  path: "/dev/sdb1",
  type: "vfat",
  label: "PHOTOS",
  uuid: "1A2B-3C4D",
};

/** The partition when it is empty. */
export const emptyPartition: DeviceFacts = {
  path: photos.path,
  bytes: 8 * 2 ** 30,
  model: "Cruzer Blade",
  serial: "4C530001",
  isReadonly: false,
  uses: [],
  contents: [],
  hasUnknownData: false,
  identity: { type: undefined, uuid: undefined },
};

/** The partition with the photos. */
export const photoPartition: DeviceFacts = {
  ...emptyPartition,
  contents: [photos],
  identity: { type: "vfat", uuid: "1A2B-3C4D" },
};
