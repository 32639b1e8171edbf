// Which directory of the store's file system holds the changes (cow_directory and its default).
import { parseInnerPath } from "../text/path.ts";

/**
 * Lists the directories that may be meant: the first that exists wins, the first of all is made when none does. Throws a
 * Failure where the medium's label would lead out of the file system.
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
  // Boots without a label (from an ISO file, by network) left this one behind; SystemRescue uses it for every release.
  const unnamed = `persistent_/${machine}`;
  return named === unnamed ? [named] : [named, unnamed];
}
