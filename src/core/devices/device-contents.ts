// What is on a device that is to be written over, and the consent to losing it: by one of its
// names, or where it has none by a plain yes.

import { Failure } from "../text/failure.ts";
import { formatEscaped, formatPath, formatQuoted } from "../text/quoted.ts";
import { formatSize } from "../text/size.ts";

/** Contents of a device: of the whole device, or of one of its partitions. */
export interface DeviceContent {
  /** The device or partition ("/dev/sdb", "/dev/sdb#1"). */
  readonly path: string;
  /** The type as blkid names it, or wipefs for what is not a file system ("gpt"). */
  readonly type: string;
  readonly label: string | undefined;
  readonly uuid: string | undefined;
  readonly partLabel: string | undefined;
  readonly partUuid: string | undefined;
}

/** A device as it was inspected. */
export interface DeviceFacts {
  readonly path: string;
  readonly bytes: number;
  readonly model: string | undefined;
  readonly serial: string | undefined;
  readonly isReadonly: boolean;
  /**
   * The reasons why it must not be touched, each as the end of a sentence ('it is mounted on
   * "/mnt"').
   */
  readonly uses: readonly string[];
  readonly contents: readonly DeviceContent[];
  /** Whether unidentified data was found: bytes that are not zero. */
  readonly hasUnknownData: boolean;
  /** What identifies the device immediately before writing. */
  readonly identity: {
    readonly type: string | undefined;
    readonly uuid: string | undefined;
  };
}

/** The user's consent to losing data. */
export interface Consent {
  /** A name of what will be lost; undefined if none was given. */
  readonly erase: string | undefined;
  /** Whether the user confirmed, on the command line or when asked. */
  readonly isAgreed: boolean;
}

/**
 * Throws Failure "unsafe" if data would be lost without the user's consent; `cannot` begins the
 * sentence ("Cannot create a file system on …").
 */
export function checkConsent(
  facts: DeviceFacts,
  { erase, isAgreed }: Consent,
  cannot: string,
): void {
  const names = namesOf(facts);
  if (erase !== undefined && !names.some((name) => isSameName(name, erase))) {
    throw new Failure(
      "unsafe",
      `${cannot}: nothing on it is named ${formatQuoted(erase)}`,
      names.length === 0 ? "omit --erase" : `use the name ${listNames(names)}`,
    );
  }
  if (facts.contents.length > 0 && erase === undefined) {
    throw new Failure(
      "unsafe",
      `${cannot}: it contains ${describeContents(facts)}, which would be lost`,
      `to erase it, name it: --erase ${formatQuoted(names[0] ?? "")}`,
    );
  }
  if (facts.hasUnknownData && !isAgreed && erase === undefined) {
    throw new Failure(
      "unsafe",
      `${cannot}: it contains unrecognised data, which would be lost`,
      "to erase it, confirm with --yes",
    );
  }
}

/**
 * Describes a device for a user who is about to lose its data: a line for the device, and one for
 * each of its contents.
 */
export function describeDevice(facts: DeviceFacts): string {
  const kind = [facts.model, facts.serial && `serial ${facts.serial}`].filter(Boolean).join(", ");
  const device = `${formatPath(facts.path)}: ${formatSize(facts.bytes)}${kind === "" ? "" : `, ${kind}`}`;
  const contents = facts.contents.map((content) => `  ${describeContent(content)}`);
  if (contents.length > 0) return [device, ...contents].join("\n");
  return `${device}\n  ${facts.hasUnknownData ? "unrecognised data" : "nothing"}`;
}

/** Lists the names by which the user can say what will be lost, those of the contents first. */
export function namesOf({ contents, serial }: DeviceFacts): readonly string[] {
  const names = contents.flatMap(({ label, uuid, partLabel, partUuid }) => [
    label,
    uuid,
    partLabel,
    partUuid,
  ]);
  const given = [...names, serial].filter((name) => name !== undefined && name !== "");
  // Contents without any name are named by their type.
  const found = given.length > 0 ? given : contents.map(({ type }) => type);
  return [...new Set(found.filter((name) => name !== undefined))];
}

function isSameName(name: string, given: string): boolean {
  return (
    name === given || (/^[0-9a-f-]+$/i.test(name) && name.toLowerCase() === given.toLowerCase())
  );
}

function listNames(names: readonly string[]): string {
  return names.slice(0, 4).map(formatQuoted).join(" or ");
}

function describeContents({ contents }: DeviceFacts): string {
  const [first] = contents;
  const more = contents.length > 1 ? ` and ${contents.length - 1} more` : "";
  return first === undefined ? "nothing" : `${describeContent(first)}${more}`;
}

function describeContent({ path, type, label, uuid, partLabel }: DeviceContent): string {
  const names = [
    ...(label === undefined ? [] : [`labelled ${formatQuoted(label)}`]),
    ...(partLabel === undefined ? [] : [`partition ${formatQuoted(partLabel)}`]),
    ...(uuid === undefined ? [] : [`UUID ${formatQuoted(uuid)}`]),
  ];
  return `${formatEscaped(type)} on ${formatPath(path)}${names.length === 0 ? "" : ` (${names.join(", ")})`}`;
}
