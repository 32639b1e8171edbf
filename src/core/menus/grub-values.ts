// The values that a variable of GRUB's scripts may have: all that are assigned to it anywhere on
// the medium, because which file is read when is decided while booting.

import { literalOf, type Statement, type Word, type WordPart } from "./grub-script.ts";
import { unknownPart } from "./menu-entry.ts";

/** What is assigned to each variable. */
export type Assignments = ReadonlyMap<string, readonly (readonly WordPart[])[]>;

/** Finds all assignments in scripts. */
export function findAssignments(scripts: readonly (readonly Statement[])[]): Assignments {
  const found = new Map<string, (readonly WordPart[])[]>();
  const visit = (statements: readonly Statement[]) => {
    for (const { words, blocks } of statements) {
      const [first, ...rest] = words;
      if (literalOf(first) === "for") {
        const name = literalOf(rest[0]) ?? "";
        const values = rest.slice(2).map(({ parts }) => parts);
        found.set(name, [...(found.get(name) ?? []), ...values]);
      }
      const assigned = literalOf(first) === "set" ? rest[0] : first;
      const assignment = assigned && splitAssignment(assigned);
      if (assignment !== undefined) {
        const { name, value } = assignment;
        found.set(name, [...(found.get(name) ?? []), value]);
      }
      for (const block of blocks) visit(block);
    }
  };
  for (const statements of scripts) visit(statements);
  return found;
}

function splitAssignment({
  parts,
}: Word): { readonly name: string; readonly value: readonly WordPart[] } | undefined {
  const [first, ...rest] = parts;
  if (first?.kind !== "text") return undefined;
  const equals = first.text.indexOf("=");
  const name = first.text.slice(0, equals);
  if (equals < 1 || !/^[A-Za-z_]\w*$/.test(name)) return undefined;
  const value = first.text.slice(equals + 1);
  return { name, value: value === "" ? rest : [{ kind: "text", text: value }, ...rest] };
}

/** Bounds for what variables in variables can come to. */
const mostValues = 16;
const deepestValue = 3;
const longestValue = 1024;

/** The values that variables may have. */
export class Values {
  private readonly assignments: Assignments;
  /** The values of a variable at a depth: others ask for them again and again. */
  private readonly known = new Map<string, readonly string[]>();

  constructor(assignments: Assignments) {
    this.assignments = assignments;
  }

  /**
   * Returns what a word may be when it is used, "unknownPart" for what is not known; `own` are the
   * arguments of the entry, by their numbers.
   */
  resolve(
    { parts }: { readonly parts: readonly WordPart[] },
    own: ReadonlyMap<string, readonly WordPart[]> = new Map(),
  ): readonly string[] {
    return combine(parts, (name) => {
      const argument = own.get(name);
      return argument === undefined ? this.valuesOf(name, 0) : this.resolveAt(argument, 1);
    });
  }

  private resolveAt(parts: readonly WordPart[], depth: number): readonly string[] {
    return combine(parts, (name) => this.valuesOf(name, depth));
  }

  private valuesOf(name: string, depth: number): readonly string[] {
    const assigned = this.assignments.get(name);
    if (assigned === undefined || depth >= deepestValue) return [unknownPart];
    const key = `${depth}${name}`;
    const known = this.known.get(key);
    if (known !== undefined) return known;
    const values = assigned
      .slice(0, mostValues)
      .flatMap((parts) => this.resolveAt(parts, depth + 1));
    const bounded = [...new Set(values)].slice(0, mostValues);
    this.known.set(key, bounded);
    return bounded;
  }
}

function combine(
  parts: readonly WordPart[],
  valuesOf: (name: string) => readonly string[],
): readonly string[] {
  let values = [""];
  for (const part of parts) {
    const next = part.kind === "text" ? [part.text] : valuesOf(part.name);
    const longer = values.flatMap((value) =>
      next.map((more) => (value + more).slice(0, longestValue)),
    );
    values = [...new Set(longer)].slice(0, mostValues);
  }
  return values;
}
