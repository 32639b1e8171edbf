// Which base a store is used with, and whether it is the one of last time. A release is known by
// its name, a build only by its fingerprint: two builds of one release differ, and one image copied
// to another stick does not.
import * as v from "valibot";
import { formatFew, formatQuoted } from "../text/quoted.ts";
import type { Medium } from "./medium.ts";
import { mostSrms } from "./srm.ts";

/** The identity of a base; unknown parts are undefined. */
export interface BaseIdentity {
  /** The label of the medium that carries it. */
  readonly label: string | undefined;
  /** Its image, as a path on that medium. */
  readonly image: string;
  /** The release as the medium, or else the base itself, names it ("11.00"). */
  readonly release: string | undefined;
  /** Distinguishes this build from all others (base-fingerprint.ts). */
  readonly fingerprint: string | undefined;
  /** The modules over its image, from the top down; missing if there are none. */
  readonly modules?: readonly BaseModule[];
}

/** A module of SystemRescue that is part of a base. */
export interface BaseModule {
  /** The name of its file. */
  readonly name: string;
  /** Distinguishes this build from all others. */
  readonly fingerprint?: string | undefined;
}

const text = v.fallback(v.optional(v.pipe(v.string(), v.maxLength(300))), undefined);

/** The modules in a record or in boot.json; one that is invalid leaves none. */
export const modulesSchema = v.fallback(
  v.optional(
    v.pipe(
      v.array(v.object({ name: v.pipe(v.string(), v.maxLength(300)), fingerprint: text })),
      v.maxLength(mostSrms),
    ),
  ),
  undefined,
);

/** The identity of a base in the record of a store. */
const schema = v.pipe(
  v.object({
    label: text,
    image: v.string(),
    release: text,
    fingerprint: text,
    modules: modulesSchema,
  }),
  v.transform(
    ({ label, image, release, fingerprint, modules }): BaseIdentity => ({
      label,
      image,
      release,
      fingerprint,
      ...withModules(modules),
    }),
  ),
);

/** Parses the base in a record; undefined if it is invalid. */
export function parseBase(value: unknown): BaseIdentity | undefined {
  const parsed = v.safeParse(schema, value);
  return parsed.success ? parsed.output : undefined;
}

/** Returns an entry for the modules of a base, if it has any. */
export function withModules(
  modules: readonly BaseModule[] | undefined,
): Pick<BaseIdentity, "modules"> {
  if (modules === undefined || modules.length === 0) return {};
  return { modules: modules.map(({ name, fingerprint }) => ({ name, fingerprint })) };
}

/**
 * Returns the identity of the base on a medium, with these modules over it; undefined if the medium
 * was not inspected.
 */
export function identifyBase(
  medium: Medium,
  modules: readonly BaseModule[] = [],
): BaseIdentity | undefined {
  const { device, layout, release, fingerprint } = medium;
  if (layout.name === "unknown") return undefined;
  const { label } = device.superblock ?? {};
  return { label, image: layout.image, release, fingerprint, ...withModules(modules) };
}

/**
 * How a base differs from the last one: another release or image, another build of it, or other
 * modules over it.
 */
export type BaseDifference = "base" | "build" | "modules";

/** Compares a base with the last one; undefined if it is the same, or that is unknown. */
export function compareBases(
  last: BaseIdentity | undefined,
  now: BaseIdentity | undefined,
): BaseDifference | undefined {
  if (last === undefined || now === undefined) return undefined;
  if (isSameBase(last, now)) return listOtherModules(last, now).length > 0 ? "modules" : undefined;
  return describeBase(last) === describeBase(now) ? "build" : "base";
}

/**
 * Describes that the base has changed since last time; undefined if it has not, or that is unknown.
 */
export function describeOtherBase(
  last: BaseIdentity | undefined,
  now: BaseIdentity | undefined,
): string | undefined {
  const difference = compareBases(last, now);
  if (last === undefined || now === undefined || difference === undefined) return undefined;
  const [then, today] = [describeBase(last), describeBase(now)];
  switch (difference) {
    case "base":
      return `the base is ${today}, but last time it was ${then}`;
    case "build":
      return `the base is ${today}, but a different build than last time`;
    case "modules":
      return `the base is ${today} with other modules than last time (${describeOtherModules(last, now)})`;
  }
}

/** Describes a base by its medium's label and its release, or by its path. */
export function describeBase({ label, image, release }: BaseIdentity): string {
  const name = formatQuoted(label ?? image);
  return release === undefined ? name : `${name} (release ${formatQuoted(release)})`;
}

/** Describes which modules are there, and were not last time, and the other way round. */
export function describeOtherModules(last: BaseIdentity, now: BaseIdentity): string {
  return formatFew(listOtherModules(last, now));
}

function listOtherModules(
  { modules: last = [] }: BaseIdentity,
  { modules: now = [] }: BaseIdentity,
): string[] {
  const isIn = (modules: readonly BaseModule[], name: string) =>
    modules.some((module) => module.name === name);
  const added = now.filter(({ name }) => !isIn(last, name));
  const removed = last.filter(({ name }) => !isIn(now, name));
  const changed = now.filter(({ name, fingerprint }) => {
    const before = last.find((module) => module.name === name)?.fingerprint;
    return before !== undefined && fingerprint !== undefined && before !== fingerprint;
  });
  return [
    ...added.map(({ name }) => `with ${formatQuoted(name)}`),
    ...removed.map(({ name }) => `without ${formatQuoted(name)}`),
    ...changed.map(({ name }) => `with a different build of ${formatQuoted(name)}`),
  ];
}

/** Records of older versions have no fingerprint; then only the names can be compared. */
function isSameBase(one: BaseIdentity, other: BaseIdentity): boolean {
  if (one.fingerprint !== undefined && other.fingerprint !== undefined)
    return one.fingerprint === other.fingerprint;
  return one.label === other.label && one.image === other.image;
}
