// What a recorded session does: files of the live system are written, replaced, renamed and deleted
// one after the other, each is synced as a careful program does it, and then its number is marked
// (marks.ts).

import { createHash } from "node:crypto";
import { posix } from "node:path";
import { baseFiles } from "../machines/guest/base.ts";
import { markFunctions } from "./marks.ts";

/** One thing that the session does. */
export interface Deed {
  /** A shell command. */
  readonly command: string;
  /** The contents of the files that it changes when it is done; undefined for removed ones. */
  readonly after: Readonly<Record<string, string | undefined>>;
  /** Whether each of them is old or new at every moment. */
  readonly isAtomic: boolean;
}

/** The deeds in their order. */
export const workload: readonly Deed[] = Array.from({ length: 8 }, (_, round) =>
  planRound(round),
).flat();

// text WORDS BYTES: the words again and again.
const textFunction = 'text() { yes "$1" | head -c $2; }';

/** Returns the shell script that does everything; 0 is marked before the first deed. */
export function formatWorkload(): string {
  const lines = workload.flatMap(({ command }, index) => [command, `mark ${index + 1}`]);
  return [markFunctions, textFunction, "mark 0", ...lines].join("\n");
}

/** Returns the representation of a file's text in a listing. */
export function digestText(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

/**
 * Returns what is wrong with the files, given how many deeds had certainly been done and synced;
 * each is a sentence. `files` has a digest for each existing file.
 */
export function compareFiles(files: ReadonlyMap<string, string>, done: number): string[] {
  const before = stateAfter(done);
  const after = stateAfter(done + 1);
  const next = workload[done];
  return [...after.keys()].flatMap((path) => {
    const found = files.get(path);
    if (found === before.get(path)) return [];
    // The next deed may have been in progress, or done but not marked.
    if (next && path in next.after && (!next.isAtomic || found === after.get(path))) return [];
    return [`${path} is ${found === undefined ? "missing" : "not what was synced"}`];
  });
}

/** Lists every file that the deeds change, and those of the base. */
export function listFiles(): string[] {
  return [...stateAfter(workload.length).keys()];
}

function stateAfter(done: number): Map<string, string | undefined> {
  const base = Object.entries(baseFiles).map(([path, text]) => [`/${path}`, text] as const);
  const deeds = workload.slice(0, done).flatMap(({ after }) => Object.entries(after));
  return new Map(
    [...base, ...deeds].map(([path, text]) => [
      path,
      text === undefined ? undefined : digestText(text),
    ]),
  );
}

function planRound(round: number): Deed[] {
  const at = (name: string) => `/srv/${name}-${round}`;
  const old = round === 0 ? "/srv/gone.txt" : `/srv/renamed-${round - 1}`;
  return [
    writeDeed(at("small"), `small ${round}`, 100 + round),
    writeDeed(at("large"), `large ${round}`, 200_000 + 7000 * round),
    replaceDeed("/etc/state", `state ${round}`, 5000 + round),
    replaceDeed("/etc/motd", `today ${round}`, 300),
    appendDeed("/srv/log", round),
    moveDeed(at("small"), at("renamed")),
    {
      command: `rm ${old}; sync ${posix.dirname(old)}`,
      after: { [old]: undefined },
      isAtomic: true,
    },
    {
      command: `mkdir ${at("deep")}; mkdir ${at("deep")}/er; text deep 60000 > ${at("deep")}/er/file; sync ${at("deep")}/er/file ${at("deep")}/er ${at("deep")} /srv`,
      after: { [`${at("deep")}/er/file`]: repeat("deep", 60_000) },
      isAtomic: false,
    },
  ];
}

function writeDeed(path: string, words: string, bytes: number): Deed {
  return {
    command: `text '${words}' ${bytes} > ${path}; sync ${path} ${posix.dirname(path)}`,
    after: { [path]: repeat(words, bytes) },
    isAtomic: false,
  };
}

function replaceDeed(path: string, words: string, bytes: number): Deed {
  return {
    command: `text '${words}' ${bytes} > ${path}.new; sync ${path}.new; mv ${path}.new ${path}; sync ${posix.dirname(path)}`,
    after: { [path]: repeat(words, bytes) },
    isAtomic: true,
  };
}

function appendDeed(path: string, round: number): Deed {
  const words = Array.from({ length: round + 1 }, (_, each) => repeat(`line ${each}`, 9000));
  return {
    command: `text 'line ${round}' 9000 >> ${path}; sync ${path} ${posix.dirname(path)}`,
    after: { [path]: words.join("") },
    isAtomic: false,
  };
}

function moveDeed(from: string, to: string): Deed {
  const words = `small ${from.split("-")[1]}`;
  return {
    command: `mv ${from} ${to}; sync ${posix.dirname(to)}`,
    after: { [from]: undefined, [to]: repeat(words, 100 + Number(from.split("-")[1])) },
    isAtomic: true,
  };
}

function repeat(words: string, bytes: number): string {
  return `${words}\n`.repeat(Math.ceil(bytes / (words.length + 1))).slice(0, bytes);
}
