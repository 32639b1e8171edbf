// The options of a YAML file with a syntax error: a scope is split into its options by the
// indentation of its lines, so that each can be parsed by itself, and one that is wrong takes no
// other with it.

/** An option with the lines that belong to it, and where it begins in the whole text. */
export interface OptionPart {
  readonly text: string;
  readonly offset: number;
}

/** Splits the last scope of a name in the first document of a text into its options. */
export function splitScope(text: string, scope: string): OptionPart[] {
  let found: Opened | undefined;
  let offset = 0;
  for (const line of text.split("\n")) {
    if (offset > 0 && /^(?:---|\.\.\.)/.test(line) && found !== undefined) break;
    const indent = /^ */.exec(line)?.[0].length ?? 0;
    const content = line.slice(indent);
    if (/^\s*(?:#.*)?$/.test(content)) found?.parts.at(-1)?.lines.push("");
    else if (indent > 0 || content.startsWith("\t")) addLine(found, { content, indent, offset });
    else if (isHead(line, scope)) found = { parts: [] };
    else if (found !== undefined) found = { ...found, isClosed: true };
    offset += line.length + 1;
  }
  return (found?.parts ?? []).map((part) => ({
    text: `${part.lines.join("\n")}\n`,
    offset: part.offset,
  }));
}

/** Finds a line that says by itself that no store is to be used; undefined if there is none. */
export function findOff(text: string): number | undefined {
  const found = off.exec(text);
  return found === null ? undefined : found.index + found[0].indexOf("backstore");
}

const off = /^[ \t]*["']?backstore["']?[ \t]*:[ \t]+["']?off["']?[ \t]*(?:#.*)?\r?$/m;

interface Opened {
  readonly parts: { readonly lines: string[]; readonly indent: number; readonly offset: number }[];
  readonly isClosed?: true;
}

function addLine(
  found: Opened | undefined,
  { content, indent, offset }: { content: string; indent: number; offset: number },
): void {
  if (found === undefined || found.isClosed) return;
  const last = found.parts.at(-1);
  const base = found.parts.find((part) => part.indent > 0)?.indent;
  // What a tab indents may belong anywhere.
  if (last !== undefined && base !== undefined && indent > base && !content.startsWith("\t"))
    last.lines.push(`${" ".repeat(Math.max(0, indent - last.indent))}${content}`);
  else found.parts.push({ lines: [content], indent, offset: offset + indent });
}

function isHead(line: string, scope: string): boolean {
  const [name, rest] = [line.slice(0, scope.length), line.slice(scope.length)];
  return name === scope && /^[ \t]*:[ \t]*(?:#.*)?\r?$/.test(rest);
}
