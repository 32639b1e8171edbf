// A mount that the kernel refuses, with the word that it has about that in its log.
import { findKernelWord } from "../../core/kernel/kernel-word.ts";
import { formatLine } from "../../core/text/quoted.ts";
import { ifPossible, reasonOf } from "./errors.ts";
import { errnoOf, type MountRequest, type System } from "./system.ts";

/** Mounts; an errno has the kernel's own reason beside its words, if that can be read. */
export function mountTelling(system: System, request: MountRequest): void {
  try {
    system.mount(request);
  } catch (error) {
    const code = errnoOf(error);
    if (code === undefined || !unclear.has(code)) throw error;
    const node = ifPossible(() => system.resolve(request.source)) ?? request.source;
    const log = ifPossible(() => system.kernelLog()) ?? "";
    const word = findKernelWord(log, node.slice(node.lastIndexOf("/") + 1));
    if (word === undefined) throw error;
    const reason = `${reasonOf(error)} (the kernel says: ${formatLine(word)})`;
    throw Object.assign(new Error(reason), { code, reason, path: request.target });
  }
}

/** What a driver answers for reasons of its own. */
const unclear = new Set(["EINVAL", "EIO", "EUCLEAN", "EBADMSG", "EFBIG", "EOPNOTSUPP", "EROFS"]);
