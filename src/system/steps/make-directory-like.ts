// The upper directory of a new store becomes the root of the system: it takes over the attributes
// of the base's root (design, "A store on disk").
import type { FileStepArguments } from "../../core/steps/file-steps.ts";
import { keepXattr } from "../port/keep-xattr.ts";
import type { System } from "../port/system.ts";
import { undoing } from "../port/undo.ts";

/**
 * Creates a directory like another, beside its final name, so that a power failure never leaves one
 * with only some of its attributes.
 */
export function makeDirectoryLike(
  system: System,
  { path, like }: FileStepArguments["make-directory-like"],
): void {
  if (system.linkStatus(path) !== undefined) return;
  const beside = `${path}.new`;
  if (system.linkStatus(beside) !== undefined) system.removeDirectory(beside);
  system.makeDirectory(beside, 0o700);
  undoing(
    () => system.removeDirectory(beside),
    () => {
      copyAttributes(system, { path: beside, like });
      system.rename(beside, path);
    },
  );
}

function copyAttributes(system: System, { path, like }: { path: string; like: string }): void {
  const model = system.status(like);
  if (!model) return;
  system.setOwner(path, model.uid, model.gid);
  for (const name of system.listXattrs(like)) {
    const value = name.startsWith("trusted.overlay.") ? undefined : system.getXattr(like, name);
    if (value) keepXattr(system, path, { name, value });
  }
  // Last, because setting an owner or an access control list may clear mode bits.
  system.setMode(path, model.mode);
}
