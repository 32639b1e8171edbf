// What a person names as the medium, from what the system tells of it: the files of a stick that is
// mounted, an ISO image, a stick that one was written onto whole, or a stick of Ventoy. Everything
// else is refused with what to name instead.

import { limitsOf } from "../file-systems/hosts.ts";
import { Failure } from "../text/failure.ts";
import { formatPath, formatShellWord } from "../text/quoted.ts";

/** A medium, by the way in which it is changed. */
export type NamedMedium =
  /** Its files can be written, in a directory. */
  | { readonly kind: "tree"; readonly path: string }
  /** The file of an ISO image, and the new one that is made of it. */
  | { readonly kind: "image"; readonly path: string; readonly to: string }
  /** A whole disk that an ISO image was written onto. */
  | { readonly kind: "stick"; readonly path: string }
  /** A stick of Ventoy; the path is where its partition for images is mounted. */
  | { readonly kind: "ventoy"; readonly path: string };

/** What the system tells of the path that a person gives. */
export interface MediumFacts {
  /** The path without links. */
  readonly path: string;
  readonly kind: "directory" | "file" | "block" | "other" | undefined;
  /** The type of what a file or device contains; undefined if nothing is recognised. */
  readonly contents: string | undefined;
  /** Whether a directory has a configuration of Ventoy. */
  readonly hasVentoy: boolean;
  /** What is mounted at a directory; undefined if nothing is. */
  readonly mounted:
    | {
        readonly source: string;
        readonly type: string;
        /** The directory of the file system that is seen there. */
        readonly root: string;
        readonly isReadonly: boolean;
        /** The file behind the loop device that it is mounted from. */
        readonly loopFile: string | undefined;
      }
    | undefined;
  /**
   * The whole disk: of a directory the one that its mount is on, of a device itself or the one that
   * it is a part of. Undefined if there is none, or if it cannot be read.
   */
  readonly disk: DiskFacts | undefined;
}

/** A whole disk, and what is mounted from it. */
export interface DiskFacts {
  readonly path: string;
  readonly contents: string | undefined;
  /** Its partitions in the order of their numbers. */
  readonly partitions: readonly PartitionFacts[];
  /** Where it or a partition of it is mounted. */
  readonly mounts: readonly {
    readonly device: string;
    readonly target: string;
    readonly type: string;
    readonly root: string;
  }[];
}

/** A partition of a disk. */
interface PartitionFacts {
  readonly path: string;
  readonly number: number;
  readonly label: string | undefined;
}

/** What a person asks for, as far as it decides what the medium is. */
export interface MediumRequest {
  /** As it was given. */
  readonly given: string;
  /** The beginning of a refusal: "Cannot install on …". */
  readonly cannot: string;
  /** Whether it is said to be a directory with the files of a medium. */
  readonly isTree: boolean;
  /** The new image. */
  readonly to: string | undefined;
}

/** Identifies a medium; throws a Failure that says what to name instead. */
export function identifyMedium(facts: MediumFacts, request: MediumRequest): NamedMedium {
  const { cannot, to } = request;
  const medium = identifyByKind(facts, request);
  if (to !== undefined && medium.kind !== "image")
    throw new Failure("usage", `${cannot}: "--to" is for the file of an ISO image alone`);
  return medium;
}

function identifyByKind(facts: MediumFacts, request: MediumRequest): NamedMedium {
  const { cannot, isTree } = request;
  const { kind } = facts;
  if (kind === undefined)
    throw new Failure("not-found", `${cannot}: no such ${isTree ? "directory" : "file or device"}`);
  if (isTree && kind !== "directory")
    throw new Failure("usage", `${cannot}: it is not a directory`);
  if (kind === "directory")
    return isTree
      ? { kind: facts.hasVentoy ? "ventoy" : "tree", path: facts.path }
      : identifyMounted(facts, request);
  if (kind === "file") return identifyFile(facts, request);
  if (kind === "block") return identifyDevice(facts, request);
  throw new Failure("usage", `${cannot}: it is neither a directory nor a file nor a block device`);
}

function identifyMounted(facts: MediumFacts, { cannot, given }: MediumRequest): NamedMedium {
  const { path, mounted, disk } = facts;
  if (mounted === undefined)
    throw new Failure(
      "usage",
      `${cannot}: nothing is mounted there`,
      `mount the stick there or, if the files of a medium are in it: --tree ${formatShellWord(given)}`,
    );
  const { type, root, source, isReadonly } = mounted;
  if (root !== "/" && type !== "btrfs")
    throw new Failure(
      "usage",
      `${cannot}: it shows ${formatPath(root)} of a file system, not the top of it`,
      `mount ${source} itself, and name that directory`,
    );
  const { refusal, note } = limitsOf(type);
  if (refusal !== undefined) throw unchangeable(facts, cannot);
  if (note !== undefined)
    throw new Failure(
      "usage",
      `${cannot}: nothing boots from ${type}`,
      `if the files of a medium are in it: --tree ${formatShellWord(given)}`,
    );
  if (isReadonly)
    throw new Failure(
      "unsafe",
      `${cannot}: it is mounted read-only`,
      `mount it read-write if that is safe: mount -o remount,rw ${formatShellWord(path)}`,
    );
  const isData = disk !== undefined && findDataPartition(disk) === source;
  return { kind: isData || facts.hasVentoy ? "ventoy" : "tree", path };
}

function unchangeable({ path, mounted, disk }: MediumFacts, cannot: string): Failure {
  const isImage = mounted?.type === "iso9660";
  const what = isImage ? "an ISO image is mounted there, and" : `it is ${mounted?.type}, and`;
  const file = mounted?.loopFile;
  const hint =
    file !== undefined
      ? `name the file, and a new one: ${formatShellWord(file)} --to NEW.iso`
      : disk !== undefined
        ? `unmount ${formatPath(path)}, and name the device: ${disk.path}`
        : undefined;
  return new Failure(
    "unsafe",
    `${cannot}: ${what} its files cannot be changed`,
    isImage ? hint : undefined,
  );
}

function identifyFile({ path, contents }: MediumFacts, request: MediumRequest): NamedMedium {
  const { cannot, given, to } = request;
  if (contents !== "iso9660")
    throw new Failure("usage", `${cannot}: it is not an ISO image${foundInstead(contents)}`);
  if (to === undefined)
    throw new Failure(
      "usage",
      `${cannot}: an ISO image is never changed itself`,
      `name a new one: ${formatShellWord(given)} --to NEW.iso`,
    );
  return { kind: "image", path, to };
}

function identifyDevice(facts: MediumFacts, request: MediumRequest): NamedMedium {
  const { cannot } = request;
  const { path, contents, disk } = facts;
  if (disk === undefined)
    throw new Failure("tool", `${cannot}: the disk that it is a part of is unknown`);
  if (path !== disk.path) throw refusePartition(facts, disk, cannot);
  const data = findDataPartition(disk);
  const [mount] = disk.mounts;
  if (data !== undefined) {
    const there = disk.mounts.find(({ device, root }) => device === data && root === "/");
    if (there !== undefined) return { kind: "ventoy", path: there.target };
    throw new Failure(
      "usage",
      `${cannot}: it is a stick of Ventoy, and its partition for images is not mounted`,
      `mount ${data}, and name that directory`,
    );
  }
  if (contents === "iso9660") {
    if (mount === undefined) return { kind: "stick", path };
    throw new Failure(
      "in-use",
      `${cannot}: ${formatPath(mount.device)} is mounted on ${formatPath(mount.target)}`,
      `unmount it: umount ${formatShellWord(mount.target)}`,
    );
  }
  if (mount !== undefined) throw nameDirectory(mount, path, cannot);
  throw new Failure(
    "usage",
    `${cannot}: no ISO image was written onto it${contents === undefined ? "" : `, it contains ${contents}`}`,
    "if the files of a live system are on it, mount it and name that directory",
  );
}

function refusePartition({ path }: MediumFacts, disk: DiskFacts, cannot: string): Failure {
  if (disk.contents === "iso9660")
    return new Failure(
      "usage",
      `${cannot}: it is a part of ${formatPath(disk.path)}, which an ISO image was written onto`,
      `name the whole device: ${disk.path}`,
    );
  const mount = disk.mounts.find(({ device }) => device === path);
  if (mount !== undefined) return nameDirectory(mount, path, cannot);
  return new Failure(
    "usage",
    `${cannot}: it is a partition, and is not mounted`,
    "mount it and name that directory",
  );
}

function nameDirectory(
  { device, target }: { readonly device: string; readonly target: string },
  path: string,
  cannot: string,
): Failure {
  const what = device === path ? "it" : formatPath(device);
  return new Failure(
    "usage",
    `${cannot}: ${what} is mounted on ${formatPath(target)}`,
    `if the files of a live system are there, name that directory: ${formatShellWord(target)}`,
  );
}

function foundInstead(contents: string | undefined): string {
  return contents === undefined ? "" : `, but contains ${contents}`;
}

/**
 * Returns the partition for images of a stick of Ventoy: its programs are in the other one, which
 * has a label of its own.
 */
function findDataPartition({ partitions }: DiskFacts): string | undefined {
  const [data, programs] = partitions;
  if (data?.number !== 1 || programs?.number !== 2) return undefined;
  return programs.label === "VTOYEFI" ? data.path : undefined;
}
