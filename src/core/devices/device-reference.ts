// The ways to name a device: a path, a tag as in fstab ("LABEL=data"), or udev's links under
// /dev/disk, which are resolved from superblocks and partition tables here, because early boot may
// have no udev. In those links udev writes every byte that is unsafe in a file name as "\xNN"
// (blkid_encode_string).

import { Failure } from "../text/failure.ts";
import { formatEscaped, formatQuoted } from "../text/quoted.ts";
import type { Device } from "./device.ts";

/** A device named by its path, or by what is written on it. */
export type DeviceReference =
  | { readonly kind: "path"; readonly path: string }
  | { readonly kind: DeviceTag; readonly value: string };

/** The kinds of names a device can have besides its path. */
type DeviceTag = "label" | "uuid" | "partlabel" | "partuuid";

const tagPattern = /^(label|uuid|partlabel|partuuid)=(.*)$/is;
const linkPattern = /^\/dev\/disk\/by-([^/]+)\/(.*)$/s;

/** Returns whether a text starts like the name of a device ("/dev/…", "LABEL=…"), valid or not. */
export function isDeviceReference(text: string): boolean {
  return text.startsWith("/dev/") || tagPattern.test(text);
}

/** Parses the name of a device; throws a Failure that calls it `what` if it cannot name one. */
export function parseDeviceReference(text: string, what = "the device"): DeviceReference {
  const [, tag, tagged = ""] = tagPattern.exec(text) ?? [];
  if (tag !== undefined) return nameByTag(tag, unquote(tagged), { text, what });
  const names = text.split("/").filter((name) => name !== "" && name !== ".");
  const path = `/${names.join("/")}`;
  const [, link, linked = ""] = linkPattern.exec(text) ?? linkPattern.exec(path) ?? [];
  if (link !== undefined)
    return nameByTag(link, decodeUdev(linked, { text, what }), { text, what });
  if (!text.startsWith("/dev/") || names.length < 2) {
    throw refuse(
      { text, what },
      'expected "/dev/…", "LABEL=…", "UUID=…", "PARTLABEL=…" or "PARTUUID=…"',
    );
  }
  if (names.includes("..")) throw refuse({ text, what }, 'a device path cannot contain ".."');
  return { kind: "path", path };
}

/** Formats the name of a device as a person would write it ("/dev/sda2", "LABEL=data"). */
export function formatDeviceReference(reference: DeviceReference): string {
  return reference.kind === "path"
    ? reference.path
    : `${reference.kind.toUpperCase()}=${reference.value}`;
}

/** Describes a reference as it reads after "it is" ('labelled "data"', "/dev/sda2"). */
export function describeReference(reference: DeviceReference): string {
  return reference.kind === "label"
    ? `labelled ${formatQuoted(reference.value)}`
    : formatEscaped(formatDeviceReference(reference));
}

/** Returns whether the reference names a device; UUIDs are compared regardless of letter case. */
export function matchesReference(device: Device, reference: DeviceReference): boolean {
  switch (reference.kind) {
    case "path":
      return device.path === reference.path;
    case "label":
      return device.superblock?.label === reference.value;
    case "partlabel":
      return device.partLabel === reference.value;
    case "uuid":
      return device.superblock?.uuid?.toLowerCase() === reference.value.toLowerCase();
    case "partuuid":
      return device.partUuid?.toLowerCase() === reference.value.toLowerCase();
  }
}

interface Asked {
  readonly text: string;
  readonly what: string;
}

function nameByTag(tag: string, value: string, asked: Asked): DeviceReference {
  const kind = tagOf(tag.toLowerCase());
  if (kind === undefined) {
    throw refuse(
      asked,
      `links by ${formatQuoted(tag)} are not supported, only by label, uuid, partlabel and partuuid`,
    );
  }
  if (value === "") throw refuse(asked, `the ${kind} is empty`);
  return { kind, value };
}

function tagOf(tag: string): DeviceTag | undefined {
  return tag === "label" || tag === "uuid" || tag === "partlabel" || tag === "partuuid"
    ? tag
    : undefined;
}

function decodeUdev(link: string, asked: Asked): string {
  return link.replaceAll(/(?:\\x[0-9a-f]{2})+/gi, (run) => {
    try {
      return decodeURIComponent(run.replaceAll("\\x", "%"));
    } catch {
      throw refuse(asked, `${formatQuoted(run)} is not UTF-8`);
    }
  });
}

function unquote(text: string): string {
  return text.length >= 2 && text.startsWith('"') && text.endsWith('"') ? text.slice(1, -1) : text;
}

function refuse({ text, what }: Asked, reason: string): Failure {
  return new Failure("usage", `Cannot use ${what} ${formatQuoted(text)}: ${reason}`);
}
