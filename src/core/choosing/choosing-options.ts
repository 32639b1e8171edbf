// Boot options that choose a store, for the user to copy to the kernel command line: no program
// writes them.
import { formatParameter } from "../options/cmdline.ts";
import { defaultStoreName } from "../stores/store-names.ts";
import { Failure } from "../text/failure.ts";
import { parseInnerPath } from "../text/path.ts";
import { formatEscaped } from "../text/quoted.ts";

/** The place of a file store, as a boot sees it. */
interface BootPlace {
  /** From the top of its file system ("/sysrcd.bs"). */
  readonly path: string;
  /** A unique name of its device ("UUID=…"); undefined if a boot is to find it by searching. */
  readonly device?: string;
  /** Whether a boot searches its device by default; undefined if it is not known. */
  readonly removable?: boolean | undefined;
}

/** The place of a directory store; its file system is named unambiguously. */
interface StoreDirectoryPlace {
  /** Undefined for the one that a boot uses by default. */
  readonly directory: string | undefined;
  readonly label?: string | undefined;
  readonly uuid?: string | undefined;
  /** As an option accepts it ("/dev/sdb1", "PARTUUID=…"); instead of the two above. */
  readonly device?: string;
  /** The subvolume that has to be mounted ("@live", "/" for the top); undefined for the default. */
  readonly subvolume?: string | undefined;
}

/**
 * Formats what a boot needs to find a file store: "" if nothing; undefined if no option can name
 * it.
 */
export function formatFileOptions({ path, device, removable }: BootPlace): string | undefined {
  const words = device === undefined ? [] : [device];
  if (removable === false) words.push("alldev");
  if (path !== `/${defaultStoreName}`) words.push(path.includes(",") ? `"${path}"` : path);
  if (words.length === 0) return "";
  return spelled(() => {
    if (parseInnerPath(path) !== path.slice(1)) return undefined;
    return formatParameter({ name: "backstore", value: words.join(",") });
  });
}

/** Formats what a boot needs to find a directory store; undefined if no option can name it. */
export function formatDirectoryOptions(place: StoreDirectoryPlace): string | undefined {
  const { directory, label, uuid } = place;
  const device = place.device ?? (uuid === undefined ? undefined : `UUID=${uuid}`);
  return spelled(() => {
    const target =
      label === undefined || !isPlain(label)
        ? { name: "cow_device", value: device }
        : { name: "cow_label", value: label };
    if (target.value === undefined) return undefined;
    const below = directory === undefined ? [] : [writeDirectory(directory)];
    return [formatParameter(target), ...writeSubvolume(place), ...below].join(" ");
  });
}

/** A comma would end the option of the mount. */
function writeSubvolume({ subvolume }: StoreDirectoryPlace): string[] {
  if (subvolume === undefined) return [];
  if (subvolume.includes(",")) throw new Failure("usage", "the subvolume's name has a comma");
  return [formatParameter({ name: "cow_flags", value: `subvol=${subvolume}` })];
}

/** Formats the option that names the directory of a store; undefined if it cannot be named. */
export function formatDirectoryOption(directory: string): string | undefined {
  return spelled(() => writeDirectory(directory));
}

function writeDirectory(directory: string): string {
  return formatParameter({ name: "cow_directory", value: parseInnerPath(directory) });
}

/**
 * Some names cannot be written on the kernel command line, some are not accepted at boot, and some
 * would forge another line.
 */
function spelled(format: () => string | undefined): string | undefined {
  try {
    const text = format();
    return text !== undefined && isPlain(text) ? text : undefined;
  } catch (error) {
    if (error instanceof Failure) return undefined;
    throw error;
  }
}

/** Returns whether a text can be displayed as it is: it has no invisible or control characters. */
function isPlain(text: string): boolean {
  return formatEscaped(text.replaceAll(/["\\]/g, "")) === text.replaceAll(/["\\]/g, "");
}
