// Which boot options lead to a store that was made: for people to copy onto the kernel's command line.
import { formatParameter } from "../options/cmdline.ts";
import { defaultStoreName } from "../stores/store-names.ts";
import { Failure } from "../text/failure.ts";
import { parseInnerPath } from "../text/path.ts";
import { formatEscaped } from "../text/quoted.ts";

/** Is where a file store lies, as a boot sees it. */
export interface StoreFilePlace {
  /** From the top of its file system ("/sysrcd.bs"). */
  readonly path: string;
  /** Whether a boot looks on its device without being told; undefined where that is not known. */
  readonly removable: boolean | undefined;
}

/** Is where a directory store lies; `label` undefined where none leads to this file system alone. */
export interface StoreDirectoryPlace {
  /** Undefined for the one that a boot takes by itself. */
  readonly directory: string | undefined;
  readonly label: string | undefined;
  readonly uuid: string | undefined;
}

/** Formats what a boot needs to find a file store: "" when nothing; undefined when no option can name it. */
export function formatFileOptions({ path, removable }: StoreFilePlace): string | undefined {
  const words: string[] = [];
  if (removable === false) words.push("alldev");
  if (path !== `/${defaultStoreName}`) words.push(path.includes(",") ? `"${path}"` : path);
  if (words.length === 0) return "";
  return spelled(() => {
    parseInnerPath(path);
    return formatParameter({ name: "backstore", value: words.join(",") });
  });
}

/** Formats what a boot needs to find a directory store; undefined when no option can name it. */
export function formatDirectoryOptions(place: StoreDirectoryPlace): string | undefined {
  return spelled(() => {
    const device =
      place.label === undefined || !isPlain(place.label)
        ? { name: "cow_device", value: place.uuid === undefined ? undefined : `UUID=${place.uuid}` }
        : { name: "cow_label", value: place.label };
    if (device.value === undefined) return undefined;
    const directory =
      place.directory === undefined
        ? []
        : [{ name: "cow_directory", value: parseInnerPath(place.directory) }];
    return [device, ...directory].map(formatParameter).join(" ");
  });
}

/** The kernel's line has no spelling for some names, some are none that a boot would take, and some forge a line. */
function spelled(format: () => string | undefined): string | undefined {
  try {
    const text = format();
    return text !== undefined && isPlain(text) ? text : undefined;
  } catch (error) {
    if (error instanceof Failure) return undefined;
    throw error;
  }
}

/** Whether a text can be shown as it is: nothing in it is invisible or obeyed by a terminal. */
function isPlain(text: string): boolean {
  return formatEscaped(text.replaceAll(/["\\]/g, "")) === text.replaceAll(/["\\]/g, "");
}
