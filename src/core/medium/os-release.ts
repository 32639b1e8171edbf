// os-release(5): what an operating system says that it is, as assignments of a shell.

/** Where a system has it; the second one is mostly a link to the first. */
export const osReleaseFiles = ["usr/lib/os-release", "etc/os-release"] as const;

/**
 * Parses the release that the file names: its name for people, and the version of the image, where
 * a distribution makes many images of one release. Undefined if it has no such name.
 */
export function parseOsRelease(text: string): string | undefined {
  const values = new Map(text.split("\n").flatMap(parseAssignment));
  const name = values.get("PRETTY_NAME");
  const version = values.get("IMAGE_VERSION");
  if (!name) return undefined;
  return version && !name.includes(version) ? `${name} ${version}` : name;
}

const assignment = /^([A-Z][A-Z0-9_]*)=(.*)$/;

function parseAssignment(line: string): [name: string, value: string][] {
  const [, name, value] = assignment.exec(line.trim()) ?? [];
  return name === undefined || value === undefined ? [] : [[name, parseValue(value.trim())]];
}

/** Nothing is expanded: what a shell would replace is taken as it stands, without backslashes. */
function parseValue(text: string): string {
  const quote = text[0];
  if (text.length > 1 && text.endsWith(quote ?? "")) {
    if (quote === "'") return text.slice(1, -1);
    if (quote === '"') return text.slice(1, -1).replace(/\\([$"`\\])/g, "$1");
  }
  return text;
}
