// JSON from outside. What is nested deeply can be parsed and not be written again, and takes far
// more room when it is written with indentation; nothing that is read here is nested like that.

/** The most levels of lists and objects in a text that is parsed. */
export const mostLevels = 32;

/** Parses JSON; undefined if the text is not JSON or is nested too deeply. */
export function parseJson(text: string): unknown {
  if (isTooDeep(text)) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Returns whether lists and objects are nested deeper than is parsed. */
export function isTooDeep(text: string): boolean {
  let level = 0;
  let isText = false;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (isText) {
      if (unit === backslash) at++;
      else if (unit === quote) isText = false;
    } else if (unit === quote) isText = true;
    else if (unit === openList || unit === openObject) {
      if (++level > mostLevels) return true;
    } else if (unit === closeList || unit === closeObject) level--;
  }
  return false;
}

const [quote, backslash] = [0x22, 0x5c];
const [openList, closeList] = [0x5b, 0x5d];
const [openObject, closeObject] = [0x7b, 0x7d];
