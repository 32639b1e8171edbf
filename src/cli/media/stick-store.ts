// The store of a stick that an ISO image was written onto: a partition behind the image.

import { isEntryLabel } from "../../core/install/entry-store.ts";
import {
  chooseStoreLabel,
  chooseStorePart,
  type StickFacts,
} from "../../core/install/plan-stick.ts";
import { endOfRoom } from "../../core/install/store-partition.ts";
import type { DiskPart } from "../../core/steps/disk-steps.ts";
import { formatPath } from "../../core/text/quoted.ts";
import {
  makeStoreThere,
  partitionStoreType,
  planPartition,
  readTables,
} from "../../system/create/store-partition.ts";
import { discoverDevices } from "../../system/devices/discover-devices.ts";
import { withDisk } from "../../system/install/with-disk.ts";
import { execute } from "../../system/steps/execute.ts";
import type { TargetOf } from "./medium-work.ts";

type Target = TargetOf<"stick">;

/** A store on the stick: one that is there, or one to make. */
export interface ChosenStore {
  readonly part: DiskPart;
  readonly label: string;
  readonly type: string;
  readonly isNew: boolean;
}

/** Chooses the store of a stick: the one that is there, or where one is made. */
export function chooseStore(
  { invocation, cannot }: Target,
  facts: StickFacts,
  { size, sessionBytes }: { readonly size: number | "max"; readonly sessionBytes: number },
): ChosenStore {
  const { system } = invocation;
  const there = findStore(facts);
  if (there !== undefined) return there;
  const part = chooseStorePart(
    facts,
    {
      ...{ size, sessionBytes },
      endOfRoom: endOfRoom(readTables(system, facts.path)),
      leastBytes: partitionStoreType.smallestBytes,
    },
    cannot,
  );
  const label = chooseStoreLabel(
    discoverDevices(system).flatMap(({ superblock }) => superblock?.label ?? []),
  );
  return { part, label, type: partitionStoreType.type, isNew: true };
}

/** Returns the store that is there, if menus can name it. */
export function findStore({ stores }: StickFacts): ChosenStore | undefined {
  const [found] = stores.flatMap((store): ChosenStore[] => {
    const { label, type } = store;
    return label !== undefined && isEntryLabel(label)
      ? [{ part: store, label, type, isNew: false }]
      : [];
  });
  return found;
}

/** Returns the number of a store's partition; 0 if it has none yet. */
export function findNumber({ stores }: StickFacts, store: ChosenStore | undefined): number {
  const found = stores.find(({ offset }) => offset === store?.part.offset);
  return found?.number ?? 0;
}

/** Makes a store and its partition, and returns the number of that. */
export function makeStore(target: Target, { part, label }: ChosenStore, work: string): number {
  const { invocation, medium, cannot } = target;
  const { system } = invocation;
  const partition = { path: medium.path, part, label, cannot };
  const { steps, number } = planPartition(system, partition, work);
  const title = `Make a store on ${formatPath(medium.path)}`;
  withDisk(system, medium.path, cannot, () => {
    makeStoreThere(system, partition);
    execute(system, { title, steps, result: undefined });
  });
  return number;
}
