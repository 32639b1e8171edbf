// Whether a boot like the one of this session uses a store that was filled, and what it needs for
// that.

import { formatFileOptions } from "../../core/choosing/choosing-options.ts";
import type { Explanation } from "../../core/session/explanation.ts";
import { pathInSession } from "../../core/session/places.ts";
import type { NextBoot } from "../../report/exchange/adopt.ts";
import { findDirectoryOptions } from "../../system/create/directory-options.ts";
import { inspectDirectoryPlace } from "../../system/create/inspect-directory-place.ts";
import { inspectStoreHost } from "../../system/create/inspect-store-host.ts";
import { ifPossible } from "../../system/port/errors.ts";
import type { System } from "../../system/port/system.ts";
import { explainBoot, withLooks } from "../../system/session/explain-boot.ts";
import { findBootPath } from "../../system/stores/boot-path.ts";
import { locateStore } from "../../system/stores/locate-store.ts";
import { askedDevices, commandLineOf, credentialOf, overlayParametersOf } from "./asked-machine.ts";
import type { Invocation } from "./command.ts";

/** A store that was filled. */
interface Filled {
  readonly kind: "file" | "directory";
  readonly store: string;
}

/** Where a boot sees a store, and what it needs to use it. */
export interface StorePlaceAtBoot {
  readonly source: string;
  /** From the top of what a boot mounts, with a leading slash. */
  readonly path: string | undefined;
  readonly options: string | undefined;
  readonly unfound: string | undefined;
}

/** Finds what the next boot does with a store. */
export function findNextBoot(invocation: Invocation, { kind, store }: Filled): NextBoot {
  const { system } = invocation;
  const place = kind === "file" ? placeFile(system, store) : placeDirectory(system, store);
  return compareWithBoot(invocation, kind, place);
}

/** Compares where a store is with what the next boot does. */
export function compareWithBoot(
  invocation: Invocation,
  kind: Filled["kind"],
  { source, path, options, unfound }: StorePlaceAtBoot,
): NextBoot {
  const { system } = invocation;
  const boot = explainNext(invocation);
  const device = ifPossible(() => system.resolve(source)) ?? source;
  const used = boot.store;
  const isChosen =
    used?.device === device &&
    used.kind === kind &&
    path === (used.kind === "file" ? used.file : `/${used.directory}`);
  const isUsed = isChosen && boot.session === "persistent";
  return { isUsed, options, reason: isUsed ? undefined : (unfound ?? boot.reason) };
}

function explainNext({ system, context }: Invocation): Explanation {
  return withLooks(system, (looks) =>
    explainBoot(system, {
      devices: askedDevices(system, []),
      credential: credentialOf(system, []),
      commandLine: commandLineOf(system, []),
      yaml: undefined,
      overlayParameters: overlayParametersOf(system, []),
      version: context.version,
      looks,
    }),
  );
}

function placeFile(system: System, store: string): StorePlaceAtBoot {
  const { host } = locateStore(system, pathInSession(store), "look at");
  const { removable, unfound: closed } = inspectStoreHost(system, host.mount);
  const { path, note } = findBootPath(system, { ...host, closed });
  return {
    ...{ source: host.mount.source, path },
    options: path === undefined ? undefined : formatFileOptions({ path, removable }),
    unfound: path === undefined ? note : undefined,
  };
}

function placeDirectory(system: System, store: string): StorePlaceAtBoot {
  const place = inspectDirectoryPlace(system, store);
  const { unfound } = inspectStoreHost(system, place.mount);
  const { options } = findDirectoryOptions(system, place, unfound);
  const path = `/${place.facts.found.directory}`;
  return { source: place.mount.source, path, options, unfound };
}
