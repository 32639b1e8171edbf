// Which mount of a store's overlay was the last one. The kernel makes the directory "work" in the
// work directory anew at every writable mount (ovl_workdir_create), so its birth time tells one
// mount from another, whoever made it. File systems that record no birth time (ext4 with inodes of
// 128 bytes, f2fs as mkfs makes it) record when the names in the work directory were changed, which
// nothing but such a mount does.
import * as v from "valibot";

/** The last writable mount of a store's overlay. */
export interface OverlayMount {
  /** What has that time: the birth of "work", or the last change of the work directory. */
  readonly kind: "born" | "changed";
  /** As ISO 8601 in UTC, with all the digits that the file system has. */
  readonly time: string;
}

/** The kernel's name for the directory in the work directory. */
export const workName = "work";

const schema = v.object({
  kind: v.picklist(["born", "changed"]),
  time: v.pipe(v.string(), v.regex(/^[-+]?\d{4,6}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z$/)),
});

/** Parses the last mount in a record; undefined if it is invalid. */
export function parseOverlayMount(value: unknown): OverlayMount | undefined {
  const parsed = v.safeParse(schema, value);
  return parsed.success ? parsed.output : undefined;
}

/** A time since the beginning of 1970, as the kernel gives it. */
interface KernelTime {
  readonly seconds: number;
  readonly nanoseconds: number;
}

/**
 * Identifies the last mount by the birth time of "work", or else by the last change of the work
 * directory; undefined if neither is known.
 */
export function identifyOverlayMount(
  born: KernelTime | undefined,
  changed: KernelTime | undefined,
): OverlayMount | undefined {
  const kind = born === undefined ? "changed" : "born";
  const time = formatKernelTime(born ?? changed);
  return time === undefined ? undefined : { kind, time };
}

/** Formats a time with nanoseconds; undefined if it is beyond what a date can be. */
function formatKernelTime(time: KernelTime | undefined): string | undefined {
  if (time === undefined || Math.abs(time.seconds) > mostSeconds) return undefined;
  const whole = new Date(time.seconds * 1000).toISOString();
  return `${whole.slice(0, -".000Z".length)}.${String(time.nanoseconds).padStart(9, "0")}Z`;
}

const mostSeconds = 8.64e12;

/** Returns whether nobody has mounted the overlay since `recorded` was. */
export function isSameMount(
  recorded: OverlayMount | undefined,
  seen: OverlayMount | undefined,
): boolean {
  return recorded !== undefined && recorded.kind === seen?.kind && recorded.time === seen.time;
}
