// Builds an initramfs: this program, the modules that a machine needs until its root is mounted,
// their firmware, and the file system checkers of this machine.

import { checkersByType } from "../../core/file-systems/checkers.ts";
import {
  type Compression,
  chooseCompression,
  type FirmwareFile,
  planArchive,
} from "../../core/initramfs/initramfs-contents.ts";
import {
  chooseModules,
  type FoundGroup,
  type ModuleSelection,
} from "../../core/initramfs/module-selection.ts";
import { fastDigests } from "../../core/modules/signature.ts";
import { Failure } from "../../core/text/failure.ts";
import { formatQuoted } from "../../core/text/quoted.ts";
import type { System } from "../port/system.ts";
import { leaveToBase, type SharedCheckers } from "./base-checkers.ts";
import { packCheckers } from "./checker-packing.ts";
import { findCheckers, type MissingChecker } from "./find-checkers.ts";
import { type PackingProgress, packModules, readWhole } from "./module-packing.ts";
import { findFirmware, type ModuleTree, readModuleTexts } from "./module-tree.ts";
import { openModuleTree } from "./open-module-tree.ts";
import { checkOutput, withWork, writeArchive } from "./write-archive.ts";

/** A request to build an initramfs. */
export interface InitramfsRequest {
  /** "DIR", "FILE" or "FILE:RELEASE", as openModuleTree() accepts it. */
  readonly modules: string;
  readonly output: string;
  /** The firmware directory; undefined for lib/firmware beside the modules. */
  readonly firmware: string | undefined;
  /** Undefined for the best that the kernel can unpack. */
  readonly compression: Compression | undefined;
  /** Options that those of the kernel command line override, in its syntax. */
  readonly defaultOptions: string | undefined;
  /** Whether file system checkers are included. */
  readonly hasCheckers: boolean;
}

/** The contents of an initramfs. */
export interface InitramfsFacts {
  readonly output: string;
  readonly release: string;
  readonly compression: Compression;
  readonly modules: readonly string[];
  readonly groups: readonly FoundGroup[];
  /** The file system checkers, by the names of the tools. */
  readonly checkers: readonly string[];
  /** Checkers that are not included because the base has them. */
  readonly baseCheckers: readonly string[];
  /** Checkers that were wanted but cannot be included. */
  readonly missingCheckers: readonly MissingChecker[];
}

/** The result of building an initramfs. */
export interface InitramfsReport extends InitramfsFacts {
  readonly bytes: number;
  readonly firmware: readonly string[];
  /** Firmware that modules request but the distribution does not have. */
  readonly missingFirmware: readonly string[];
}

/** Finds out what an initramfs would contain; throws a Failure if it cannot be built. */
export function planInitramfs(system: System, request: InitramfsRequest): InitramfsFacts {
  checkPaths(system, request);
  return withWork(system, actionOf(request), (work) => select(system, request, work).facts);
}

/** Builds an initramfs, and tells how much of the modules is packed. */
export function makeInitramfs(
  system: System,
  request: InitramfsRequest,
  progress: PackingProgress,
): InitramfsReport {
  checkPaths(system, request);
  return withWork(system, actionOf(request), (work) => {
    const { made, bytes } = writeArchive(system, request.output, () => {
      const filled = fill(system, { request, work, progress });
      return { ...filled, compression: filled.facts.compression, work };
    });
    const { facts, firmware, missingFirmware } = made;
    return { ...facts, bytes, firmware, missingFirmware };
  });
}

function checkPaths(system: System, { output, firmware }: InitramfsRequest) {
  checkOutput(system, output);
  if (firmware !== undefined && system.status(firmware)?.kind !== "directory") {
    throw new Failure(
      "not-found",
      `Cannot read firmware from ${formatQuoted(firmware)}: no such directory`,
    );
  }
}

function actionOf({ modules }: InitramfsRequest): string {
  return `make an initramfs with the modules in ${formatQuoted(modules)}`;
}

interface Selected {
  readonly facts: InitramfsFacts;
  readonly tree: ModuleTree;
  readonly selection: ModuleSelection;
  readonly checkers: SharedCheckers;
}

const noCheckers: SharedCheckers = { found: [], missing: [], inBase: [] };

/** Modules of an image belong to the base; whose a directory is, is not known. */
function chooseCheckers(system: System, { fetchPrograms }: ModuleTree): SharedCheckers {
  const found = findCheckers(system);
  const tools = Object.values(checkersByType).flat();
  return leaveToBase(system, found, fetchPrograms?.([...new Set(tools)]) ?? new Map());
}

function select(system: System, request: InitramfsRequest, work: string): Selected {
  const tree = openModuleTree(system, request.modules, work);
  const selection = chooseModules(readModuleTexts(system, tree, work));
  const checkers = request.hasCheckers ? chooseCheckers(system, tree) : noCheckers;
  const facts = {
    output: request.output,
    release: tree.release,
    compression: request.compression ?? chooseCompression(tree.release),
    modules: selection.files.map((file) => file.name),
    groups: selection.groups,
    checkers: checkers.found.map(({ tool }) => tool),
    baseCheckers: checkers.inBase,
    missingCheckers: checkers.missing,
  };
  return { facts, tree, selection, checkers };
}

interface Filling {
  readonly request: InitramfsRequest;
  readonly work: string;
  readonly progress: PackingProgress;
}

function fill(system: System, { request, work, progress }: Filling) {
  const { facts, tree, selection, checkers } = select(system, request, work);
  const packing = `${work}/modules`;
  const packingCheckers = `${work}/checkers`;
  for (const directory of [packing, packingCheckers]) system.makeDirectory(directory);
  const files = selection.files;
  const packed = packModules(system, { tree, files, work: packing }, progress);
  const firmware = readFirmware(system, packed.firmware, (paths) =>
    request.firmware === undefined
      ? tree.fetchFirmware(paths)
      : findFirmware(system, request.firmware, paths),
  );
  const segments = planArchive({
    program: readWhole(system, "/proc/self/exe"),
    index: {
      ...selection.index,
      ...(packed.digest === undefined ? {} : { first: fastDigests[packed.digest] }),
    },
    aliases: selection.aliases,
    modules: packed.modules,
    checkers: packCheckers(system, { found: checkers.found, work: packingCheckers }),
    firmware: firmware.files,
    defaultOptions: request.defaultOptions,
  });
  const names = firmware.files.map((file) => file.path);
  return { facts, segments, firmware: names, missingFirmware: firmware.missing };
}

// The kernel looks for a name as it is, and then compressed if built with support for that. The
// kernel of a distribution can read what that ships.
const firmwareEndings = ["", ".zst", ".xz"];

function readFirmware(
  system: System,
  names: readonly string[],
  fetch: (paths: readonly string[]) => ReadonlyMap<string, string>,
): { readonly files: readonly FirmwareFile[]; readonly missing: readonly string[] } {
  const safe = names.filter((name) => !name.startsWith("/") && !name.split("/").includes(".."));
  if (safe.length === 0) return { files: [], missing: names };
  const found = fetch(safe.flatMap((name) => firmwareEndings.map((ending) => name + ending)));
  const files: FirmwareFile[] = [];
  const missing: string[] = [];
  for (const name of names) {
    const path = firmwareEndings.map((ending) => name + ending).find((one) => found.has(one));
    const file = path === undefined ? undefined : found.get(path);
    if (path === undefined || file === undefined) missing.push(name);
    else files.push({ path, data: readWhole(system, file) });
  }
  return { files, missing };
}
