// How files of a medium are made and changed: by descriptor, without following a link, each write
// synced before the next one.

import { decodeByteText, encodeByteText } from "../../core/bytes/byte-text.ts";
import { isSameBytes } from "../../core/bytes/same.ts";
import type { TreeStepArguments } from "../../core/steps/tree-steps.ts";
import { Failure } from "../../core/text/failure.ts";
import { directoryOf } from "../../core/text/path.ts";
import { formatPath } from "../../core/text/quoted.ts";
import { ifPossible } from "../port/errors.ts";
import { errnoOf, type Opened, type System } from "../port/system.ts";
import type { Undo } from "../port/undo.ts";
import { oneWay, type Performers } from "./performers.ts";

/** Returns the functions that perform these steps. */
export function performTree(system: System): Performers<TreeStepArguments> {
  return {
    "put-file": (step) => putFile(system, step),
    "put-copy": (step) => putCopy(system, step),
    "change-text": (step) => changeText(system, step),
    "remove-put": oneWay(system, removePut),
    "remove-empty": oneWay(system, removeEmpty),
  };
}

function putFile(system: System, { path, text }: TreeStepArguments["put-file"]): Undo {
  return put(system, { path, mode: 0o644 }, (file) => {
    system.writeBytes(file, 0, encodeByteText(text));
  });
}

const pieceBytes = 2 ** 20;

function putCopy(system: System, { from, to, bytes, mode }: TreeStepArguments["put-copy"]): Undo {
  return put(system, { path: to, mode }, (file) => {
    for (let at = 0; at < bytes; at += pieceBytes) {
      const piece = system.readBytes(from, at, Math.min(pieceBytes, bytes - at));
      system.writeBytes(file, at, piece);
    }
    // A kernel whose first program is not whole does not boot.
    for (let at = 0; at < bytes; at += pieceBytes) {
      const length = Math.min(pieceBytes, bytes - at);
      const [written, read] = [file, from].map((one) => system.readBytes(one, at, length));
      if (!isSameBytes(written, read))
        throw new Failure("tool", `Cannot write ${formatPath(to)}: it reads back differently`);
    }
  });
}

function put(
  system: System,
  { path, mode }: { readonly path: string; readonly mode: number },
  write: (file: string) => void,
): Undo {
  return inDirectory(system, path, (directory, name) => {
    if (system.linkStatus(name) !== undefined) system.removeFile(name);
    const file = system.createOpen(name, mode);
    try {
      write(file.path);
      system.sync(file.path);
      system.sync(directory);
    } catch (error) {
      ifPossible(() => system.removeFile(name));
      throw error;
    } finally {
      file.close();
    }
    return () => removePut(system, { path });
  });
}

function inDirectory<T>(
  system: System,
  path: string,
  use: (directory: string, name: string) => T,
): T {
  const directory = system.openDirectory(directoryOf(path));
  try {
    return use(directory.path, `${directory.path}${path.slice(path.lastIndexOf("/"))}`);
  } finally {
    directory.close();
  }
}

function changeText(system: System, step: TreeStepArguments["change-text"]): Undo {
  const { path, from, to } = step;
  const file = system.openFile(path);
  try {
    requireText(system, file, step);
    overwrite(system, file.path, step);
  } finally {
    file.close();
  }
  return () => {
    changeText(system, { path, from: to, to: from });
  };
}

function requireText(
  system: System,
  file: Opened,
  { path, from }: TreeStepArguments["change-text"],
): void {
  const bytes = system.status(file.path)?.bytes;
  const text = decodeByteText(system.readBytes(file.path, 0, from.length + 1));
  if (bytes === from.length && text === from) return;
  throw new Failure(
    "in-use",
    `Cannot change ${formatPath(path)}: somebody else has changed it meanwhile`,
  );
}

function overwrite(
  system: System,
  file: string,
  { from, to }: TreeStepArguments["change-text"],
): void {
  const missing = to.length - from.length;
  if (missing > 0) {
    try {
      system.writeBytes(file, from.length, newlines(missing));
      system.sync(file);
    } catch (error) {
      ifPossible(() => system.truncate(file, from.length));
      throw error;
    }
  }
  const text = new Uint8Array([...encodeByteText(to), ...newlines(-missing)]);
  system.writeBytes(file, 0, text);
  system.sync(file);
  if (missing >= 0) return;
  system.truncate(file, to.length);
  system.sync(file);
}

function newlines(count: number): Uint8Array {
  return new Uint8Array(Math.max(0, count)).fill(0x0a);
}

function removePut(system: System, { path }: TreeStepArguments["remove-put"]): void {
  inDirectory(system, path, (directory, name) => {
    if (system.linkStatus(name) === undefined) return;
    system.removeFile(name);
    system.sync(directory);
  });
}

function removeEmpty(system: System, { path }: TreeStepArguments["remove-empty"]): void {
  inDirectory(system, path, (directory, name) => {
    try {
      if (system.linkStatus(name)?.kind === "directory") system.removeDirectory(name);
    } catch (error) {
      if (errnoOf(error) !== "ENOTEMPTY") throw error;
    }
    system.sync(directory);
  });
}
