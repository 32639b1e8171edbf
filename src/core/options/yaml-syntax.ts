// The YAML library's syntax errors in words for a person who has never read the specification of
// YAML.

import type { ErrorCode, YAMLError } from "yaml";

const sentences: Readonly<Record<ErrorCode, string>> = {
  ALIAS_PROPS: 'a "*alias" cannot have an anchor or a tag',
  BAD_ALIAS: "an anchor or an alias has an invalid name",
  BAD_COLLECTION_TYPE: "a tag does not match the type of its list or map",
  BAD_DIRECTIVE: 'a line that starts with "%" is malformed',
  BAD_DQ_ESCAPE: "invalid escape in double quotes, use single quotes for a plain backslash",
  BAD_INDENT:
    "the indentation does not match the surrounding lines, or an earlier bracket is not closed",
  BAD_PROP_ORDER: "an anchor or a tag is before the indicator that it must follow",
  BAD_SCALAR_START: "a string starts with a reserved character, quote it",
  BLOCK_AS_IMPLICIT_KEY:
    'a second ": " where a value is expected, quote the value or fix the indentation',
  BLOCK_IN_FLOW: "an indented list or map is inside brackets",
  DUPLICATE_KEY: "a key occurs twice",
  IMPOSSIBLE: "invalid YAML",
  KEY_OVER_1024_CHARS: "a key is longer than 1024 characters",
  MISSING_CHAR: 'a ":", a "," or a space is missing',
  MULTILINE_IMPLICIT_KEY: 'a key spans several lines, or a ":" is missing after it',
  MULTIPLE_ANCHORS: "a value has two anchors",
  MULTIPLE_DOCS: 'only the part before the second "---" is used',
  MULTIPLE_TAGS: "a value has two tags",
  NON_STRING_KEY: "a key is not a string",
  RESOURCE_EXHAUSTION: "it is nested too deeply",
  TAB_AS_INDENT: "a tab is used for indentation, but YAML allows only spaces",
  TAG_RESOLVE_FAILED: "unknown tag",
  UNEXPECTED_TOKEN: "unexpected character",
};

/** Describes a syntax error in half a sentence. */
export function describeSyntaxError({ code, message }: YAMLError): string {
  if (code === "MISSING_CHAR" && /quote/.test(message)) return "a quote is not closed";
  return sentences[code];
}
