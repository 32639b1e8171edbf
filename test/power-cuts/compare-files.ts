// Compares what judge-create.sh and judge-grow.sh printed for one power failure with what is
// required.

import { keptFiles, otherDigest } from "./hosts.ts";

const mebibyte = 2 ** 20;

/** Returns what is wrong with a store that was being created; empty if all is as required. */
export function compareCreate(
  answer: string,
  { megabytes, isDone }: { megabytes: number; isDone: boolean },
): string[] {
  const value = readAnswer(answer);
  const isThere = value("store") !== "none";
  const whole = `${megabytes * mebibyte} 0 whole`;
  // An existing store is not created once more.
  const next = isThere ? /^8 .*it already exists/ : /^0 /;
  return [
    ...(isDone && !isThere ? ["the store is gone"] : []),
    ...(isThere ? wants(value, "store", whole) : []),
    ...matches(value, "names", /^other\.txt( sysrcd\.bs(\.backstore-new)?)?$/),
    ...matches(value, "next", next),
    ...wants(value, "names-after", "other.txt sysrcd.bs"),
    ...wants(value, "store-after", whole),
    ...compareRest(value),
  ];
}

/** Returns what is wrong with a store that was growing; empty if all is as required. */
export function compareGrow(
  answer: string,
  { megabytes: [from, to], isDone }: { megabytes: readonly [number, number]; isDone: boolean },
): string[] {
  const value = readAnswer(answer);
  const whole = (size: number) => `${size * mebibyte} ${keptFiles} whole`;
  const grown = value("store") === whole(to);
  const names = "other.txt sysrcd.bs";
  return [
    ...(grown ? [] : wants(value, "store", whole(from))),
    ...(isDone && !grown ? ["it is not the new one any more"] : []),
    // If the requested size is the present one, it says so.
    ...matches(value, "recovery", grown ? /^2 .*it already has / : /^0 /),
    ...(value("recovery").includes("could not be completed") ? ["it was not completed"] : []),
    ...wants(value, "names-recovered", names),
    ...matches(value, "next", /^0 /),
    ...wants(value, "names-after", names),
    ...wants(value, "store-after", whole(to)),
    ...compareRest(value),
  ];
}

type Value = (key: string) => string;

/**
 * The kernel makes a FAT file system with an error read-only; then the user must be told, and what
 * to do.
 */
function compareRest(value: Value): string[] {
  return [
    ...wants(value, "other", `${otherDigest} -`),
    ...(value("refused") === "" ? [] : matches(value, "refused", /mount -o remount,rw/)),
    ...matches(
      value,
      "kernel",
      /^(?:FAT-fs \(\w+\): error, fat_free_clusters: deleting FAT entry beyond EOF ?)*$/,
    ),
  ];
}

function wants(value: Value, key: string, wanted: string): string[] {
  return value(key) === wanted ? [] : [`${key} is not "${wanted}"`];
}

function matches(value: Value, key: string, pattern: RegExp): string[] {
  return pattern.test(value(key)) ? [] : [`${key} does not match ${pattern}`];
}

function readAnswer(answer: string): Value {
  const lines = answer.split("\n");
  return (key) =>
    lines
      .find((line) => line.startsWith(`${key} `))
      ?.slice(key.length + 1)
      .trim() ?? "";
}
