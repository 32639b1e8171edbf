// Shell patterns as used in module aliases ("pci:v00008086d*sv*"), with the semantics of fnmatch(3)
// without flags.

/**
 * Returns whether all of `text` matches `pattern`, in at most pattern times text steps, whatever
 * the input.
 */
export function matchGlob(pattern: string, text: string): boolean {
  const hasOnlyStars = !["?", "[", "\\"].some((special) => pattern.includes(special));
  return hasOnlyStars ? matchPieces(pattern, text) : matchSteps(pattern, text);
}

/** Nearly all patterns have stars alone; the engine's own search is much faster than steps. */
function matchPieces(pattern: string, text: string): boolean {
  const pieces = pattern.split("*");
  const first = pieces.shift() ?? "";
  const last = pieces.pop();
  if (last === undefined) return text === first;
  if (!text.startsWith(first)) return false;
  let at = first.length;
  for (const piece of pieces) {
    const found = text.indexOf(piece, at);
    if (found < 0) return false;
    at = found + piece.length;
  }
  return at + last.length <= text.length && text.endsWith(last);
}

function matchSteps(pattern: string, text: string): boolean {
  let at = 0;
  let from = 0;
  let star: { readonly next: number; from: number } | undefined;
  while (from < text.length) {
    if (pattern[at] === "*") {
      at++;
      star = { next: at, from };
      continue;
    }
    const next = matchOne(pattern, at, text[from] ?? "");
    if (next !== undefined) {
      at = next;
      from++;
      continue;
    }
    // Only the last star needs another try: what an earlier one could match, it can match too.
    if (star === undefined) return false;
    star.from++;
    from = star.from;
    at = star.next;
  }
  while (pattern[at] === "*") at++;
  return at >= pattern.length;
}

/** Returns the part of a pattern before its first special character. */
export function literalPrefix(pattern: string): string {
  return /^[^*?[\\]*/.exec(pattern)?.[0] ?? "";
}

/**
 * Returns the part of a pattern after its last special character; empty if a bracket or backslash
 * is involved.
 */
export function literalSuffix(pattern: string): string {
  if (/[[\]\\]/.test(pattern)) return "";
  return pattern.slice(Math.max(pattern.lastIndexOf("*"), pattern.lastIndexOf("?")) + 1);
}

/**
 * Matches the one-character pattern at `at` and returns where the next one starts; undefined if it
 * differs.
 */
function matchOne(pattern: string, at: number, character: string): number | undefined {
  const first = pattern[at];
  if (first === undefined) return undefined;
  if (first === "?") return at + 1;
  if (first === "\\" && at + 1 < pattern.length) {
    return pattern[at + 1] === character ? at + 2 : undefined;
  }
  if (first === "[") {
    const set = readSet(pattern, at);
    if (set !== undefined) return set.has(character) ? set.end : undefined;
  }
  return first === character ? at + 1 : undefined;
}

/**
 * Reads a bracket expression; undefined if it is never closed, which makes the bracket an ordinary
 * character.
 */
function readSet(pattern: string, at: number) {
  const isNegated = pattern[at + 1] === "!" || pattern[at + 1] === "^";
  const start = at + (isNegated ? 2 : 1);
  // A closing bracket that comes first belongs to the set.
  const end = pattern.indexOf("]", start + 1);
  if (end < 0) return undefined;
  const members = pattern.slice(start, end);
  const has = (character: string) => isMember(members, character) !== isNegated;
  return { has, end: end + 1 };
}

function isMember(members: string, character: string): boolean {
  let at = 0;
  while (at < members.length) {
    const low = members[at] ?? "";
    const high = members[at + 2];
    const isRange = members[at + 1] === "-" && high !== undefined;
    if (character >= low && character <= (isRange ? high : low)) return true;
    at += isRange ? 3 : 1;
  }
  return false;
}
