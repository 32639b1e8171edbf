// What lies on a host where a store's file is looked for: looked at through a read-only loop device, and what is in the
// file through another one upon it, so that the host and the file are as they were afterwards.

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

/** Says which host to look into, where to mount it meanwhile, and at which path the store's file is looked for. */
interface HostLook {
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
      found: findFile(system, look, { root, ignoredJournal }),
    }));
  } catch (error) {
    return { obstacle: describeObstacle(error, type), isHibernated: false, found: undefined };
  }
}

/** Windows begins its hiberfil.sys with "hibr" while it sleeps, and while it is only half shut down ("fast startup"). */
function holdsSleeper(system: System, root: string): boolean {
  const sleeps = ifPossible(() => {
    if (system.linkStatus(`${root}/hiberfil.sys`)?.kind !== "file") return false;
    const place = { root, path: "hiberfil.sys" };
    return system.withFile(place, ({ read }) => decodeUtf8(read(0, 4)).toLowerCase() === "hibr");
  });
  // What is there and cannot be read is not known to be awake.
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
