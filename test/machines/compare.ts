// Compares the result of a boot with the expectations of its scenario. Returns every difference at
// once, each as a sentence.

import { existsSync, readFileSync } from "node:fs";
import { posix } from "node:path";
import { commandLink } from "../support/command-link.ts";
import { type BootResult, formatTail } from "./boot-request.ts";
import { compareTold } from "./compare-told.ts";
import { type FindNode, placeNodes, placeNodesIn } from "./nodes.ts";
import type { Expected, Place } from "./scenario.ts";

interface Problem {
  readonly message: string;
  readonly file?: string;
  readonly line?: number;
}

/** Boot.json as a reader may rely on it; missing fields stay undefined. */
interface Verdict {
  readonly version?: unknown;
  readonly way?: string;
  readonly options?: unknown;
  readonly session?: string;
  readonly problems?: readonly Problem[];
  readonly candidates?: readonly {
    readonly device: string;
    readonly label?: string | null;
    readonly accepted: boolean;
    readonly reason: string;
  }[];
  readonly check?: { readonly result?: string };
  readonly store?: { readonly file?: string | null };
  readonly plan?: { readonly title: string; readonly steps: readonly unknown[] };
  readonly peakBytes?: number;
}

/** The circumstances of a comparison. */
interface Circumstances {
  readonly place: Place;
  readonly before: readonly Expected[];
  /** Returns the nodes of the disks that the expectation names. */
  readonly find: FindNode;
}

/** Returns what is wrong with a boot that came after others; empty if all is as expected. */
export function compareBoot(
  expected: Expected,
  result: BootResult,
  { place, before, find }: Circumstances,
): string[] {
  const consoleFindings = (expected.console ?? [])
    .filter((pattern) => !pattern.test(result.console))
    .map((pattern) => `the console does not say ${pattern}`);
  if (expected.session === "stopped") {
    const ran = result.facts.text("init") === undefined ? [] : ["the session's init ran"];
    return withTail([...consoleFindings, ...ran], result);
  }
  if (!result.finished) return withTail([`the guest ${result.ending}`], result);
  if (expected.session === "theirs")
    return withTail(
      [
        ...consoleFindings,
        ...compareAbsence(result),
        ...compareFiles(expected, result),
        ...compareFacts(expected, result),
      ],
      result,
    );
  const findings = [
    ...consoleFindings,
    ...compareVerdict(expected, result.facts.text("boot"), { before, find }),
    ...compareTold(expected.session, result),
    ...compareRoot(expected, result.facts.text("mounts") ?? ""),
    ...compareFiles(expected, result),
    ...compareFacts(expected, result),
    ...compareTree(expected, result, place),
  ];
  return withTail(findings, result);
}

function withTail(findings: readonly string[], result: BootResult): string[] {
  return findings.length === 0 ? [] : [...findings, `console:\n${formatTail(result.console)}`];
}

/** Returns what the program has left in a session in which it should have had no part. */
function compareAbsence({ console, facts }: BootResult): string[] {
  return [
    ...(facts.text("boot") === undefined ? [] : ["there is a boot.json"]),
    ...(/^backstore: /m.test(console) ? ["the console has a line of the program"] : []),
  ];
}

function compareVerdict(
  expected: Expected,
  text: string | undefined,
  { before, find }: Omit<Circumstances, "place">,
): string[] {
  if (text === undefined) return ["there is no /run/backstore/boot.json"];
  const verdict = parseVerdict(text);
  if (verdict === undefined) return [`boot.json is not JSON: ${text.slice(0, 200)}`];
  // Whether a guest that is switched off leaves something in a journal depends on chance.
  const told = (verdict.problems ?? [])
    .map(formatProblem)
    .filter((problem) => !/^The last changes to .* may be missing: they are still/.test(problem))
    .filter((problem) => expected.byChance?.test(problem) !== true);
  const [cutOff, problems] = partition(told, (problem) =>
    /^The last session on .* did not end cleanly/.test(problem),
  );
  const candidates = verdict.candidates ?? [];
  const accepted = candidates.filter((candidate) => candidate.accepted).map(({ device }) => device);
  const patterns = expected.problems ?? [];
  const hasSteps = (verdict.plan?.steps.length ?? 0) > 0;
  // Another initramfs's session is volatile as it is.
  const isLeft = verdict.way === "addon" && expected.session === "volatile";
  const findings = [
    differs("the session", verdict.session, expected.session),
    compareStore(accepted, expected.store, find),
    expected.check === undefined
      ? undefined
      : differs("what came of the check", verdict.check?.result ?? "none", expected.check),
    differs("the store's file", verdict.store?.file ?? undefined, expected.file),
    differs("the number of problems", problems.length, patterns.length),
    differs("whether a session was cut off", cutOff.length > 0, followsSession(expected, before)),
    differs("the version's type", typeof verdict.version, "string"),
    differs("the options' type", typeof verdict.options, "object"),
    differs("whether the plan has steps", hasSteps, !isLeft),
    compareMemory(verdict.peakBytes),
    ...patterns.map((pattern, index) => mismatch(`problem ${index + 1}`, problems[index], pattern)),
    ...Object.entries(expected.rejected ?? {}).map(([name, pattern]) => {
      const node = /^<(.*)>$/.exec(name)?.[1];
      const isMeant = node === undefined ? undefined : wholly(find(node));
      const found = candidates.find(
        ({ device, label, accepted }) =>
          !accepted && (isMeant === undefined ? label === name : isMeant.test(device)),
      );
      return mismatch(`the reason against ${name}`, found?.reason, pattern);
    }),
  ].filter((finding) => finding !== undefined);
  return findings.length === 0
    ? []
    : [
        ...findings,
        `problems: ${JSON.stringify(problems)}`,
        `the whole verdict is in boot.json beside the console's log`,
      ];
}

/** The most memory that any boot may need, whatever is on the disks. */
const mostBytes = 64e6;

function compareMemory(peakBytes = Number.NaN): string | undefined {
  if (peakBytes < mostBytes) return undefined;
  return `the memory of the first program is ${peakBytes} bytes, not less than ${mostBytes}`;
}

/**
 * Guests are switched off: a boot that uses a store after one that wrote to it must report that.
 */
function followsSession(expected: Expected, before: readonly Expected[]): boolean {
  if (expected.session === "volatile" || expected.isNew) return false;
  return before.some(
    ({ session, store, file }) =>
      session === "persistent" && store === expected.store && file === expected.file,
  );
}

function partition<T>(all: readonly T[], matches: (one: T) => boolean): [T[], T[]] {
  return [all.filter(matches), all.filter((one) => !matches(one))];
}

function compareStore(
  accepted: readonly string[],
  wanted: string | undefined,
  find: FindNode,
): string | undefined {
  const found = accepted.join() || undefined;
  if (wanted === undefined) return differs("the accepted store", found, undefined);
  return mismatch("the accepted store", found, wholly(find(wanted)));
}

function wholly(node: string): RegExp {
  return new RegExp(`^${node}$`);
}

/**
 * Replaces the names of disks by a guest's nodes; the store and the rejected candidates stay names.
 */
export function placeExpected(expected: Expected, find: FindNode): Expected {
  const pattern = (one: RegExp) => placeNodesIn(one, find);
  const text = (one: string | undefined) => one && placeNodes(one, find);
  return {
    ...expected,
    problems: expected.problems?.map(pattern) ?? [],
    console: expected.console?.map(pattern) ?? [],
    rejected: mapValues(expected.rejected ?? {}, pattern),
    facts: mapValues(expected.facts ?? {}, pattern),
    files: mapValues(expected.files ?? {}, text),
  };
}

function mapValues<From, To>(
  values: Readonly<Record<string, From>>,
  map: (value: From) => To,
): Record<string, To> {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, map(value)]));
}

function formatProblem({ message, file, line }: Problem): string {
  return file === undefined ? message : `${file}:${line}: ${message}`;
}

// Written by another program: the type describes the expectation, and every field is compared
// before it is trusted.
function parseVerdict(text: string): Verdict | undefined {
  try {
    return JSON.parse(text) as Verdict;
  } catch {
    return undefined;
  }
}

function compareRoot(expected: Expected, mounts: string): string[] {
  const root = mounts
    .split("\n")
    .find((line) => line.split(" ")[1] === "/" && line.includes(" overlay "));
  if (root === undefined) return [`the root is no overlay: ${mounts}`];
  if (expected.directory === undefined) return [];
  const plain = root.replace(/\\(\d{3})/g, (_, octal: string) =>
    String.fromCharCode(Number.parseInt(octal, 8)),
  );
  const isThere = plain.includes(posix.join("/store", expected.directory, "upperdir,"));
  return isThere ? [] : [`the upper directory is not in "${expected.directory}": ${plain}`];
}

function compareFiles(expected: Expected, { facts }: BootResult): string[] {
  return Object.entries(expected.files ?? {}).flatMap(([path, text]) => {
    const isSaid =
      facts.text("file", path) !== undefined || facts.text("missing", path) !== undefined;
    if (!isSaid) return [`the guest said nothing about ${path}`];
    return differs(path, facts.text("file", path), text) ?? [];
  });
}

function compareFacts(expected: Expected, { facts }: BootResult): string[] {
  return Object.entries(expected.facts ?? {}).flatMap(([key, pattern]) => {
    const [kind = "", ...name] = key.split(" ");
    return mismatch(`the fact "${key}"`, facts.text(kind, name.join(" ")), pattern) ?? [];
  });
}

function compareTree(expected: Expected, { facts }: BootResult, place: Place): string[] {
  if (expected.tree === undefined) return [];
  const file = place.file(expected.tree);
  const wanted = existsSync(file) ? readFileSync(file, "utf8").split("\n") : ["a listing"];
  const found = (facts.text("tree") ?? "").split("\n");
  return [
    ...wanted.filter((line) => !found.includes(line)).map((line) => `the tree lacks: ${line}`),
    ...found
      .filter((line) => !wanted.includes(line) && line !== commandLink)
      .map((line) => `the tree has in addition: ${line}`),
  ];
}

function differs(what: string, found: unknown, wanted: unknown): string | undefined {
  if (found === wanted) return undefined;
  return `${what} is ${JSON.stringify(found)}, not ${JSON.stringify(wanted)}`;
}

function mismatch(what: string, found: string | undefined, pattern: RegExp): string | undefined {
  if (found !== undefined && pattern.test(found)) return undefined;
  return `${what} is ${JSON.stringify(found)}, which does not match ${pattern}`;
}
