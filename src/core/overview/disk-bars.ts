// The disks of the machine with their partitions to scale, and what the boot thought of each.

import type { Device } from "../devices/device.ts";
import type { BootRecord } from "../status/boot-record.ts";

/** A disk. */
export interface DiskBar {
  readonly path: string;
  readonly model: string | undefined;
  readonly bytes: number;
  readonly removable: boolean;
  /** In the order in which they are on it; the disk itself if it has no partitions. */
  readonly parts: readonly DiskPart[];
}

/** A partition, or what is between two. */
export interface DiskPart {
  /** Undefined for room that no partition has. */
  readonly path: string | undefined;
  /** Where it is drawn; of partitions that overlap, the first is drawn whole. */
  readonly start: number;
  readonly drawnBytes: number;
  readonly bytes: number;
  readonly type: string | undefined;
  readonly label: string | undefined;
  /** Whether the base comes from it, or it has the store. */
  readonly role: "medium" | "store" | "medium and store" | undefined;
  /** Why the boot took it for the store, or not; undefined if that is not known. */
  readonly reason: string | undefined;
}

/** Less than this between two partitions is alignment. */
const leastGapBytes = 4 << 20;

/** Lists disks, each with its parts. */
export function listDisks(
  devices: readonly Device[],
  boot: BootRecord | undefined,
): readonly DiskBar[] {
  return devices
    .filter(({ disk, bytes }) => disk === undefined && bytes > 0)
    .map((disk) => {
      const { path, model, bytes, removable } = disk;
      const partitions = devices
        .filter((device) => device.disk === path)
        .sort((one, other) => (one.start ?? 0) - (other.start ?? 0));
      const own = partitions.length === 0 || disk.superblock !== undefined ? [disk] : [];
      const parts = placeParts(disk, partitions).map((part) => describePart(part, boot));
      const whole = own.map((device) =>
        describePart(
          { device, start: 0, bytes, drawnBytes: partitions.length === 0 ? bytes : 0 },
          boot,
        ),
      );
      return { path, model, bytes, removable, parts: [...whole, ...parts] };
    });
}

interface PlacedPart {
  readonly device: Device | undefined;
  readonly start: number;
  readonly bytes: number;
  readonly drawnBytes: number;
}

function placeParts(disk: Device, partitions: readonly Device[]): PlacedPart[] {
  if (partitions.length === 0) return [];
  const placed: PlacedPart[] = [];
  let end = 0;
  const placeGap = (until: number) => {
    if (until - end < leastGapBytes) return;
    const bytes = until - end;
    placed.push({ device: undefined, start: end, bytes, drawnBytes: bytes });
  };
  for (const device of partitions) {
    const at = device.start ?? end;
    placeGap(at);
    const start = Math.min(Math.max(at, end), disk.bytes);
    const drawnBytes = Math.max(0, Math.min(at + device.bytes, disk.bytes) - start);
    placed.push({ device, start, bytes: device.bytes, drawnBytes });
    end = Math.max(end, start + drawnBytes);
  }
  placeGap(disk.bytes);
  return placed;
}

function describePart(
  { device, start, bytes, drawnBytes }: PlacedPart,
  boot: BootRecord | undefined,
): DiskPart {
  const path = device?.path;
  const isMedium = path !== undefined && boot?.medium?.device === path;
  const isStore = path !== undefined && boot?.store?.device === path;
  return {
    ...{ path, start, bytes, drawnBytes },
    type: device?.superblock?.type,
    label: device?.superblock?.label,
    role: isMedium ? (isStore ? "medium and store" : "medium") : isStore ? "store" : undefined,
    reason:
      path === undefined
        ? undefined
        : boot?.candidates?.find((candidate) => candidate.device === path)?.reason,
  };
}
