// The facts that a guest printed on its line for facts: JSON lines, {"kind", "name", "text"}, the
// latter two in base64 (guest/guest-facts.sh writes them).

/** The facts of a guest: texts by kind and name ("file" "/etc/motd"). */
export class GuestFacts {
  private readonly texts = new Map<string, string>();

  /** Reads JSON lines; an incomplete last line is left by a killed guest, and is ignored. */
  constructor(lines: string) {
    for (const line of lines.split("\n")) {
      const fact = parseLine(line);
      if (fact !== undefined) this.texts.set(`${fact.kind} ${fact.name}`, fact.text);
    }
  }

  /** Returns the text of a fact; undefined if the guest did not print it. */
  text(kind: string, name = ""): string | undefined {
    return this.texts.get(`${kind} ${name}`);
  }

  /** Returns every name of the facts of a kind. */
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
