// Device numbers as the kernel's tables write them.

/**
 * Formats a device number as "major:minor", in decimal as in mountinfo or hexadecimal as in
 * /proc/locks. The number has the upper bits of both further up (makedev(3)).
 */
export function formatDeviceNumber(number: number, base: 10 | 16 = 10): string {
  const major = Math.floor(number / 256) % 4096;
  const minor = (number % 256) + (Math.floor(number / 2 ** 20) % 2 ** 12) * 256;
  const format = (part: number) => part.toString(base).padStart(base === 16 ? 2 : 1, "0");
  return `${format(major)}:${format(minor)}`;
}
