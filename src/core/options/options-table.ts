// Every boot option, one row each. `--help`, docs/boot-options.md and the suggestions for misspelt
// names are generated from these rows; options.ts defines what the values mean to the program.

/** One boot option, as its documentation shows it. */
export interface OptionRow {
  readonly name: string;
  /** "cmdline": the kernel command line only; "both": YAML (key `global`) too. */
  readonly where: "both" | "cmdline";
  readonly type: string;
  /** The value if the option is not set. */
  readonly default: string;
  readonly help: string;
}

/** One word that `backstore=` takes. */
interface BackstoreWordRow {
  readonly word: string;
  readonly help: string;
}

/** Every boot option. */
export const optionTable = [
  {
    name: "backstore",
    where: "both",
    type: "words",
    default: "`/sysrcd.bs` on removable devices",
    help: "How to find a store, as comma-separated words (below). A later source replaces the whole value. If it is not given, a boot does not wait for a file store.",
  },
  {
    name: "cow_label",
    where: "both",
    type: "text",
    default: "none",
    help: "The label of the file system that holds the directory store. It and `cow_device` name the same thing: the later source replaces both.",
  },
  {
    name: "cow_device",
    where: "both",
    type: "device",
    default: "none",
    help: "The device of that file system.",
  },
  {
    name: "cow_directory",
    where: "both",
    type: "directory",
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the documented spelling of the default
    default: "`persistent_${archisolabel}/${arch}`",
    help: 'The directory of the store in that file system; a leading slash stands for its root. A path with "..", with control characters or without a name is refused, and no store is used.',
  },
  {
    name: "cow_flags",
    where: "both",
    type: "text",
    default: "none",
    help: "Mount options of that file system, separated by commas.",
  },
  {
    name: "cow_spacesize",
    where: "both",
    type: "size",
    default: "`50%`",
    help: "The most memory that changes may use if they are kept in memory: in bytes, with a unit (`256M`, `2G`), or as a share of the memory (`25%`).",
  },
  {
    name: "copytoram",
    where: "both",
    type: "switch",
    default: "`no`",
    help: "Copies the base into memory first, so that the medium can be removed if no store is on it. `sysrescue.d`, `autorun*` and `*.srm` are copied as well. If there is too little memory for that (`copytoram_size`), the base stays on the medium.",
  },
  {
    name: "docache",
    where: "both",
    type: "switch",
    default: "`no`",
    help: "The first generation's name for `copytoram`.",
  },
  {
    name: "loadsrm",
    where: "both",
    type: "switch",
    default: "`no`",
    help: "Loads SystemRescue's modules: each `*.srm` in the directory of the base is one more layer over it, the first by name on top. One that cannot be mounted is named, and left out.",
  },
  {
    name: "checksum",
    where: "both",
    type: "switch",
    default: "`no`",
    help: "Verifies the image of the base before it is used: all of it is read, and compared with the SHA-512 in the file beside it (`airootfs.sha512`, on media of SystemRescue and Arch). If it is damaged, the boot stops and asks at the console.",
  },
  {
    name: "copytoram_size",
    where: "both",
    type: "size",
    default: "three quarters of the free memory",
    help: "The most memory that the copy may use, of what is free.",
  },
  {
    name: "sysrescuecfg",
    where: "cmdline",
    type: "file",
    default: "none",
    help: "One more YAML file on the medium, read after all others: a path below `sysrescue.d`, or one that begins with `/run/archiso/bootmnt/`. May be given several times.",
  },
  {
    name: "archisolabel",
    where: "cmdline",
    type: "text",
    default: "a scan for the medium",
    help: "The label of the medium.",
  },
  {
    name: "archisodevice",
    where: "cmdline",
    type: "device",
    default: "a scan for the medium",
    help: "The device of the medium.",
  },
  {
    name: "archisobasedir",
    where: "cmdline",
    type: "directory",
    default: "the known layouts",
    help: "The directory on the medium that holds the base.",
  },
] as const satisfies readonly OptionRow[];

/** The name of one boot option. */
export type OptionName = (typeof optionTable)[number]["name"];

/** The names of all boot options. */
export const optionNames: readonly OptionName[] = optionTable.map((row) => row.name);

/** Returns whether a name is one of ours, letter for letter. */
export function isOptionName(name: string): name is OptionName {
  return optionTable.some((row) => row.name === name);
}

/** The words of `backstore=`. */
export const backstoreWords: readonly BackstoreWordRow[] = [
  { word: "off", help: "No store, whatever else is set." },
  {
    word: "alldev",
    help: "Searches all block devices, not only removable ones.",
  },
  {
    word: "/path",
    help: "Looks for this file instead of `/sysrcd.bs`; the path starts at the root of its host, and links are not followed.",
  },
  {
    word: "/dev/…",
    help: "Searches this device only. `LABEL=`, `UUID=`, `PARTLABEL=` and `PARTUUID=` work as well.",
  },
  {
    word: "directory=DEVICE",
    help: "Uses the directory store on this device, named as above. It is what `cow_device` and `cow_label` are where those are not set; archiso and SystemRescue take those two for their own persistence.",
  },
  { word: "readonly", help: "Uses the store and keeps new changes in memory." },
  {
    word: "required",
    help: "Stops and asks at the console rather than run without a store or with one that is read-only.",
  },
  {
    word: "ask",
    help: "Offers all stores that are found at the console and waits for a choice, without a time limit.",
  },
  {
    word: "wait=N",
    help: "Waits this many seconds for slow devices; 30 if a store was asked for.",
  },
  {
    word: "base=use|readonly|volatile|stop",
    help: "What to do if the base has changed since the store was last used: `use` it and report that (the default), use it and keep new changes in memory, run without it, or stop.",
  },
];

/** An option of another initramfs that a person would expect to work, and that does not. */
export interface UnsupportedRow {
  readonly name: string;
  /** What this initramfs does not do, as a part of a sentence. */
  readonly reason: string;
  /** Whether the distribution's own initramfs does it, so that the add-on helps. */
  readonly addon: boolean;
}

/**
 * Options of SystemRescue and archiso that only their own initramfs honours: reported once if one
 * is switched on, because media contain files that switch some of them off.
 */
export const unsupportedOptions: readonly UnsupportedRow[] = [
  ...rows(["verify", "cms_verify"], "it checks no signatures"),
  ...rows(["findroot"], "it starts no system from a disk"),
  ...rows(["break"], "it has no shell to stop at"),
  ...rows(["cryptdevice"], "it unlocks no encrypted devices"),
  ...rows(["archiso_http_srv", "archiso_nbd_srv", "archiso_nfs_srv"], "it has no network"),
  ...rows(
    ["img_dev", "img_label", "img_loop", "img_flags"],
    "it finds no medium in a file on a disk",
  ),
  ...rows(
    ["archisosearchfilename", "archisosearchuuid"],
    "it finds a medium by its label or device, or by what is on it",
  ),
  ...rows(
    ["cow_persistent", "cow_chunksize"],
    "they are for changes to blocks, not to files",
    false,
  ),
];

function rows(names: readonly string[], reason: string, addon = true): UnsupportedRow[] {
  return names.map((name) => ({ name, reason, addon }));
}

/** The names of these options. */
export const unsupportedNames: readonly string[] = unsupportedOptions.map(({ name }) => name);
