// Device numbers: as the kernel's tables write them, and in their two parts (makedev(3)).

/** The two parts of a device number. */
export interface DeviceParts {
  readonly major: number;
  readonly minor: number;
}

/** Splits a device number, which has the upper bits of both parts further up. */
export function splitDeviceNumber(number: number): DeviceParts {
  const major = Math.floor(number / 256) % 4096;
  const minor = (number % 256) + (Math.floor(number / 2 ** 20) % 2 ** 12) * 256;
  return { major, minor };
}

/** Joins the parts of a device number; they have 12 and 20 bits. */
export function joinDeviceNumber({ major, minor }: DeviceParts): number {
  return (major % 4096) * 256 + (minor % 256) + (Math.floor(minor / 256) % 2 ** 12) * 2 ** 20;
}

/**
 * Formats a device number as "major:minor", in decimal as in mountinfo or hexadecimal as in
 * /proc/locks.
 */
export function formatDeviceNumber(number: number, base: 10 | 16 = 10): string {
  const { major, minor } = splitDeviceNumber(number);
  const format = (part: number) => part.toString(base).padStart(base === 16 ? 2 : 1, "0");
  return `${format(major)}:${format(minor)}`;
}
