// Which base a store is used with, and whether it is the one of last time. A release can be told by its name, a build only
// by its fingerprint: two builds of one release differ, and one image copied to another stick does not.
import * as v from "valibot";
import { formatQuoted } from "../text/quoted.ts";
import type { Medium } from "./medium.ts";

/** Is what a base is known by; what is not known is undefined. */
export interface BaseIdentity {
  /** The label of the medium that carries it. */
  readonly label: string | undefined;
  /** Its image, as a path on that medium. */
  readonly image: string;
  /** What the medium says of its release ("11.00"). */
  readonly release: string | undefined;
  /** Tells this build from all others (base-fingerprint.ts). */
  readonly fingerprint: string | undefined;
}

const text = v.fallback(v.optional(v.pipe(v.string(), v.maxLength(300))), undefined);

/** What a store's record keeps of a base. */
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

/** Parses what a record says of a base; undefined where that is not what it should be. */
export function parseBase(value: unknown): BaseIdentity | undefined {
  const parsed = v.safeParse(schema, value);
  return parsed.success ? parsed.output : undefined;
}

/** Identifies the base on a medium; undefined while the medium was not looked into. */
export function identifyBase(medium: Medium): BaseIdentity | undefined {
  const { device, layout, release, fingerprint } = medium;
  if (layout.name === "unknown") return undefined;
  return { label: device.superblock?.label, image: layout.image, release, fingerprint };
}

/** Describes that a store meets another base than last time; undefined where it does not, or nobody knows. */
export function describeOtherBase(
  last: BaseIdentity | undefined,
  now: BaseIdentity | undefined,
): string | undefined {
  if (last === undefined || now === undefined || isSameBase(last, now)) return undefined;
  const [then, today] = [describeBase(last), describeBase(now)];
  return then === today
    ? `the base is ${today}, but another build of it than last time`
    : `the base is ${today}, and last time it was ${then}`;
}

/** Describes a base: by its medium's label and its release, else by its path. */
export function describeBase({ label, image, release }: BaseIdentity): string {
  const name = formatQuoted(label ?? image);
  return release === undefined ? name : `${name} (release ${formatQuoted(release)})`;
}

/** Records of older versions have no fingerprint; then the names are all there is to compare. */
function isSameBase(one: BaseIdentity, other: BaseIdentity): boolean {
  if (one.fingerprint !== undefined && other.fingerprint !== undefined)
    return one.fingerprint === other.fingerprint;
  return one.label === other.label && one.image === other.image;
}
