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
    help: "How to look for a store, as words with commas between them (below). A later source replaces the whole value. Where nobody gives it, a file is not waited for.",
  },
  {
    name: "cow_label",
    where: "both",
    type: "text",
    default: "none",
    help: "The label of the file system that holds the directory store. It and `cow_device` name one thing: the later source replaces both.",
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
    help: 'The directory of the store in that file system; a leading slash means the top of it. One with "..", with control characters or without a name is refused, and then no store is used.',
  },
  {
    name: "cow_flags",
    where: "both",
    type: "text",
    default: "none",
    help: "Mount options of that file system, with commas between them.",
  },
  {
    name: "cow_spacesize",
    where: "both",
    type: "size",
    default: "`50%`",
    help: "The most memory that changes may take where they are kept in memory: bytes, with a unit (`256M`, `2G`), or a share of the memory (`25%`).",
  },
  {
    name: "copytoram",
    where: "both",
    type: "switch",
    default: "`no`",
    help: "Copies the base into memory first, so that the medium can be taken out when no store lies on it. With the base go `sysrescue.d`, `autorun*` and `*.srm`. It takes at most three quarters of the memory that is free; where that is too little, the medium is used.",
  },
  {
    name: "docache",
    where: "both",
    type: "switch",
    default: "`no`",
    help: "The first generation's name for `copytoram`.",
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
    default: "the layouts that are known",
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
    help: "Looks on all block devices, not only on removable ones.",
  },
  {
    word: "/path",
    help: "Looks for this file instead of `/sysrcd.bs`; from the top of its host, and not through links.",
  },
  {
    word: "/dev/…",
    help: "Looks on this device only. `LABEL=`, `UUID=`, `PARTLABEL=` and `PARTUUID=` work as well.",
  },
  { word: "readonly", help: "Uses the store and keeps new changes in memory." },
  {
    word: "required",
    help: "Stops and asks at the console rather than run on no store, or on one that is only read.",
  },
  {
    word: "ask",
    help: "Lets a person choose at the console, among all stores that are found; waits for the answer as long as it takes.",
  },
  {
    word: "wait=N",
    help: "Waits so many seconds for slow devices; 30 where a store was asked for.",
  },
  {
    word: "base=use|readonly|volatile|stop",
    help: "What to do when the base is another one than the store was last used with: `use` it and say so (where nothing is said), use it and keep new changes in memory, run without it, or stop.",
  },
];

/**
 * Options of SystemRescue that a person would expect to work but that are not supported yet:
 * reported once if one is switched on, because its media contain files that switch some of them
 * off.
 */
export const unsupportedNames: readonly string[] = [
  "loadsrm",
  "checksum",
  "copytoram_size",
  "sysrescuecfg",
  "cow_persistent",
  "cow_chunksize",
  "img_dev",
  "img_label",
  "img_loop",
  "img_flags",
  "archisosearchfilename",
  "archisosearchuuid",
  "archiso_http_srv",
  "archiso_nbd_srv",
  "archiso_nfs_srv",
];
