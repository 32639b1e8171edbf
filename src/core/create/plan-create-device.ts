// How a device gets a file system for directory stores: what has to be known of it, who has to agree to what is lost, and
// the steps. What is in use is refused whatever anybody says.

import type { StoreFileSystem } from "../file-systems/store-types.ts";
import type { Plan, StepArguments } from "../steps/step.ts";
import { Failure } from "../text/failure.ts";
import { formatEscaped, formatPath, formatQuoted } from "../text/quoted.ts";
import { formatSize } from "../text/size.ts";

/** Is something that a device holds: what is on it as a whole, or on one of its partitions. */
export interface DeviceContent {
  /** The device or partition ("/dev/sdb", "/dev/sdb#1"). */
  readonly path: string;
  /** blkid's word, or that of wipefs for what is no file system ("gpt"). */
  readonly type: string;
  readonly label: string | undefined;
  readonly uuid: string | undefined;
  readonly partLabel: string | undefined;
  readonly partUuid: string | undefined;
}

/** Is a device as it was found. */
export interface DeviceFacts {
  readonly path: string;
  readonly bytes: number;
  readonly model: string | undefined;
  readonly serial: string | undefined;
  readonly isReadonly: boolean;
  /** Why it must not be touched, each as the end of a sentence ('it is mounted on "/mnt"'). */
  readonly uses: readonly string[];
  readonly contents: readonly DeviceContent[];
  /** Whether there are bytes that are not zero where nothing was recognised. */
  readonly hasUnknownData: boolean;
  /** What the device is recognised by just before writing. */
  readonly identity: Pick<StepArguments["check-device"], "type" | "uuid">;
}

/** Is what a person asks for. */
export interface DeviceRequest {
  readonly inner: StoreFileSystem;
  readonly label: string;
}

/** Is what a person has agreed to. */
interface Consent {
  /** A name of what will be lost; undefined when none was given. */
  readonly erase: string | undefined;
  /** Whether a person said yes, on the command line or when asked. */
  readonly isAgreed: boolean;
}

/** Is a file system that is to be made. */
interface NewFileSystem {
  readonly path: string;
  readonly bytes: number;
  readonly type: string;
  readonly label: string;
}

/** Throws a Failure where the device can or must not be written to, whoever agrees. */
export function checkDevice(facts: DeviceFacts, { inner }: DeviceRequest): void {
  const cannot = `Cannot make a file system on ${formatPath(facts.path)}`;
  const [use] = facts.uses;
  if (use !== undefined) throw new Failure("in-use", `${cannot}: ${use}`);
  if (facts.isReadonly) throw new Failure("unsafe", `${cannot}: it is write-protected`);
  if (facts.bytes >= inner.smallestBytes) return;
  throw new Failure(
    "no-room",
    `${cannot}: it has ${formatSize(facts.bytes)}, and ${inner.name} file system needs ${formatSize(inner.smallestBytes)}`,
    "choose another device, or another --type",
  );
}

/** Throws Failure "unsafe" where something would be lost that nobody has agreed to lose. */
export function checkConsent(facts: DeviceFacts, { erase, isAgreed }: Consent): void {
  const cannot = `Cannot make a file system on ${formatPath(facts.path)}`;
  const names = namesOf(facts);
  if (erase !== undefined && !names.some((name) => isSameName(name, erase))) {
    throw new Failure(
      "unsafe",
      `${cannot}: nothing there is named ${formatQuoted(erase)}`,
      names.length === 0 ? "leave --erase out" : `it is named by ${listNames(names)}`,
    );
  }
  if (facts.contents.length > 0 && erase === undefined) {
    throw new Failure(
      "unsafe",
      `${cannot}: there is ${describeContents(facts)}, which would be lost`,
      `if that is meant, name it: --erase ${formatQuoted(names[0] ?? "")}`,
    );
  }
  if (facts.hasUnknownData && !isAgreed && erase === undefined) {
    throw new Failure(
      "unsafe",
      `${cannot}: there is something that was not recognised, which would be lost`,
      "if that is meant, add --yes",
    );
  }
}

/** Plans the file system. */
export function planDevice(
  facts: DeviceFacts,
  { inner, label }: DeviceRequest,
): Plan<NewFileSystem> {
  const { path, bytes, identity } = facts;
  return {
    title: `Make ${inner.name} file system of ${formatSize(bytes)} on ${formatPath(path)}, labelled ${formatQuoted(label)}`,
    steps: [
      { do: "check-device", path, bytes, ...identity },
      // What mkfs does not overwrite would make the device ambivalent: tables at its end, members of arrays.
      {
        do: "run-tool",
        action: `erase what is recognised on ${formatPath(path)}`,
        argv: ["wipefs", "--quiet", "--all", path],
      },
      {
        do: "run-tool",
        action: `make ${inner.name} file system on ${formatPath(path)}`,
        argv: inner.make({ path, label, bytes, isZeroed: false }),
      },
      { do: "sync-file", path },
    ],
    result: { path, bytes, type: inner.type, label },
  };
}

/** Describes a device for a person who is about to lose what is on it: a line for it, one for each thing on it. */
export function describeDevice(facts: DeviceFacts): string {
  const kind = [facts.model, facts.serial && `serial ${facts.serial}`].filter(Boolean).join(", ");
  const device = `${formatPath(facts.path)}: ${formatSize(facts.bytes)}${kind === "" ? "" : `, ${kind}`}`;
  const contents = facts.contents.map((content) => `  ${describeContent(content)}`);
  if (contents.length > 0) return [device, ...contents].join("\n");
  return `${device}\n  ${facts.hasUnknownData ? "something that was not recognised" : "nothing"}`;
}

/** Lists the names by which a person can say what will be lost, those of what is on the device first. */
export function namesOf({ contents, serial }: DeviceFacts): readonly string[] {
  const names = contents.flatMap(({ label, uuid, partLabel, partUuid }) => [
    label,
    uuid,
    partLabel,
    partUuid,
  ]);
  const given = [...names, serial].filter((name) => name !== undefined && name !== "");
  // What has no name at all is named by what it is.
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
