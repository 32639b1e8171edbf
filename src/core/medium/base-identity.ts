// Which base a store is used with, and whether it is the one of last time. A release is known by
// its name, a build only by its fingerprint: two builds of one release differ, and one image copied
// to another stick does not.
import * as v from "valibot";
import { formatQuoted } from "../text/quoted.ts";
import type { Medium } from "./medium.ts";

/** The identity of a base; unknown parts are undefined. */
export interface BaseIdentity {
  /** The label of the medium that carries it. */
  readonly label: string | undefined;
  /** Its image, as a path on that medium. */
  readonly image: string;
  /** The release as the medium names it ("11.00"). */
  readonly release: string | undefined;
  /** Distinguishes this build from all others (base-fingerprint.ts). */
  readonly fingerprint: string | undefined;
}

const text = v.fallback(v.optional(v.pipe(v.string(), v.maxLength(300))), undefined);

/** The identity of a base in the record of a store. */
const schema = v.pipe(
  v.object({
    label: text,
    image: v.string(),
    release: text,
    fingerprint: text,
  }),
  v.transform(
    ({ label, image, release, fingerprint }): BaseIdentity => ({
      label,
      image,
      release,
      fingerprint,
    }),
  ),
);

/** Parses the base in a record; undefined if it is invalid. */
export function parseBase(value: unknown): BaseIdentity | undefined {
  const parsed = v.safeParse(schema, value);
  return parsed.success ? parsed.output : undefined;
}

/** Returns the identity of the base on a medium; undefined if the medium was not inspected. */
export function identifyBase(medium: Medium): BaseIdentity | undefined {
  const { device, layout, release, fingerprint } = medium;
  if (layout.name === "unknown") return undefined;
  return { label: device.superblock?.label, image: layout.image, release, fingerprint };
}

/**
 * Describes that the base has changed since last time; undefined if it has not, or that is unknown.
 */
export function describeOtherBase(
  last: BaseIdentity | undefined,
  now: BaseIdentity | undefined,
): string | undefined {
  if (last === undefined || now === undefined || isSameBase(last, now)) return undefined;
  const [then, today] = [describeBase(last), describeBase(now)];
  return then === today
    ? `the base is ${today}, but a different build than last time`
    : `the base is ${today}, but last time it was ${then}`;
}

/** Describes a base by its medium's label and its release, or by its path. */
export function describeBase({ label, image, release }: BaseIdentity): string {
  const name = formatQuoted(label ?? image);
  return release === undefined ? name : `${name} (release ${formatQuoted(release)})`;
}

/** Records of older versions have no fingerprint; then only the names can be compared. */
function isSameBase(one: BaseIdentity, other: BaseIdentity): boolean {
  if (one.fingerprint !== undefined && other.fingerprint !== undefined)
    return one.fingerprint === other.fingerprint;
  return one.label === other.label && one.image === other.image;
}
