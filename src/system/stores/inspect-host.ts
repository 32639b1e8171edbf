// Inspects a host for a store's file, through a read-only loop device, and the file system in the
// file through another one on top, so that the host and the file are unchanged afterwards.

import { decodeUtf8 } from "../../core/bytes/utf.ts";
import type { Device } from "../../core/devices/device.ts";
import type { HostFacts } from "../../core/stores/host-offer.ts";
import type { SeenStore } from "../../core/stores/seen-store.ts";
import { type LookInto, lookInto } from "../looking/look.ts";
import { ifPossible } from "../port/errors.ts";
import type { System } from "../port/system.ts";
import {
  addRoom,
  inspectDirectory,
  lookAtDirectory,
  markIgnoredJournal,
} from "./inspect-directory.ts";
import { describeObstacle, inspectFile } from "./inspect-file.ts";

/** A host to inspect, the place to mount it, and the expected path of the store's file. */
interface HostLook {
  readonly device: Device;
  /** From the top of the host ("/sysrcd.bs"). */
  readonly path: string;
  readonly at: string;
  /** Makes the kernel able to mount a type, if it does not do so by itself. */
  readonly prepare: (type: string) => void;
  /** Mounts a device; through a read-only loop device if undefined. */
  readonly into?: LookInto;
}

/** Inspects a host; the facts say why if that is impossible. */
export function inspectHost(system: System, look: HostLook): HostFacts {
  const { device, at, into = lookInto } = look;
  const type = device.superblock?.type ?? "";
  try {
    look.prepare(type);
    return into(system, { device, at: `${at}/host` }, (root, ignoredJournal) => ({
      obstacle: undefined,
      isHibernated: type === "ntfs" && holdsSleeper(system, root),
      ...(ignoredJournal && { ignoredJournal }),
      found: findFile(system, look, { root, ignoredJournal }),
    }));
  } catch (error) {
    return { obstacle: describeObstacle(error, device), isHibernated: false, found: undefined };
  }
}

/**
 * Windows begins its hiberfil.sys with "hibr" while it is hibernated, and while it is only half
 * shut down ("fast startup").
 */
function holdsSleeper(system: System, root: string): boolean {
  const sleeps = ifPossible(() => {
    if (system.linkStatus(`${root}/hiberfil.sys`)?.kind !== "file") return false;
    const place = { root, path: "hiberfil.sys" };
    return system.withFile(place, ({ read }) => decodeUtf8(read(0, 4)).toLowerCase() === "hibr");
  });
  // If it exists but cannot be read, it may be hibernated.
  return sleeps ?? true;
}

function findFile(
  system: System,
  look: HostLook,
  { root, ignoredJournal }: { readonly root: string; readonly ignoredJournal: boolean },
): SeenStore | undefined {
  const { device, path, at, prepare, into = lookInto } = look;
  return inspectFile(system, { device, root, path, ignoredJournal }, (inside, file) => {
    prepare(inside.superblock?.type ?? "");
    const target = { device: inside, at: `${at}/store` };
    const hostIgnoredJournal = file.ignoredJournal === true;
    const directory = lookAtDirectory(
      system,
      { into, target, directory: "", hostIgnoredJournal },
      (top, ignored) => {
        const facts = markIgnoredJournal(
          inspectDirectory(system, { root: top, directory: "" }),
          ignored,
        );
        return addRoom(system, facts, { root: top, type: inside.superblock?.type });
      },
    );
    return { directory, more: undefined };
  })?.seen;
}
