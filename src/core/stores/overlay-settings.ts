// Overlayfs's options for a store. A store must survive a new base, and a store that somebody else wrote must be read
// with what it was written with. Facts: Documentation/filesystems/overlayfs.rst ("Changes to underlying filesystems"),
// and the measurements in docs/design.md: metacopy files read with metacopy=off give EPERM, index=on refuses another
// base (ESTALE), redirect_dir=off is still followed where the kernel's redirect_always_follow is set.

/** Holds the four settings that decide whether a store can be read, by their kernel names. */
export interface OverlaySettings {
  readonly index: "on" | "off";
  readonly metacopy: "on" | "off";
  readonly xino: "on" | "off" | "auto";
  readonly redirect_dir: "on" | "off" | "follow" | "nofollow";
}

/** Lists the parameters of the newest kernel's overlay, for when the kernel that will boot is not known. */
export const allOverlayParameters: readonly string[] = [
  "index",
  "metacopy",
  "redirect_always_follow",
  "redirect_dir",
  "xino_auto",
];

/** Says what a walk through a store's upper directory found of the attributes that need settings. */
export interface OverlayTraces {
  readonly metacopy: boolean;
  readonly redirect: boolean;
  /** The walk ended at its bound before it had seen everything. */
  readonly incomplete: boolean;
}

/** Is what every new store is written with: nothing in it depends on the base's inodes or names. */
export const newStoreSettings: OverlaySettings = {
  index: "off",
  metacopy: "off",
  xino: "off",
  redirect_dir: "nofollow",
};

/** Chooses the settings for a store without a record from what its files carry. */
export function chooseSettings({ metacopy, redirect, incomplete }: OverlayTraces): OverlaySettings {
  // The kernel refuses metacopy=on with redirect_dir=follow. What was not seen may be there, so read it all.
  if (metacopy || incomplete) return { ...newStoreSettings, metacopy: "on", redirect_dir: "on" };
  if (redirect) return { ...newStoreSettings, redirect_dir: "follow" };
  return newStoreSettings;
}

/** Formats settings as mount options, without those that the running kernel's overlay does not know. */
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

/** Chooses how a store is read under changes in memory: with what its files need, and nothing of what only writing takes. */
export function chooseReadingSettings(settings: OverlaySettings): OverlaySettings {
  const { metacopy, redirect_dir } = settings;
  const redirects = redirect_dir === "on" || redirect_dir === "follow";
  return chooseSettings({ metacopy: metacopy === "on", redirect: redirects, incomplete: false });
}

/** Lists the settings that changes were surely written with and that the running kernel's overlay does not know. */
export function findLackingSettings(
  written: OverlaySettings | OverlayTraces | undefined,
  kernelParameters: readonly string[],
): readonly string[] {
  if (written === undefined) return [];
  const { metacopy, redirect } =
    "redirect" in written
      ? written
      : {
          metacopy: written.metacopy === "on",
          redirect: written.redirect_dir === "on" || written.redirect_dir === "follow",
        };
  return [...(metacopy ? ["metacopy"] : []), ...(redirect ? ["redirect_dir"] : [])].filter(
    (parameter) => !kernelParameters.includes(parameter),
  );
}

/** Parses what a store's record says of its settings; undefined for anything but known names with known values. */
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

/** Formats settings for a store's record, all of them, whatever the kernel knows. */
export function formatAllSettings(settings: OverlaySettings): string {
  return formatSettings(settings, allOverlayParameters);
}

/** Kernels before 4.15 know only on and off, and follow redirects when on. */
function plainRedirect({ redirect_dir }: OverlaySettings): "on" | "off" {
  return redirect_dir === "on" || redirect_dir === "follow" ? "on" : "off";
}

function oneOf<T extends string>(value: string | undefined, known: readonly T[]): T | undefined {
  return known.find((one) => one === value);
}
