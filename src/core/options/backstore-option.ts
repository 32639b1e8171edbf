// The words of `backstore=`: the first generation's ("off", "alldev", a path) and ours. They are
// separated by commas; double quotes protect commas, as in `LABEL="a,b"`.

import {
  type DeviceReference,
  isDeviceReference,
  parseDeviceReference,
} from "../devices/device-reference.ts";
import { Failure } from "../text/failure.ts";
import { parseInnerPath } from "../text/path.ts";
import { formatQuoted } from "../text/quoted.ts";
import { nearest } from "../text/suggest.ts";

/** The reaction to a base that has changed since last time. */
type BasePolicy = "use" | "readonly" | "volatile" | "stop";

/** The value of `backstore=`. */
export interface BackstoreOption {
  readonly off: boolean;
  readonly alldev: boolean;
  /** The store's file on its host, from its top ("/my.bs"); undefined for "/sysrcd.bs". */
  readonly path: string | undefined;
  /** The file system with the directory store, where `cow_device` has another meaning. */
  readonly directory: DeviceReference | undefined;
  /** The only device to search; undefined for all that are suitable. */
  readonly device: DeviceReference | undefined;
  readonly readonly: boolean;
  readonly required: boolean;
  readonly ask: boolean;
  readonly waitSeconds: number;
  readonly base: BasePolicy;
  /** Whether the option was set at all. */
  readonly explicit: boolean;
}

/** The value read from a text, with a sentence for each word that was ignored. */
interface BackstoreReading {
  readonly value: BackstoreOption;
  readonly problems: readonly WordProblem[];
}

/** A word that was ignored. */
interface WordProblem {
  readonly message: string;
  /**
   * Whether no store may be used: the place named by the word is invalid or was not read, and
   * another would be a guess.
   */
  readonly refuses: boolean;
}

/** The value if nobody set the option. */
export const defaultBackstore: BackstoreOption = {
  off: false,
  alldev: false,
  path: undefined,
  directory: undefined,
  device: undefined,
  readonly: false,
  required: false,
  ask: false,
  waitSeconds: 30,
  base: "use",
  explicit: false,
};

const flags = ["off", "alldev", "readonly", "required", "ask"] as const;
const settings = ["wait", "base", "directory"] as const;
const policies: readonly BasePolicy[] = ["use", "readonly", "volatile", "stop"];

const longestWaitSeconds = 3600;

// There are ten kinds of words. A value in a YAML file may be long, and each unknown word is
// compared with the known ones.
const mostWords = 64;

/**
 * Parses the value of `backstore=`; undefined is the bare word, which asks for the default search.
 */
export function parseBackstore(text: string | undefined): BackstoreReading {
  let value: BackstoreOption = { ...defaultBackstore, explicit: true };
  const problems: WordProblem[] = [];
  const words = splitWords(text ?? "");
  for (const word of words.slice(0, mostWords)) {
    try {
      value = { ...value, ...parseWord(word) };
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      problems.push({ message: error.message, refuses: isPlace(word) });
    }
  }
  if (words.length > mostWords) {
    const message = `Cannot use ${words.length} words in backstore: at most ${mostWords} are read`;
    problems.push({ message, refuses: true });
  }
  return { value, problems };
}

function parseWord(word: string): Partial<BackstoreOption> {
  if (isDeviceReference(word))
    return { device: parseDeviceReference(word, "the device of backstore") };
  if (word.startsWith("/")) return { path: `/${parseInnerPath(word, "the path of backstore")}` };
  const flag = flags.find((name) => name === word);
  if (flag !== undefined) return { [flag]: true };
  const [name = "", setting] = splitOnce(word);
  if (name === "wait" && setting !== undefined) return { waitSeconds: parseWait(setting) };
  if (name === "base" && setting !== undefined) return { base: parsePolicy(setting) };
  if (name === "directory" && setting !== undefined)
    return { directory: parseDeviceReference(setting, "the directory of backstore") };
  throw unknownWord(word, name);
}

function parseWait(text: string): number {
  const seconds = /^\d{1,4}$/.test(text) ? Number(text) : Number.NaN;
  if (seconds <= longestWaitSeconds) return seconds;
  throw new Failure(
    "usage",
    `Cannot use ${formatQuoted(`wait=${text}`)} in backstore: expected a whole number of seconds, at most ${longestWaitSeconds}`,
  );
}

function parsePolicy(text: string): BasePolicy {
  const policy = policies.find((name) => name === text);
  if (policy !== undefined) return policy;
  throw new Failure(
    "usage",
    `Cannot use ${formatQuoted(`base=${text}`)} in backstore: expected "use", "readonly", "volatile" or "stop"`,
  );
}

function unknownWord(word: string, name: string): Failure {
  const meant = nearest(name, [...flags, ...settings]);
  const reason =
    meant === undefined
      ? 'it is not a known word, and a path starts with "/"'
      : `unknown word, did you mean ${formatQuoted(isSetting(meant) ? `${meant}=` : meant)}?`;
  return new Failure("usage", `Cannot use ${formatQuoted(word)} in backstore: ${reason}`);
}

function isSetting(name: string): boolean {
  return settings.some((setting) => setting === name);
}

function isPlace(word: string): boolean {
  return word.startsWith("/") || word.startsWith("directory=") || isDeviceReference(word);
}

function splitOnce(word: string): [string, string | undefined] {
  const equals = word.indexOf("=");
  return equals < 0 ? [word, undefined] : [word.slice(0, equals), word.slice(equals + 1)];
}

function splitWords(text: string): string[] {
  const words = text.match(/(?:[^,"]|"[^"]*(?:"|$))+/g) ?? [];
  return words.map((word) => unquote(word.trim())).filter((word) => word !== "");
}

function unquote(word: string): string {
  return /^"[^"]*"$/.test(word) ? word.slice(1, -1) : word;
}
