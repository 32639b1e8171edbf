// Whether a copy of changes is what it was copied from: entry by entry, and file by file byte by
// byte. What differs because somebody wrote to it meanwhile is told; what differs otherwise was
// written wrongly.

import type { LayerEntry } from "../../core/changes/layer.ts";
import type { Carried } from "../../core/exchange/carried.ts";
import { Failure } from "../../core/text/failure.ts";
import { formatPath } from "../../core/text/quoted.ts";
import { type OpenLayer, withLayer } from "../changes/read-layer.ts";
import { ifPossible } from "../port/errors.ts";
import type { System } from "../port/system.ts";

/** An entry, and the layer and path that it comes from. */
export interface Source {
  readonly carried: Carried;
  readonly layer: OpenLayer;
  readonly path: string;
}

/** A check of the entries of a copy. */
export interface CopyCheck {
  /** Compares an entry; throws a Failure where the copy is wrong. */
  compare(source: Source): void;
}

/** Passes `use` a check of the copy in a directory. */
export function withCopyCheck<T>(
  system: System,
  { copy, tellChanged }: { copy: string; tellChanged: (path: string) => void },
  use: (check: CopyCheck) => T,
): T {
  return withLayer(system, copy, (made) =>
    use({
      compare({ carried, layer, path }) {
        if (carried.kind !== "file" && carried.kind !== "directory") return;
        const copied = made.look(carried.path);
        if (!isSameEntry(carried.entry, copied)) tellChanged(carried.path);
        else if (carried.entry.kind === "file") {
          const [one, other] = [layer.placeOf(path), made.placeOf(carried.path)];
          if (ifPossible(() => system.isSameContent(one, other)) === true) return;
          if (!isSameEntry(carried.entry, layer.look(path))) tellChanged(carried.path);
          else throw wrongCopy(carried.path);
        }
      },
    }),
  );
}

/** Lost attributes were told, and only a file's content is worth more. */
function isSameEntry(one: LayerEntry, other: LayerEntry | undefined): boolean {
  if (other === undefined || one.kind !== other.kind) return false;
  const isSame =
    one.mode === other.mode &&
    one.uid === other.uid &&
    one.gid === other.gid &&
    one.target === other.target &&
    one.deviceNumber === other.deviceNumber;
  if (one.kind === "directory") return isSame;
  return (
    isSame &&
    one.bytes === other.bytes &&
    one.modified.seconds === other.modified.seconds &&
    one.modified.nanoseconds === other.modified.nanoseconds
  );
}

function wrongCopy(path: string): Failure {
  return new Failure(
    "damaged",
    `Cannot keep the copy: ${formatPath(path)} is not what was copied`,
    "check the device that it was written to, and copy again",
  );
}
