// What lies on a host where a store's file is looked for: looked at through a read-only loop device, and what is in the
// file through another one upon it, so that the host and the file are as they were afterwards.

import { decodeUtf8 } from "../../core/bytes/utf.ts";
import { type Device, unknownDevice } from "../../core/devices/device.ts";
import { describeMissingDriver } from "../../core/file-systems/mounting.ts";
import {
  type FoundAtPath,
  type FoundFile,
  findFault,
  type HostFacts,
} from "../../core/stores/file-store.ts";
import { locateFile } from "../looking/locate-file.ts";
import { type LookInto, lookInto } from "../looking/look.ts";
import { ifPossible, reasonOf } from "../port/errors.ts";
import { errnoOf, type FileStatus, type System } from "../port/system.ts";
import {
  addRoom,
  inspectDirectory,
  lookAtDirectory,
  markIgnoredJournal,
} from "./inspect-directory.ts";
import { readStoreFile } from "./read-store-file.ts";

/** Says which host to look into, where to mount it meanwhile, and at which path the store's file is looked for. */
export interface HostLook {
  readonly device: Device;
  /** From the top of the host ("/sysrcd.bs"). */
  readonly path: string;
  readonly at: string;
  /** Makes the kernel able to mount a type, where it does not do so by itself. */
  readonly prepare: (type: string) => void;
  /** Shows what is on a device; through a read-only loop device where it is left out. */
  readonly into?: LookInto;
}

/** Looks into a host; what cannot be looked into is among the facts. */
export function inspectHost(system: System, look: HostLook): HostFacts {
  const { device, at, into = lookInto } = look;
  const type = device.superblock?.type ?? "";
  try {
    look.prepare(type);
    return into(system, { device, at: `${at}/host` }, (root, ignoredJournal) => ({
      obstacle: undefined,
      isHibernated: type === "ntfs" && holdsSleeper(system, root),
      ...(ignoredJournal && { ignoredJournal }),
      found: findFile(system, { root, look, ignoredJournal }),
    }));
  } catch (error) {
    return { obstacle: describeObstacle(error, type), isHibernated: false, found: undefined };
  }
}

/** What mount(2) says where a driver is missing, "no such device", would send people looking for a cable. */
function describeObstacle(error: unknown, type: string): string {
  if (errnoOf(error) === "ENODEV") return describeMissingDriver(type);
  return `it cannot be looked into: ${reasonOf(error)}`;
}

/** Windows begins its hiberfil.sys with "hibr" while it sleeps, and while it is only half shut down ("fast startup"). */
function holdsSleeper(system: System, root: string): boolean {
  const path = `${root}/hiberfil.sys`;
  const sleeps = ifPossible(() => {
    if (system.linkStatus(path)?.kind !== "file") return false;
    return decodeUtf8(system.readBytes(path, 0, 4)).toLowerCase() === "hibr";
  });
  // What is there and cannot be read is not known to be awake.
  return sleeps ?? true;
}

interface Place {
  readonly root: string;
  readonly look: HostLook;
  readonly ignoredJournal: boolean;
}

function findFile(system: System, place: Place): FoundAtPath | undefined {
  const located = locateFile(system, place.root, place.look.path);
  if (located === undefined || "problem" in located) return located;
  try {
    return inspectFile(system, { ...place, status: located.status });
  } catch (error) {
    return { problem: `it cannot be read: ${reasonOf(error)}` };
  }
}

function inspectFile(
  system: System,
  { root, look, ignoredJournal, status }: Place & { status: FileStatus },
): FoundFile {
  const seen = readStoreFile(system, { root, path: look.path, status });
  const file = ignoredJournal ? { ...seen, ignoredJournal } : seen;
  const path = `${root}${look.path}`;
  const fault = findFault(file);
  const content =
    fault === undefined ? lookInside(system, { look, path, file }) : { problem: fault.sentence };
  return { file, content };
}

function lookInside(
  system: System,
  { look, path, file }: { look: HostLook; path: string; file: FoundFile["file"] },
): FoundFile["content"] {
  const { superblock, bytes } = file;
  const type = superblock?.type ?? "";
  const device = { ...unknownDevice(path, bytes), superblock };
  const { into = lookInto } = look;
  try {
    look.prepare(type);
    const inside = {
      into,
      target: { device, at: `${look.at}/store` },
      directory: "",
      hostIgnoredJournal: file.ignoredJournal === true,
    };
    return lookAtDirectory(system, inside, (root, ignoredJournal) =>
      addRoom(
        system,
        markIgnoredJournal(inspectDirectory(system, { root, directory: "" }), ignoredJournal),
        {
          root,
          type,
        },
      ),
    );
  } catch (error) {
    if (errnoOf(error) === "ENODEV")
      return { problem: `it holds ${type}, and ${describeMissingDriver(type)}` };
    return { problem: `it holds ${type} that cannot be looked into: ${reasonOf(error)}` };
  }
}
