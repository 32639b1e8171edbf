// Overlayfs's options for a store. A store must survive a new base, and a store written by other
// software must be read with the options it was written with.
// Facts: Documentation/filesystems/overlayfs.rst ("Changes to underlying filesystems"), and the
// measurements in docs/design.md: metacopy files read with metacopy=off give EPERM, index=on
// refuses another base (ESTALE), redirect_dir=off is still followed if the kernel's
// redirect_always_follow is set.

/** The four settings that decide whether a store can be read, by their kernel names. */
export interface OverlaySettings {
  readonly index: "on" | "off";
  readonly metacopy: "on" | "off";
  readonly xino: "on" | "off" | "auto";
  readonly redirect_dir: "on" | "off" | "follow" | "nofollow";
}

/**
 * The parameters of overlayfs in the newest kernel, used if the kernel that will boot is unknown.
 */
export const allOverlayParameters: readonly string[] = [
  "index",
  "metacopy",
  "redirect_always_follow",
  "redirect_dir",
  "xino_auto",
];

/** The attributes found in a store's upper directory that depend on settings. */
export interface OverlayTraces {
  readonly metacopy: boolean;
  readonly redirect: boolean;
  /** The walk reached its limit before it had seen everything. */
  readonly incomplete: boolean;
}

/** The settings of every new store: nothing in it depends on the base's inodes or names. */
export const newStoreSettings: OverlaySettings = {
  index: "off",
  metacopy: "off",
  xino: "off",
  redirect_dir: "nofollow",
};

/** Chooses the settings for a store without a record by the attributes of its files. */
export function chooseSettings({ metacopy, redirect, incomplete }: OverlayTraces): OverlaySettings {
  // The kernel refuses metacopy=on with redirect_dir=follow. The part that was not walked may need
  // both.
  if (metacopy || incomplete) return { ...newStoreSettings, metacopy: "on", redirect_dir: "on" };
  if (redirect) return { ...newStoreSettings, redirect_dir: "follow" };
  return newStoreSettings;
}

/**
 * Chooses the settings for a store with a record by the attributes of its files: they decide, not
 * the record. Only if a walk through changes that nobody else has written reached its limit, the
 * recorded settings count for what it did not see.
 */
export function chooseSettingsAgain(
  recorded: OverlaySettings,
  traces: OverlayTraces,
  isForeign: boolean,
): OverlaySettings {
  if (isForeign || !traces.incomplete) return chooseSettings(traces);
  const needs = findNeeds(recorded);
  return chooseSettings({
    metacopy: traces.metacopy || needs.metacopy,
    redirect: traces.redirect || needs.redirect,
    incomplete: false,
  });
}

/** What can be read with settings. */
type OverlayNeeds = Omit<OverlayTraces, "incomplete">;

function findNeeds({ metacopy, redirect_dir }: OverlaySettings): OverlayNeeds {
  return {
    metacopy: metacopy === "on",
    redirect: redirect_dir === "on" || redirect_dir === "follow",
  };
}

/** Returns whether everything that was found can be read with the given settings. */
export function areReadableWith(
  { metacopy, redirect }: OverlayNeeds,
  settings: OverlaySettings,
): boolean {
  const needs = findNeeds(settings);
  return (needs.metacopy || !metacopy) && (needs.redirect || !redirect);
}

/**
 * Formats settings as mount options, without those that overlayfs in the running kernel does not
 * know.
 */
export function formatSettings(
  settings: OverlaySettings,
  kernelParameters: readonly string[],
): string {
  const knows = (parameter: string) => kernelParameters.includes(parameter);
  const words = [];
  if (knows("index")) words.push(`index=${settings.index}`);
  if (knows("metacopy")) words.push(`metacopy=${settings.metacopy}`);
  if (knows("xino_auto")) words.push(`xino=${settings.xino}`);
  if (knows("redirect_dir"))
    words.push(
      `redirect_dir=${knows("redirect_always_follow") ? settings.redirect_dir : plainRedirect(settings)}`,
    );
  return words.join(",");
}

/**
 * Chooses the settings for reading a store under changes in memory: those that its files need, and
 * none that only matter for writing.
 */
export function chooseReadingSettings(settings: OverlaySettings): OverlaySettings {
  return chooseSettings({ ...findNeeds(settings), incomplete: false });
}

/**
 * Lists the settings that changes were certainly written with but overlayfs in the running kernel
 * does not know.
 */
export function findLackingSettings(
  written: OverlaySettings | OverlayTraces | undefined,
  kernelParameters: readonly string[],
): readonly string[] {
  if (written === undefined) return [];
  const { metacopy, redirect } = "redirect" in written ? written : findNeeds(written);
  return [...(metacopy ? ["metacopy"] : []), ...(redirect ? ["redirect_dir"] : [])].filter(
    (parameter) => !kernelParameters.includes(parameter),
  );
}

/** Parses the settings in a store's record; undefined unless all names and values are known. */
export function parseSettings(text: string): OverlaySettings | undefined {
  const words = new Map(
    text
      .split(",")
      .map((word): [string, string] => [
        word.slice(0, word.indexOf("=")),
        word.slice(word.indexOf("=") + 1),
      ]),
  );
  const index = oneOf(words.get("index"), ["on", "off"] as const);
  const metacopy = oneOf(words.get("metacopy"), ["on", "off"] as const);
  const xino = oneOf(words.get("xino"), ["on", "off", "auto"] as const);
  const redirect = oneOf(words.get("redirect_dir"), ["on", "off", "follow", "nofollow"] as const);
  if (!index || !metacopy || !xino || !redirect || words.size !== 4) return undefined;
  return { index, metacopy, xino, redirect_dir: redirect };
}

/** Formats all settings for a store's record, regardless of the kernel. */
export function formatAllSettings(settings: OverlaySettings): string {
  return formatSettings(settings, allOverlayParameters);
}

/** Kernels before 4.15 know only on and off, and follow redirects if on. */
function plainRedirect({ redirect_dir }: OverlaySettings): "on" | "off" {
  return redirect_dir === "on" || redirect_dir === "follow" ? "on" : "off";
}

function oneOf<T extends string>(value: string | undefined, known: readonly T[]): T | undefined {
  return known.find((one) => one === value);
}
