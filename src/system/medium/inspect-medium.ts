// The contents of a medium: its layout, the kind of its base, and its sysrescue.d. It is inspected,
// never written to.

import { type Device, unknownDevice } from "../../core/devices/device.ts";
import { driverOf, unchangedOptions } from "../../core/file-systems/mounting.ts";
import { readFingerprint } from "../../core/medium/base-fingerprint.ts";
import { findConfigurationPath } from "../../core/medium/configuration-path.ts";
import { type ImageSum, parseSum, sumPath } from "../../core/medium/image-sum.ts";
import {
  directoriesToList,
  identifyLayout,
  type Layout,
  yamlDirectory,
} from "../../core/medium/layout.ts";
import type { Medium, MediumFile, MediumFinding } from "../../core/medium/medium.ts";
import { isUsable } from "../../core/medium/srm.ts";
import type { YamlFile } from "../../core/options/option-source.ts";
import { directoriesToCopy, isCopied } from "../../core/session/plan-copy.ts";
import { identify } from "../../core/superblocks/identify.ts";
import type { Superblock } from "../../core/superblocks/superblock.ts";
import { formatQuoted } from "../../core/text/quoted.ts";
import { locateFile } from "../looking/locate-file.ts";
import { type LookInto, lookInto } from "../looking/look.ts";
import { ifPossible, reasonOf } from "../port/errors.ts";
import { describeUnread, listBelow, listBelowIfPresent, readBelow } from "../port/files.ts";
import { type DiskPlace, errnoOf, type System } from "../port/system.ts";
import { readOsRelease, readRelease } from "./inspect-release.ts";
import { inspectSrms } from "./inspect-srms.ts";

/** The place and the means for inspecting a medium. */
interface MediumLook {
  readonly at: string;
  readonly machine: string;
  readonly baseDirectory: string | undefined;
  /** The values of sysrescuecfg. */
  readonly configurations: readonly string[];
  /** Makes the kernel able to mount a type, if it does not do so by itself. */
  readonly prepare: (type: string) => void;
  /** Mounts a device; through a read-only loop device if undefined. */
  readonly into?: LookInto;
}

/** Inspects a device for a base. */
export function inspectMedium(system: System, device: Device, look: MediumLook): MediumFinding {
  const type = device.superblock?.type;
  if (type === undefined || driverOf(type) === undefined)
    return { reason: device.problem ?? `it is ${type ?? "not recognised"}` };
  try {
    look.prepare(type);
    const { into = lookInto } = look;
    return into(system, { device, at: `${look.at}/medium` }, (root) =>
      inspectMounted(system, { device, root, look }),
    );
  } catch (error) {
    // The message of mount(2) for a missing driver, "no such device", would make people look for a
    // cable.
    if (errnoOf(error) === "ENODEV") return { reason: `the kernel cannot mount ${type}` };
    if (errnoOf(error) === undefined) throw error;
    return { reason: `it cannot be inspected: ${reasonOf(error)}` };
  }
}

/**
 * Reads the files of a sysrescue.d directory whose names end in ".yaml", in the order of their
 * names. A name may stand for a file that another name stands for as well, so there is a bound on
 * all of them together.
 */
export function readYamlFiles(system: System, { root, path }: DiskPlace): readonly YamlFile[] {
  const names = listYamlNames(system, { root, path });
  if (typeof names === "string") return [{ file: path || root, problem: names }];
  const files: YamlFile[] = [];
  let left = mostYamlBytes;
  for (const [index, file] of names.entries()) {
    const read = readYamlFile(system, { file, place: { root, path: `${path}/${file}` }, left });
    if (read === undefined || index === mostYamlFiles) {
      const others = names.length - index - 1;
      const problem =
        "the configuration files together are more than 1 MiB, or more than 100, and what comes after that is left out";
      return [...files, { file, problem: others > 0 ? `${problem} (${others} more)` : problem }];
    }
    files.push(read.yaml);
    left -= read.bytes;
  }
  return files;
}

const mostYamlFiles = 100;
const mostYamlBytes = 1024 * 1024;

/** Lists the names; a text says why that could not be done. */
function listYamlNames(system: System, place: DiskPlace): readonly string[] | string {
  try {
    return listBelow(system, place).filter((name) => name.toLowerCase().endsWith(".yaml"));
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === undefined) throw error;
    return errno === "ELOOP" || errno === "EFBIG" ? describeUnread(error) : [];
  }
}

interface ReadYaml {
  readonly yaml: YamlFile;
  readonly bytes: number;
}

/** Reads the files that sysrescuecfg names, in their order. */
function readConfigurations(
  system: System,
  root: string,
  values: readonly string[],
): readonly YamlFile[] {
  let left = mostYamlBytes;
  return values.slice(0, mostYamlFiles).map((file): YamlFile => {
    const found = findConfigurationPath(file);
    if ("problem" in found) return { file, problem: found.problem };
    const read = readYamlFile(system, { file, place: { root, path: found.path }, left });
    if (read === undefined) return { file, problem: tooLarge };
    left -= read.bytes;
    return "text" in read.yaml ? { ...read.yaml, path: found.path } : read.yaml;
  });
}

/** Undefined where no more than `left` bytes may be read any more, and the file is longer. */
function readYamlFile(
  system: System,
  { file, place, left }: { file: string; place: DiskPlace; left: number },
): ReadYaml | undefined {
  try {
    return system.withFile(place, ({ status: { bytes }, text }) => {
      if (bytes > mostYamlBytes) return { yaml: { file, problem: tooLarge }, bytes: 0 };
      return bytes > left ? undefined : { yaml: { file, text: text(left) }, bytes };
    });
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
    return { yaml: { file, problem: describeUnread(error) }, bytes: 0 };
  }
}

const tooLarge = "it is larger than 1 MiB";

function inspectMounted(
  system: System,
  { device, root, look }: { device: Device; root: string; look: MediumLook },
): MediumFinding {
  const top = listBelow(system, { root, path: "" });
  const below = directoriesToList(top, look).flatMap((directory) =>
    listBelowIfPresent(system, { root, path: directory }).map((name) => `${directory}/${name}`),
  );
  const finding = identifyLayout([...top, ...below], look);
  if (!finding) return { reason: "it contains no known live system" };
  if ("refused" in finding) return { reason: finding.refused };
  const { image } = finding.layout;
  const located = locateFile(system, root, image);
  if (located && "problem" in located)
    return { reason: `its base ${formatQuoted(image)} cannot be read: ${located.problem}` };
  const { superblock, fingerprint } = readBase(system, { root, path: image });
  if (superblock?.type !== "squashfs" && superblock?.type !== "erofs") {
    return {
      reason: `its base ${formatQuoted(image)} is ${superblock?.type ?? "neither squashfs nor erofs"}`,
    };
  }
  const yaml = [
    ...readYamlFiles(system, { root, path: yamlDirectory }),
    ...readConfigurations(system, root, look.configurations),
  ];
  const srms = inspectSrms(system, { root, layout: finding.layout });
  const types = [superblock, ...srms.filter(isUsable)].map(({ type }) => type);
  for (const type of new Set(types)) look.prepare(type);
  const medium = {
    device,
    layout: finding.layout,
    imageType: superblock.type,
    fingerprint,
    yaml,
    sum: inspectSum(system, { root, layout: finding.layout }),
    srms,
    files: listFiles(system, {
      ...{ root, top, layout: finding.layout },
      more: yaml.flatMap((one) => ("path" in one ? [one.path ?? ""] : [])),
    }),
  };
  const { layout } = finding;
  const release = readRelease(system, root, layout);
  const base = { image: `${root}/${image}`, type: superblock.type, look, layout, release };
  return { medium: { ...medium, ...inspectBase(system, base) } };
}

/** Reads what the base is, and what tells it from others. */
function readBase(
  system: System,
  place: DiskPlace,
): { superblock: Superblock | undefined; fingerprint: string | undefined } {
  return system.withFile(place, ({ status, read }) => {
    const superblock = identify(read, status.bytes);
    const fingerprint = ifPossible(() => readFingerprint(read, superblock?.type ?? ""));
    return { superblock, fingerprint };
  });
}

/** Longer than a line for each file that could lie beside an image. */
const mostSumBytes = 65_536;

/** Reads the checksum that the image of the base should have. */
function inspectSum(system: System, { root, layout }: { root: string; layout: Layout }): ImageSum {
  const path = sumPath(layout);
  if (path === undefined) return { missing: "only media of SystemRescue and Arch have a checksum" };
  try {
    const sha512 = parseSum(readBelow(system, { root, path }, mostSumBytes), layout);
    return sha512 === undefined
      ? { missing: `${formatQuoted(path)} on the medium has no SHA-512 of it` }
      : { sha512 };
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
    return {
      missing: `${formatQuoted(path)} on the medium cannot be read: ${describeUnread(error)}`,
    };
  }
}

/** Lists the files that are copied together with the base, the base first. */
function listFiles(
  system: System,
  {
    root,
    top,
    layout,
    more,
  }: { root: string; top: readonly string[]; layout: Layout; more: readonly string[] },
): MediumFile[] {
  const others = directoriesToCopy(top, layout).flatMap((directory) =>
    listBelowIfPresent(system, { root, path: directory }).map((name) => joinInner(directory, name)),
  );
  const paths = others.filter((path) => path !== layout.image && isCopied(path, layout));
  return [...new Set([layout.image, ...paths, ...more])].slice(0, maxFiles).flatMap((path) => {
    const status = system.linkStatus(`${root}/${path}`);
    return status?.kind === "file" ? [{ path, bytes: status.bytes }] : [];
  });
}

const maxFiles = 1000;

function joinInner(directory: string, name: string): string {
  return directory === "" ? name : `${directory}/${name}`;
}

/** The image of a base, with what is needed to look into it. */
interface BaseImage {
  readonly image: string;
  readonly type: string;
  readonly look: MediumLook;
  readonly layout: Layout;
  /** The release that the medium names; undefined if only the base itself can. */
  readonly release: string | undefined;
}

/** Looks into a base, if there is something to be learned. */
function inspectBase(
  system: System,
  { image, type, look, layout, release }: BaseImage,
): Pick<Medium, "nested" | "release"> {
  const isNested = layout.nested.length > 0;
  if (!isNested && release !== undefined) return { nested: undefined, release };
  const target = { device: imageDevice(image, type), at: `${look.at}/base` };
  const inspect = () =>
    lookInto(system, target, (root) => {
      const nested = isNested ? findNested(system, root, { look, layout }) : undefined;
      const read = () => readInnerRelease(system, root, { look, nested });
      return { nested, release: release ?? ifPossible(read) };
    });
  if (isNested) return inspect();
  return ifPossible(inspect) ?? { nested: undefined, release: undefined };
}

function findNested(
  system: System,
  root: string,
  { look, layout }: Pick<BaseImage, "look" | "layout">,
): Medium["nested"] {
  const path = layout.nested.find((name) => {
    const located = locateFile(system, root, name);
    return located !== undefined && "status" in located;
  });
  if (path === undefined) return undefined;
  const inner = system.withFile({ root, path }, ({ status, read }) => identify(read, status.bytes));
  look.prepare(inner?.type ?? "");
  return { path, type: inner?.type ?? "unknown", data: unchangedOptions(inner) };
}

/** A medium that does not name the release of its base has it in the base. */
function readInnerRelease(
  system: System,
  root: string,
  { look, nested }: Pick<BaseImage, "look"> & Pick<Medium, "nested">,
): string | undefined {
  if (nested === undefined) return readOsRelease(system, root);
  const device = imageDevice(`${root}/${nested.path}`, nested.type);
  return lookInto(system, { device, at: `${look.at}/inner` }, (top) => readOsRelease(system, top));
}

/** Returns an image as a device that can be looked into. */
function imageDevice(path: string, type: string): Device {
  return {
    ...unknownDevice(path, 0),
    superblock: { type, label: undefined, uuid: undefined, bytes: undefined, unclean: [] },
  };
}
