// What a person can do about a store that a session does not write to: the command, as it is typed where nobody uses the
// store.
import { showsSameVolume } from "../medium/choose-medium.ts";
import { formatShellWord } from "../text/quoted.ts";
import type { FoundStore, SessionFacts } from "./session.ts";

/** Says how a store is repaired, or looked at where nothing repairs its file system (btrfs, f2fs). */
export function formatRemedy(
  { medium }: Pick<SessionFacts, "medium">,
  { device, file }: FoundStore,
): string {
  const type = (file ?? device).superblock?.type ?? "";
  const isRepaired = type.startsWith("ext") || type === "xfs";
  const check = isRepaired ? "backstore check --repair" : "backstore check";
  const begin = "boot with backstore=off and run:";
  if (file === undefined) return `${begin} ${check} ${formatShellWord(device.path)}`;
  // The medium is mounted then, and made writable for the moment.
  if (showsSameVolume(device, medium.device))
    return `${begin} ${check} ${formatShellWord(`/run/backstore/medium${file.path}`)}`;
  const mount = `mount ${formatShellWord(device.path)} /mnt`;
  return `${begin} ${mount} && ${check} ${formatShellWord(`/mnt${file.path}`)}`;
}
