// The contents of a medium: its layout, the kind of its base, and its sysrescue.d. It is inspected,
// never written to.

import { type Device, unknownDevice } from "../../core/devices/device.ts";
import { driverOf, unchangedOptions } from "../../core/file-systems/mounting.ts";
import { directoriesToList, identifyLayout, type Layout } from "../../core/medium/layout.ts";
import type { Medium, MediumFile, MediumFinding } from "../../core/medium/medium.ts";
import type { YamlFile } from "../../core/options/option-source.ts";
import { directoriesToCopy, isCopied } from "../../core/session/plan-copy.ts";
import { formatQuoted } from "../../core/text/quoted.ts";
import { type LookInto, lookInto } from "../looking/look.ts";
import { readSuperblock } from "../looking/read-superblock.ts";
import { reasonOf } from "../port/errors.ts";
import { listIfPresent } from "../port/files.ts";
import { errnoOf, type System } from "../port/system.ts";
import { readBaseFingerprint, readRelease } from "./inspect-release.ts";

/** The place and the means for inspecting a medium. */
interface MediumLook {
  readonly at: string;
  readonly machine: string;
  readonly baseDirectory: string | undefined;
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
 * names.
 */
export function readYamlFiles(system: System, directory: string): readonly YamlFile[] {
  const names = listIfPresent(system, directory).filter((name) =>
    name.toLowerCase().endsWith(".yaml"),
  );
  return names.map((name) => readYamlFile(system, { file: name, path: `${directory}/${name}` }));
}

function readYamlFile(system: System, { file, path }: { file: string; path: string }): YamlFile {
  try {
    const status = system.status(path);
    if (status?.kind !== "file") return { file, problem: "it is not a file" };
    if (status.bytes > maxYamlBytes) return { file, problem: "it is larger than 1 MiB" };
    return { file, text: system.readText(path) };
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
    return { file, problem: reasonOf(error) };
  }
}

const maxYamlBytes = 1024 * 1024;

function inspectMounted(
  system: System,
  { device, root, look }: { device: Device; root: string; look: MediumLook },
): MediumFinding {
  const top = system.list(root);
  const below = directoriesToList(top, look).flatMap((directory) =>
    listIfPresent(system, `${root}/${directory}`).map((name) => `${directory}/${name}`),
  );
  const finding = identifyLayout([...top, ...below], look);
  if (!finding) return { reason: "it contains no known live system" };
  if ("refused" in finding) return { reason: finding.refused };
  const image = `${root}/${finding.layout.image}`;
  const superblock = readSuperblock(system, image, system.deviceBytes(image));
  if (superblock?.type !== "squashfs" && superblock?.type !== "erofs") {
    return {
      reason: `its base ${formatQuoted(finding.layout.image)} is ${superblock?.type ?? "neither squashfs nor erofs"}`,
    };
  }
  look.prepare(superblock.type);
  const medium = {
    device,
    layout: finding.layout,
    imageType: superblock.type,
    release: readRelease(system, root, finding.layout),
    fingerprint: readBaseFingerprint(system, image, superblock.type),
    yaml: readYamlFiles(system, `${root}/sysrescue.d`),
    files: listFiles(system, { root, top, layout: finding.layout }),
  };
  return {
    medium: {
      ...medium,
      nested: inspectNested(system, { image, type: superblock.type, look, layout: finding.layout }),
    },
  };
}

/** Lists the files that are copied together with the base, the base first. */
function listFiles(
  system: System,
  { root, top, layout }: { root: string; top: readonly string[]; layout: Layout },
): MediumFile[] {
  const others = directoriesToCopy(top, layout).flatMap((directory) =>
    listIfPresent(system, `${root}/${directory}`).map((name) => joinInner(directory, name)),
  );
  const paths = others.filter((path) => path !== layout.image && isCopied(path, layout));
  return [layout.image, ...new Set(paths)].slice(0, maxFiles).flatMap((path) => {
    const status = system.linkStatus(`${root}/${path}`);
    return status?.kind === "file" ? [{ path, bytes: status.bytes }] : [];
  });
}

const maxFiles = 1000;

function joinInner(directory: string, name: string): string {
  return directory === "" ? name : `${directory}/${name}`;
}

function inspectNested(
  system: System,
  { image, type, look, layout }: { image: string; type: string; look: MediumLook; layout: Layout },
): Medium["nested"] {
  if (layout.nested.length === 0) return undefined;
  const device: Device = {
    ...unknownDevice(image, 0),
    superblock: { type, label: undefined, uuid: undefined, bytes: undefined, unclean: [] },
  };
  return lookInto(system, { device, at: `${look.at}/base` }, (root) => {
    const path = layout.nested.find((name) => system.status(`${root}/${name}`)?.kind === "file");
    if (path === undefined) return undefined;
    const file = `${root}/${path}`;
    const inner = readSuperblock(system, file, system.deviceBytes(file));
    look.prepare(inner?.type ?? "");
    return { path, type: inner?.type ?? "unknown", data: unchangedOptions(inner) };
  });
}
