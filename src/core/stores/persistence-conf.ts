// persistence.conf, by which Debian's live-boot knows a file system with changes: a line for each
// directory of the system that is kept, and how.
// Facts: persistence.conf(5); live-boot's get_custom_mounts() and activate_custom_mounts().

/** A directory that live-boot keeps. */
export interface KeptDirectory {
  /** In the system, without slashes at the ends; "" is the whole. */
  readonly path: string;
  /** On the file system, in the same form. */
  readonly source: string;
  /**
   * As changes to what the system has, as the directory itself, or as links to each of its files.
   */
  readonly how: "union" | "bind" | "link";
}

/** What a file says. */
export interface KeptDirectories {
  readonly kept: readonly KeptDirectory[];
  /** The lines that live-boot leaves out, from 1. */
  readonly ignored: readonly number[];
}

/** Parses the text of a persistence.conf. */
export function parsePersistence(text: string): KeptDirectories {
  const kept: KeptDirectory[] = [];
  const ignored: number[] = [];
  text.split("\n").forEach((line, index) => {
    const [path = "", ...options] = line.trim().split(/[ \t]+/);
    if (path === "" || path.startsWith("#")) return;
    const found = readLine(path, options.join(",").split(","));
    // Of two lines for one directory live-boot uses any.
    if (found === undefined || kept.some((other) => other.path === found.path))
      ignored.push(index + 1);
    else kept.push(found);
  });
  return { kept, ignored };
}

function readLine(path: string, options: readonly string[]): KeptDirectory | undefined {
  if (!path.startsWith("/") || path.startsWith("/lib") || hasDots(path)) return undefined;
  let how: KeptDirectory["how"] = "bind";
  let source = path;
  for (const option of options) {
    if (option === "union" || option === "bind" || option === "link") how = option;
    else if (option.startsWith("source=")) source = option.slice("source=".length);
    else if (option !== "") return undefined;
  }
  const isOwn = source === path;
  if (source === ".") source = "";
  else if (hasDots(source) || (!isOwn && (source.startsWith("/") || source === "")))
    return undefined;
  return { path: trimSlashes(path), source: trimSlashes(source), how };
}

function hasDots(path: string): boolean {
  return path.split("/").some((name) => name === "." || name === "..");
}

function trimSlashes(path: string): string {
  return path
    .split("/")
    .filter((name) => name !== "")
    .join("/");
}
