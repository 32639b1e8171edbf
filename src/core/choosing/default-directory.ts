// Which directory of the store's file system contains the changes (cow_directory and its default).
import { parseInnerPath } from "../text/path.ts";

/**
 * Lists the possible directories: the first that exists wins; if none does, the first is created.
 * Throws a Failure if the medium's label would lead out of the file system.
 */
export function storeDirectories({
  given,
  mediumLabel,
  machine,
}: {
  readonly given: string | undefined;
  readonly mediumLabel: string;
  readonly machine: string;
}): readonly string[] {
  if (given !== undefined) return [given];
  const named = parseInnerPath(`persistent_${mediumLabel}/${machine}`, "the default directory");
  // Boots without a label (from an ISO file, by network) created this one; SystemRescue uses it for
  // every release.
  const unnamed = `persistent_/${machine}`;
  return named === unnamed ? [named] : [named, unnamed];
}
