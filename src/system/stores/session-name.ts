// The name of what is below a mount of the session, where a person finds it as well, and back.

import { nameInSession, pathInSession } from "../../core/session/places.ts";
import { directoryOf } from "../../core/text/path.ts";
import { ifPossible } from "../port/errors.ts";
import { readBelow } from "../port/files.ts";
import type { System } from "../port/system.ts";

/** Returns the name for people of a path to a file, if that leads to it as well. */
export function nameOfSession(system: System, path: string): string {
  const name = nameInSession(path);
  const leadsThere = ifPossible(() => system.resolve(directoryOf(name))) === directoryOf(path);
  return leadsThere ? name : path;
}

/** Returns the path of a directory without a link in it, if it has a name for people. */
export function pathOfSession(system: System, name: string): string {
  const path = pathInSession(name);
  return ifPossible(() => system.resolve(name)) === path ? path : name;
}

/** Reads a file by its name for people, without following a link; errno errors pass through. */
export function readByName(system: System, name: string, mostBytes: number): string {
  return readBelow(system, { root: "", path: pathInSession(name) }, mostBytes);
}
