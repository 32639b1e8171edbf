// The part of @pkgjs/parseargs that we use, Node's own util.parseArgs as a library (it has no
// types).
declare module "@pkgjs/parseargs" {
  type Token =
    | {
        kind: "option";
        /** The word that it is in. */
        index: number;
        name: string;
        rawName: string;
        value: string | undefined;
        inlineValue: boolean | undefined;
      }
    | { kind: "positional"; value: string }
    | { kind: "option-terminator" };
  export function parseArgs(config: {
    args: readonly string[];
    options: Record<string, { type: "string" | "boolean"; multiple?: boolean; short?: string }>;
    strict: false;
    allowPositionals: true;
    tokens: true;
  }): { tokens: readonly Token[] };
}
