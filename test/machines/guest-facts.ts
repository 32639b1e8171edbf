// What a guest told on its line for facts: JSON lines, {"kind", "name", "text"}, the latter two in base64
// (guest/guest-facts.sh writes them).

/** What a guest told: texts by kind and name ("file" "/etc/motd"). */
export class GuestFacts {
  private readonly texts = new Map<string, string>();

  /** Reads JSON lines; a torn last line is what a killed guest leaves, and is passed over. */
  constructor(lines: string) {
    for (const line of lines.split("\n")) {
      const fact = parseLine(line);
      if (fact !== undefined) this.texts.set(`${fact.kind} ${fact.name}`, fact.text);
    }
  }

  /** Returns the text of a fact; undefined when the guest did not tell it. */
  text(kind: string, name = ""): string | undefined {
    return this.texts.get(`${kind} ${name}`);
  }

  /** Returns every name that a kind of fact was told for. */
  names(kind: string): string[] {
    return [...this.texts.keys()].flatMap((key) =>
      key.startsWith(`${kind} `) ? [key.slice(kind.length + 1)] : [],
    );
  }
}

function parseLine(line: string): { kind: string; name: string; text: string } | undefined {
  try {
    const { kind, name, text } = JSON.parse(line);
    return { kind, name: decode(name), text: decode(text) };
  } catch {
    return undefined;
  }
}

function decode(base64: string): string {
  return Buffer.from(base64, "base64").toString("utf8");
}
