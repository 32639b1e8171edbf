// Devices that nobody can look into as they are, so that a store may be there unseen: the reason
// that a person can act on, where a boot would only say that there is no such device.
import { describeClosed } from "../superblocks/closed.ts";
import { formatEscaped, joinFew } from "../text/quoted.ts";
import type { Device } from "./device.ts";

/** Describes devices whose contents are hidden ("; not looked into: …"); "" if there are none. */
export function describeHidden(devices: readonly Device[]): string {
  const hidden = devices.flatMap((device) => {
    const reason = describeHiding(device);
    return reason === undefined ? [] : [`${formatEscaped(device.path)} (${reason})`];
  });
  return hidden.length === 0 ? "" : `; not looked into: ${joinFew(hidden)}`;
}

/** An empty drive for discs hides nothing. */
function describeHiding({ optical, problem, superblock }: Device): string | undefined {
  if (problem !== undefined) return optical ? undefined : problem;
  return superblock && describeClosed(superblock);
}
