// What is changed on a stick of Ventoy: the list of archives that it unpacks into the initramfs of
// images. What belongs to somebody else stays, also what was added to it since.

import { encodeByteText } from "../bytes/byte-text.ts";
import { decodeUtf8 } from "../bytes/utf.ts";
import { editText } from "../menus/edit.ts";
import type { Step } from "../steps/step.ts";
import { directoryOf } from "../text/path.ts";
import { families } from "./families.ts";
import { isKept, isOwnState } from "./install-record.ts";
import type { MediumChanges } from "./plan-changes.ts";
import type { Installed } from "./plan-install.ts";
import { parseVentoy, planInjections, removeInjections, ventoyFile } from "./ventoy-json.ts";

/** A stick of Ventoy, as it is. */
export interface VentoyFacts {
  readonly installed: Omit<Installed, "same">;
  /** The text of its configuration; undefined if there is none. */
  readonly text: string | undefined;
  /** The paths of ISO images, with a leading slash. */
  readonly images: readonly string[];
}

/** The same, without what was installed. */
export interface VentoyOriginal {
  /** Undefined where there was no configuration. */
  readonly original: string | undefined;
  /** The images that the add-on is unpacked for. */
  readonly chosen: readonly string[];
  /** Whether nobody else has changed the configuration since then. */
  readonly isAsLeft: boolean;
}

/** Finds the configuration without our archives; undefined if it is not JSON. */
export function findOriginal({ installed, text }: VentoyFacts): VentoyOriginal | undefined {
  const changes = [...installed.records.values()].flatMap(({ files }) =>
    files.filter(({ path }) => path === ventoyFile),
  );
  const [first] = changes;
  const name = first?.kept ?? undefined;
  const kept = name === undefined ? undefined : installed.kept.get(name);
  const isWhole = first !== undefined && (name === undefined || isWholeText(first, kept));
  if (first !== undefined && isWhole && isOwnState(text ?? "", kept ?? "", changes)) {
    const chosen = changes.flatMap(({ edits }) => chosenIn(editText(kept ?? "", edits)));
    return { original: kept, chosen: [...new Set(chosen)], isAsLeft: true };
  }
  if (text === undefined) return { original: undefined, chosen: [], isAsLeft: false };
  if (parseVentoy(text) === undefined) return undefined;
  return { original: removeInjections(text), chosen: chosenIn(text), isAsLeft: false };
}

function isWholeText(file: Parameters<typeof isKept>[0], text: string | undefined): boolean {
  return text !== undefined && isKept(file, text);
}

function chosenIn(text: string): string[] {
  const { injections = [] } = parseVentoy(text) ?? {};
  return injections.flatMap(({ isOwn, image }) => (isOwn && image !== undefined ? [image] : []));
}

/** Plans what is changed, so that an archive is unpacked for the chosen images. */
export function planVentoyChanges(
  { images }: VentoyFacts,
  { original, chosen }: VentoyOriginal,
  archive: string,
): MediumChanges {
  const family = families.find(({ refusal }) => refusal === "other-media");
  const edits = planInjections(original, chosen, `/${archive}`);
  const all = [...images, ...chosen.filter((image) => !images.includes(image))];
  return {
    family,
    entries: all.map((title) => {
      const isChosen = chosen.includes(title);
      const reason = isChosen ? undefined : ("not-asked" as const);
      return { file: ventoyFile, title, loader: "ventoy", changed: isChosen, reason };
    }),
    changes: [{ path: ventoyFile, original, edits }],
    lists: [],
    unserved: [],
    words: [],
  };
}

/**
 * Makes a new configuration appear whole: one that is cut is none, and nothing of its rest would
 * hold.
 */
export function writeWhole(steps: readonly Step[]): Step[] {
  return steps.flatMap((step): Step[] => {
    if (step.do !== "put-file" || !step.path.endsWith(`/${ventoyFile}`)) return [step];
    const { path, text } = step;
    return [
      { do: "make-directory", path: directoryOf(path) },
      { do: "write-file", path, text: decodeUtf8(encodeByteText(text)) },
    ];
  });
}

/** Returns what undoing goes by: what somebody else has changed since stays. */
export function prepareUndoing(
  { installed, text }: VentoyFacts,
  { original, isAsLeft }: VentoyOriginal,
): Installed {
  const directories =
    original === undefined
      ? [...installed.directories, directoryOf(`/${ventoyFile}`).slice(1)]
      : installed.directories;
  const whole = { ...installed, same: [], form: "tar.gz" as const, directories };
  if (isAsLeft) return { ...whole, current: new Map([[ventoyFile, text]]) };
  const records = new Map(
    [...installed.records].map(([slot, record]) => [slot, { ...record, files: [] }]),
  );
  if (text === undefined || text === original)
    return { ...whole, records, directories: installed.directories, current: new Map() };
  const file = { path: ventoyFile, kept: "0", bytes: 0, crc32: 0, edits: [] };
  const record = { format: 1 as const, version: "", family: "", files: [file] };
  return {
    ...whole,
    records: new Map([...records, ["1", record]]),
    kept: new Map([["0", original ?? ""]]),
    current: new Map([[ventoyFile, text]]),
  };
}
