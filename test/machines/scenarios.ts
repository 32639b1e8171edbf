// All boot scenarios by theme, in the order in which they run; each group of themes has a test
// file of its own (boot-*.test.ts), so that vitest runs several at once.

import type { Scenario } from "./scenario.ts";
import { addons } from "./scenarios/addon.ts";
import { debianAddons } from "./scenarios/addon-debian.ts";
import { bootImages } from "./scenarios/boot-images.ts";
import { bootLoaders } from "./scenarios/boot-loaders.ts";
import { bootSticks } from "./scenarios/boot-sticks.ts";
import { bootStubs } from "./scenarios/boot-stub.ts";
import { checked } from "./scenarios/checked.ts";
import { copies } from "./scenarios/copied.ts";
import { fallbacks } from "./scenarios/fallbacks.ts";
import { fileChoices } from "./scenarios/file-choices.ts";
import { fileHosts } from "./scenarios/file-hosts.ts";
import { fileRefused } from "./scenarios/file-refused.ts";
import { fileWords } from "./scenarios/file-words.ts";
import { fullStores } from "./scenarios/full.ts";
import { grown } from "./scenarios/grown.ts";
import { histories } from "./scenarios/history.ts";
import { hostile } from "./scenarios/hostile.ts";
import { kernels } from "./scenarios/kernels.ts";
import { kinds } from "./scenarios/kinds.ts";
import { looking } from "./scenarios/looking.ts";
import { members } from "./scenarios/members.ts";
import { menus } from "./scenarios/menu.ts";
import { naming } from "./scenarios/naming.ts";
import { onlyRead } from "./scenarios/only-read.ts";
import { places } from "./scenarios/places.ts";
import { refused } from "./scenarios/refused.ts";
import { rescueConfigurations } from "./scenarios/rescue-configuration.ts";
import { srms } from "./scenarios/srms.ts";
import { statuses } from "./scenarios/status.ts";
import { twins } from "./scenarios/twins.ts";
import { verified } from "./scenarios/verified.ts";

/** A group of scenarios that belong together. */
export interface Theme {
  /** What they show, as a heading. */
  readonly title: string;
  readonly scenarios: readonly Scenario[];
}

/** Which medium and which directory store a boot finds. */
export const findingThemes: readonly Theme[] = [
  { title: "Ways to say which store", scenarios: naming },
  { title: "What a store may be", scenarios: [...kinds, ...members] },
  { title: "Where medium and store may be", scenarios: places },
  { title: "What must not become a store", scenarios: refused },
  { title: "Stores that could be taken for each other", scenarios: twins },
  { title: "Sessions that are not persistent by choice", scenarios: fallbacks },
];

/** Stores in files, and looking for them. */
export const fileThemes: readonly Theme[] = [
  { title: "The words that ask for a file store", scenarios: fileWords },
  { title: "What a file store may lie on and be", scenarios: fileHosts },
  { title: "Which file store is taken", scenarios: fileChoices },
  { title: "Files that are no store, and damaged stores", scenarios: fileRefused },
  { title: "Looking never writes", scenarios: looking },
];

/** What sessions do with stores, and what they report. */
export const sessionThemes: readonly Theme[] = [
  { title: "The base in memory", scenarios: copies },
  {
    title: "SystemRescue's modules, configuration and checksum",
    scenarios: [...srms, ...rescueConfigurations, ...verified],
  },
  { title: "What a session says of itself", scenarios: statuses },
  { title: "Stores that were not closed cleanly", scenarios: checked },
  { title: "Stores that are only read, or not even that", scenarios: onlyRead },
  { title: "Stores without room", scenarios: fullStores },
  { title: "Stores made and grown in a session", scenarios: grown },
];

/** Who and what else a session meets: other bases, people and kernels. */
export const otherThemes: readonly Theme[] = [
  { title: "Bases and sessions before", scenarios: histories },
  { title: "Sticks and stores made to do harm", scenarios: hostile },
  { title: "A person at the console", scenarios: menus },
  { title: "Another kernel", scenarios: kernels },
];

/** The add-on, in the initramfs of others. */
export const addonThemes: readonly Theme[] = [
  { title: "Behind the initramfs of a distribution", scenarios: [...addons, ...debianAddons] },
];

/** Media that boot by their own boot loaders. */
export const loaderThemes: readonly Theme[] = [
  {
    title: "Through the boot loaders of media",
    scenarios: [...bootLoaders, ...bootImages, ...bootSticks, ...bootStubs],
  },
];

/** All scenarios by theme; docs/scenarios.md shows them in this order. */
export const themes: readonly Theme[] = [
  ...findingThemes,
  ...fileThemes,
  ...sessionThemes,
  ...otherThemes,
  ...addonThemes,
  ...loaderThemes,
];

export const scenarios: readonly Scenario[] = themes.flatMap((theme) => theme.scenarios);
