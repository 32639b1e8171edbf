// The program with every sentence reworded: a module that is imported with "?reworded" has other
// words in its messages, and so have its imports. Code that decides something by looking into a
// message then decides differently.
import { join } from "node:path";
import type { Plugin } from "vitest/config";

const source = join(import.meta.dirname, "../../src");
const query = "?reworded";

/** Rewords modules that are imported with that. */
export function reworded(): Plugin[] {
  return [
    {
      name: "reworded-imports",
      enforce: "pre",
      resolveId(name, importer) {
        if (!importer?.endsWith(query) || !name.startsWith(".")) return undefined;
        return join(importer, "..", name.replace(query, "")) + query;
      },
    },
    {
      name: "reworded",
      enforce: "post",
      transform(code, id) {
        if (!id.endsWith(query) || !id.startsWith(source)) return undefined;
        return { code: rewordSentences(code, this.parse(code)), map: null };
      },
    },
  ];
}

interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
}

/** Rewords the sentences of a module, except those that something is compared with. */
function rewordSentences(code: string, program: unknown): string {
  let text = code;
  for (const { start, end } of findSentences(program).sort((one, two) => two.start - one.start))
    text = text.slice(0, start) + reword(text.slice(start, end)) + text.slice(end);
  return text;
}

/** Replaces every letter by another one; escapes are unchanged. */
function reword(text: string): string {
  return text.replaceAll(/\\(?:u\{?[0-9a-fA-F]+\}?|x..|.)|[a-z]/g, (part) =>
    part.startsWith("\\") ? part : String.fromCharCode(((part.charCodeAt(0) - 97 + 13) % 26) + 97),
  );
}

function findSentences(value: unknown): Node[] {
  if (Array.isArray(value)) return value.flatMap(findSentences);
  if (!isNode(value) || isComparison(value)) return [];
  if (value.type === "Literal") {
    const { value: text } = value as Node & { readonly value: unknown };
    return typeof text === "string" && isSentence(text) ? [value] : [];
  }
  const below = Object.values(value).flatMap(findSentences);
  if (value.type !== "TemplateLiteral") return below;
  const { quasis } = value as Node & { readonly quasis: readonly (Node & TemplateElement)[] };
  return [
    ...below,
    ...(isSentence(quasis.map(({ value: { raw } }) => raw).join("x")) ? quasis : []),
  ];
}

interface TemplateElement {
  readonly value: { readonly raw: string };
}

/**
 * A text that another is searched for or compared with keeps its words, so that it no longer
 * matches.
 */
function isComparison(node: Node): boolean {
  const { operator, callee } = node as Node & {
    readonly operator?: string;
    readonly callee?: { readonly property?: { readonly name?: string } };
  };
  if (node.type === "ImportDeclaration") return true;
  if (node.type === "BinaryExpression") return operator !== "+";
  return ["includes", "startsWith", "endsWith", "indexOf"].includes(callee?.property?.name ?? "");
}

/** Kinds whose names have a space: data like all others, some of it in boot.json. */
const kinds: readonly string[] = ["command line", "by copying", "taken back"];

/** Two words with a space between them. */
function isSentence(text: string): boolean {
  return !kinds.includes(text) && /[a-z"][,:;.]? "?[a-z]{2,}/.test(text);
}

function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && "type" in value;
}
