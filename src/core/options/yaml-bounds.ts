// Whether a YAML text is safe to parse: the parser builds everything in memory and recurses once
// per level of nesting, while early boot has a small stack and little memory. The library's lexer
// streams, so a text is refused before anything is built from it.

import { CST, Lexer } from "yaml";

/**
 * The most text that is read from one YAML file, in characters; a caller may check the file's size
 * first.
 */
const longestYaml = 2 ** 20;

// A configuration of 2,000 lines has fewer tokens, and no known scope is nested deeper than six
// levels. A text of one megabyte made of doubled quotes costs the engine 130 MB, measured.
const mostTokens = 20_000;

/** The most tokens that are parsed in all files of a medium: they take the engine a second. */
export const mostTokensInAll = 40_000;

const longestToken = 2 ** 17;
const deepest = 32;

/** The reason why a text is not parsed, and its place. */
interface YamlFault {
  readonly reason: string;
  /** In characters from the start of the text. */
  readonly offset: number;
}

/** The tokens that may still be parsed; checking a text takes its tokens off. */
export interface TokenBudget {
  left: number;
}

/**
 * Checks the length, the characters, the number of tokens and the depth of a text; undefined if all
 * is well.
 */
export function checkYamlBounds(text: string, budget: TokenBudget): YamlFault | undefined {
  if (text.length > longestYaml) return { reason: "it is longer than 1 MiB", offset: 0 };
  // biome-ignore lint/suspicious/noControlCharactersInRegex: YAML allows none of these
  const control = text.search(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/);
  if (control >= 0)
    return { reason: "it contains control characters, so it is not UTF-8 text", offset: control };
  return checkTokens(text, budget);
}

interface Nesting {
  /** The columns of the open block collections, outermost first. */
  readonly columns: number[];
  flows: number;
  /** The column of the next token. */
  column: number;
  /** The column of the key that a ":" would belong to; undefined until there is one. */
  keyColumn: number | undefined;
}

function checkTokens(text: string, budget: TokenBudget): YamlFault | undefined {
  const nesting: Nesting = { columns: [], flows: 0, column: 0, keyColumn: undefined };
  let offset = 0;
  let tokens = 0;
  let isScalar = false;
  for (const token of new Lexer().lex(text)) {
    if (++tokens > mostTokens)
      return { reason: `it contains more than ${mostTokens} tokens`, offset };
    if (--budget.left < 0) {
      const reason = `the files contain more than ${mostTokensInAll} tokens in all`;
      return { reason, offset };
    }
    if (token === CST.SCALAR) {
      isScalar = true;
      continue;
    }
    if (token === CST.FLOW_END) nesting.flows = 0;
    if (token === CST.FLOW_END || token === CST.DOCUMENT) continue;
    if (token.length > longestToken && !token.startsWith("#")) {
      return { reason: "a string in it is longer than 128 KiB", offset };
    }
    follow(nesting, token, isScalar);
    isScalar = false;
    if (nesting.columns.length + nesting.flows > deepest) {
      return { reason: `it is nested deeper than ${deepest} levels`, offset };
    }
    offset += token.length;
  }
  return undefined;
}

function follow(nesting: Nesting, token: string, isScalar: boolean): void {
  if (isScalar || !followSign(nesting, token))
    nesting.keyColumn ??= isBlank(token) ? undefined : nesting.column;
  const newline = token.lastIndexOf("\n");
  nesting.column = newline < 0 ? nesting.column + token.length : token.length - newline - 1;
  if (newline >= 0) nesting.keyColumn = undefined;
}

function followSign(nesting: Nesting, token: string): boolean {
  if (token === "[" || token === "{") {
    nesting.keyColumn ??= nesting.column;
    nesting.flows++;
    return true;
  }
  if (token === "]" || token === "}") {
    nesting.flows = Math.max(0, nesting.flows - 1);
    return true;
  }
  if (token !== "-" && token !== "?" && token !== ":") return false;
  if (nesting.flows > 0) return true;
  const column = token === ":" ? (nesting.keyColumn ?? nesting.column) : nesting.column;
  openBlock(nesting.columns, column);
  nesting.keyColumn = undefined;
  return true;
}

function openBlock(columns: number[], column: number): void {
  while ((columns.at(-1) ?? -1) > column) columns.pop();
  if (columns.at(-1) !== column) columns.push(column);
}

function isBlank(token: string): boolean {
  return token.trim() === "" || token.startsWith("#");
}
