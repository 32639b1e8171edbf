// The YAML library's syntax errors in words for a person who has never read the specification of
// YAML.

import type { ErrorCode, YAMLError } from "yaml";

const sentences: Readonly<Record<ErrorCode, string>> = {
  ALIAS_PROPS: 'a "*alias" has an anchor or a tag of its own',
  BAD_ALIAS: "an anchor or an alias has no usable name",
  BAD_COLLECTION_TYPE: "a tag does not fit the list or map that it stands at",
  BAD_DIRECTIVE: 'a line that starts with "%" is malformed',
  BAD_DQ_ESCAPE:
    "a backslash in double quotes starts no escape that YAML knows, single quotes need none",
  BAD_INDENT: "the indentation does not fit the lines around it, or a bracket is not closed before",
  BAD_PROP_ORDER: "an anchor or a tag stands before the sign that it has to follow",
  BAD_SCALAR_START: "a text starts with a sign that YAML reserves, put the text in quotes",
  BLOCK_AS_IMPLICIT_KEY:
    'a second ": " follows where a value is expected, put the value in quotes or mend the indentation',
  BLOCK_IN_FLOW: "an indented list or map stands within brackets",
  DUPLICATE_KEY: "a key is there twice",
  IMPOSSIBLE: "the text contradicts itself",
  KEY_OVER_1024_CHARS: "a key is longer than 1024 characters",
  MISSING_CHAR: 'a ":", a "," or a space is missing',
  MULTILINE_IMPLICIT_KEY: 'a key goes over several lines, or a ":" is missing after it',
  MULTIPLE_ANCHORS: "a value has two anchors",
  MULTIPLE_DOCS: 'only what stands before the second "---" is used',
  MULTIPLE_TAGS: "a value has two tags",
  NON_STRING_KEY: "a key is not a text",
  RESOURCE_EXHAUSTION: "it is nested too deeply",
  TAB_AS_INDENT: "a tab is used for indentation, where YAML takes spaces alone",
  TAG_RESOLVE_FAILED: "a tag cannot be understood",
  UNEXPECTED_TOKEN: "a sign stands where none is expected",
};

/** Describes a syntax error in half a sentence. */
export function describeSyntaxError({ code, message }: YAMLError): string {
  if (code === "MISSING_CHAR" && /quote/.test(message))
    return "a quote that was opened is not closed";
  return sentences[code];
}
