// The versions of file system checkers, as their files contain them: a program of another system is
// not started for that.

/**
 * Finds the version in the file of a tool: "btrfs-progs v6.2", or a text that is nothing but a
 * version ("1.47.0"); undefined if there is none, or several.
 */
export function findVersion(bytes: Uint8Array): string | undefined {
  const text = decodeLatin1(bytes);
  const named = /\0[^\0]{0,40}btrfs-progs v(\d+(?:\.\d+){1,3})/.exec(text)?.[1];
  if (named !== undefined) return named;
  const all = text.matchAll(/\0v?(\d{1,3}(?:\.\d{1,3}){1,3})[ ]?(?=\0)/g);
  const found = new Set([...all].map(([, version = ""]) => version));
  const [only] = found;
  return found.size === 1 ? only : undefined;
}

/** Returns whether a version is older than another one. */
export function isOlder(version: string, other: string): boolean {
  const [one, two] = [version, other].map((text) => text.split(".").map(Number));
  for (let at = 0; at < Math.max(one?.length ?? 0, two?.length ?? 0); at++) {
    const [left, right] = [one?.[at] ?? 0, two?.[at] ?? 0];
    if (left !== right) return left < right;
  }
  return false;
}

/** In pieces, because a function has a limited number of arguments. */
function decodeLatin1(bytes: Uint8Array): string {
  const pieces: string[] = [];
  for (let at = 0; at < bytes.length; at += 8192)
    pieces.push(String.fromCharCode(...bytes.subarray(at, at + 8192)));
  return pieces.join("");
}
