// What the kernel says of a device in its log when it refuses to mount it: mount(2) itself has no
// more than an errno. Drivers put the device in parentheses; their levels come with syslog(2).

/** Finds the driver's first complaint about a device (a name as "loop3") since it was attached. */
export function findKernelWord(log: string, name: string): string | undefined {
  const lines = log.split("\n");
  const since = lines.findLastIndex((line) => line.includes(` ${name}: detected capacity change`));
  const said = lines.slice(since < 0 ? -mostLines : since).flatMap((line) => {
    const [, device, word] = complaint.exec(line) ?? [];
    return device === name && word !== undefined && !generic.test(word) ? [word] : [];
  });
  return said[0];
}

/**
 * Finds the first error that ext2, ext3 or ext4 has met on a device since the log was as `before`.
 * Other drivers return an errno for theirs.
 */
export function findDamageWord(
  { before, log }: { readonly before: string; readonly log: string },
  name: string,
): string | undefined {
  const lines = log.split("\n");
  const last = before.trimEnd().split("\n").at(-1) ?? "";
  // Where that is gone, nobody knows how old the others are.
  const since = last === "" ? 0 : lines.lastIndexOf(last) + 1;
  if (since === 0 && last !== "") return undefined;
  const begin = `-fs error (device ${name}): `;
  const line = lines.slice(since).find((one) => one.includes(begin));
  return line?.slice(line.indexOf(begin) + begin.length);
}

/** "EXT4-fs (loop3): …", "BTRFS error (device loop3 state E): …", "ntfs3: loop3: …". */
const complaint = /^<[0-4]>[^(]*?(?:\((?:device )?|ntfs3: )([^\s():]+)(?: [^)]*)?\)?:? (.+)$/;

/** Without the line of its loop device nobody knows how old the others are. */
const mostLines = 8;

/** What follows from a complaint, or goes along with every mount. */
const generic =
  /^(?:SB validate failed|open_ctree failed|log mount.* failed|Mounting|Ending|Unmount|mounted|recovery|using|disk space|first mount|Metadata corruption|Unmount and run|First \d+ bytes|[\da-f]{8}: )/i;
