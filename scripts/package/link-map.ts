// The linker's map (ld -Map): which files an executable was linked from.

/**
 * Parses a map, and returns the objects, and the archives of which a member was linked; an archive
 * that was looked into for nothing is left out.
 */
export function parseLinkMap(text: string): string[] {
  const objects = [...text.matchAll(/^LOAD (\S+\.o)$/gm)].map(([, path = ""]) => path);
  const [members = ""] = text.split(/^(?:Discarded input sections|Memory Configuration)$/m);
  const archives = [...members.matchAll(/^(\S+\.a)\([^)]+\)/gm)].map(([, path = ""]) => path);
  return [...new Set([...objects, ...archives])];
}
