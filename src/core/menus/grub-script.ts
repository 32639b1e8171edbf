// GRUB's script language, as far as it is needed to find commands and the bytes of their words: the
// lexical rules of its manual (section "Shell-like scripting"), control structures, blocks. What a
// script does is not followed.

/** A part of a word: a text, or a variable that is put in. */
export type WordPart =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "variable"; readonly name: string };

/** A word, from its first to behind its last byte, quotes included. */
export interface Word {
  readonly from: number;
  readonly to: number;
  readonly parts: readonly WordPart[];
  /** Whether a part of it is in quotes. */
  readonly isQuoted: boolean;
}

/** A command with its words, and the blocks in braces that follow them. */
export interface Statement {
  readonly words: readonly Word[];
  readonly blocks: readonly (readonly Statement[])[];
  readonly from: number;
  readonly to: number;
  /** Whether it ends at a character that GRUB gives no meaning to. */
  readonly isBroken: boolean;
  /**
   * The branches of conditions in which it stands, from the outside to the inside; two commands
   * are both executed only if the list of one begins with that of the other.
   */
  readonly branches: readonly string[];
}

/** A script, or why it is none. */
export type ScriptReading =
  | { readonly statements: readonly Statement[] }
  | { readonly fault: "quote" | "brace" | "depth" };

/** Parses a script: all of `text`, or the part of it from `from` to `to`. */
export function parseGrubScript(text: string, from = 0, to = text.length): ScriptReading {
  try {
    return { statements: new Parser(text, from, to).parseAll() };
  } catch (error) {
    if (error instanceof Fault) return { fault: error.kind };
    throw error;
  }
}

/** Returns the text of a word without variables; undefined if it has some. */
export function literalOf(word: Word | undefined): string | undefined {
  if (word === undefined) return undefined;
  let text = "";
  for (const part of word.parts) {
    if (part.kind === "variable") return undefined;
    text += part.text;
  }
  return text;
}

const deepestBlock = 40;
const deepestCondition = 100;

class Fault extends Error {
  readonly kind: "quote" | "brace" | "depth";
  constructor(kind: Fault["kind"]) {
    super(kind);
    this.kind = kind;
  }
}

/** Words that are followed by a command, and open, part or close a condition or a loop. */
const opening = ["if", "while", "until"];
const parting = ["then", "do", "elif", "else"];
const closing = ["fi", "done"];

class Parser {
  private readonly text: string;
  private readonly to: number;
  private at: number;
  private depth = 0;
  private branches: string[] = [];
  private conditions = 0;

  constructor(text: string, from: number, to: number) {
    this.text = text;
    this.at = from;
    this.to = to;
  }

  parseAll(): Statement[] {
    const statements: Statement[] = [];
    while (this.at < this.to) {
      statements.push(...this.parseList());
      // GRUB reports a brace that closes nothing, and goes on with the next line.
      if (this.peek() === "}") this.at++;
    }
    return statements;
  }

  /** Parses commands up to a closing brace or the end. */
  private parseList(): Statement[] {
    if (++this.depth > deepestBlock) throw new Fault("depth");
    const statements: Statement[] = [];
    const outer = this.branches;
    for (;;) {
      this.skip(" \t\r\n;|&<>");
      const next = this.peek();
      if (next === "" || next === "}") break;
      if (next === "#") {
        this.skipComment();
        continue;
      }
      const statement = this.parseStatement();
      if (statement !== undefined) statements.push(statement);
    }
    this.branches = outer;
    this.depth--;
    return statements;
  }

  private parseStatement(): Statement | undefined {
    const from = this.at;
    if (this.peek() === "{") {
      const blocks = [this.parseBlock()];
      return { words: [], blocks, from, to: this.at, isBroken: false, branches: this.branches };
    }
    const words: Word[] = [];
    const blocks: (readonly Statement[])[] = [];
    let to = from;
    for (;;) {
      this.skip(" \t\r");
      const next = this.peek();
      if (next === "" || "\n;}|&<>".includes(next)) break;
      if (next === "#") {
        this.skipComment();
        break;
      }
      if (next === "{") {
        blocks.push(this.parseBlock());
        to = this.at;
        continue;
      }
      const word = this.parseWord();
      if (word === undefined) continue;
      if (words.length === 0 && this.takeKeyword(word)) return undefined;
      words.push(word);
      to = this.at;
    }
    const isBroken = "|&<>".includes(this.peek() || ";");
    return { words, blocks, from, to, isBroken, branches: this.branches };
  }

  /** Takes note of a word that opens, parts or closes a condition; a command comes behind it. */
  private takeKeyword(word: Word): boolean {
    if (word.isQuoted) return false;
    const name = literalOf(word) ?? "";
    if (this.branches.length > deepestCondition) throw new Fault("depth");
    if (opening.includes(name)) this.branches = [...this.branches, `${this.conditions++}.0`];
    else if (parting.includes(name)) {
      const [number = "", part = "0"] = (this.branches.at(-1) ?? "").split(".");
      if (number !== "" && (name === "elif" || name === "else"))
        this.branches = [...this.branches.slice(0, -1), `${number}.${Number(part) + 1}`];
    } else if (closing.includes(name)) this.branches = this.branches.slice(0, -1);
    else if (name === "for") {
      // Its words are no command; "do" comes behind them.
      this.branches = [...this.branches, `${this.conditions++}.0`];
    } else return false;
    return name !== "for";
  }

  private parseBlock(): Statement[] {
    this.at++;
    const statements = this.parseList();
    if (this.peek() !== "}") throw new Fault("brace");
    this.at++;
    return statements;
  }

  private parseWord(): Word | undefined {
    const from = this.at;
    const parts: WordPart[] = [];
    let isQuoted = false;
    for (let next = this.peek(); next !== "" && !" \t\r\n{}|&;<>".includes(next); ) {
      if (next === "'") {
        isQuoted = true;
        parts.push(this.parseSingle());
      } else if (next === '"' || this.text.startsWith('$"', this.at)) {
        isQuoted = true;
        this.at += next === "$" ? 2 : 1;
        parts.push(...this.parseDouble());
      } else if (next === "$") parts.push(this.parseVariable());
      else if (next === "\\") {
        if (this.takeContinuation()) {
          if (parts.length === 0) return undefined;
        } else {
          parts.push(textPart(this.text.slice(this.at + 1, Math.min(this.at + 2, this.to))));
          this.at = Math.min(this.at + 2, this.to);
        }
      } else parts.push(textPart(this.takeWhile((one) => !" \t\r\n{}|&;<>'\"$\\".includes(one))));
      next = this.peek();
    }
    return { from, to: this.at, parts, isQuoted };
  }

  /** Passes a backslash at the end of a line. */
  private takeContinuation(): boolean {
    for (const end of ["\\\n", "\\\r\n"])
      if (this.text.startsWith(end, this.at)) {
        this.at = Math.min(this.at + end.length, this.to);
        return true;
      }
    return false;
  }

  private parseSingle(): WordPart {
    const end = this.text.indexOf("'", this.at + 1);
    if (end < 0 || end >= this.to) throw new Fault("quote");
    const text = this.text.slice(this.at + 1, end);
    this.at = end + 1;
    return textPart(text);
  }

  private parseDouble(): WordPart[] {
    const parts: WordPart[] = [];
    for (;;) {
      const next = this.peek();
      if (next === "") throw new Fault("quote");
      if (next === '"') {
        this.at++;
        return parts;
      }
      if (next === "$") parts.push(this.parseVariable());
      else if (next === "\\") {
        const escaped = this.text.slice(this.at + 1, this.at + 2);
        parts.push(textPart('"$\\'.includes(escaped) ? escaped : `\\${escaped}`));
        this.at = Math.min(this.at + 2, this.to);
      } else parts.push(textPart(this.takeWhile((one) => !'"$\\'.includes(one))));
    }
  }

  private parseVariable(): WordPart {
    this.at++;
    const isBraced = this.peek() === "{";
    if (isBraced) this.at++;
    const first = this.peek();
    let name = "";
    if (first !== "" && "?#*@".includes(first)) {
      name = first;
      this.at++;
    } else if (isDigit(first)) name = this.takeWhile(isDigit);
    else name = this.takeWhile(isNameCharacter);
    if (isBraced && name !== "" && this.peek() === "}") this.at++;
    return name === "" ? textPart("$") : { kind: "variable", name };
  }

  private skipComment(): void {
    const end = this.text.indexOf("\n", this.at);
    this.at = end < 0 ? this.to : Math.min(end, this.to);
  }

  private skip(characters: string): void {
    while (this.at < this.to && characters.includes(this.text[this.at] ?? "")) this.at++;
  }

  private takeWhile(belongs: (character: string) => boolean): string {
    const from = this.at;
    while (this.at < this.to && belongs(this.text[this.at] ?? "")) this.at++;
    return this.text.slice(from, this.at);
  }

  private peek(): string {
    return this.at < this.to ? (this.text[this.at] ?? "") : "";
  }
}

function textPart(text: string): WordPart {
  return { kind: "text", text };
}

function isDigit(character: string): boolean {
  return character >= "0" && character <= "9";
}

function isNameCharacter(character: string): boolean {
  return (
    isDigit(character) ||
    character === "_" ||
    (character >= "a" && character <= "z") ||
    (character >= "A" && character <= "Z")
  );
}
