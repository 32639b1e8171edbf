// Writes a page: complete or not at all, over an earlier page alone, and through no link of
// somebody else.

import { Failure } from "../../core/text/failure.ts";
import { directoryOf } from "../../core/text/path.ts";
import { formatPath, formatShellWord } from "../../core/text/quoted.ts";
import { orFail } from "../port/errors.ts";
import { requireWritableMount } from "../port/require-writable.ts";
import { resolveOwnLinks } from "../port/resolve-own-links.ts";
import type { System } from "../port/system.ts";
import { withTemporaryDirectory } from "../port/temporary.ts";

/** A page, and what every page of its kind begins with. */
export interface Page {
  readonly html: string;
  readonly beginning: string;
}

/** Writes a page to a file; throws a Failure if something else is there. */
export function writePage(system: System, output: string, { html, beginning }: Page): void {
  const cannot = `Cannot write ${formatPath(output)}`;
  const given = output.includes("/") ? output : `./${output}`;
  const name = given.slice(given.lastIndexOf("/") + 1);
  const place = resolveOwnLinks(system, directoryOf(given), cannot);
  if (orFail(cannot, () => system.status(place))?.kind !== "directory")
    throw new Failure(
      "not-found",
      `${cannot}: no such directory: ${formatPath(place)}`,
      `create it first: mkdir -p ${formatShellWord(place)}`,
    );
  requireWritableMount(system, { cannot, path: place });
  const directory = orFail(cannot, () => system.openDirectory(place));
  try {
    orFail(cannot, () => {
      const path = `${directory.path}/${name}`;
      requirePage(system, { path, beginning }, cannot);
      withTemporaryDirectory(system, `${directory.path}/.backstore-`, (own) => {
        const made = `${own}/page`;
        system.createFile(made, 0o644);
        system.appendFile(made, html);
        system.sync(made);
        system.rename(made, path);
        // On vfat the entry of a new name is complete only when the file is synced once more.
        system.sync(path);
        system.sync(directory.path);
      });
    });
  } finally {
    directory.close();
  }
}

function requirePage(
  system: System,
  { path, beginning }: { readonly path: string; readonly beginning: string },
  cannot: string,
): void {
  const status = system.linkStatus(path);
  if (status === undefined) return;
  if (status.kind === "file") {
    const bytes = system.readBytes(path, 0, beginning.length);
    if (String.fromCharCode(...bytes) === beginning) return;
  }
  throw new Failure(
    "unsafe",
    `${cannot}: something else than a report is there`,
    "name a file that does not exist",
  );
}
