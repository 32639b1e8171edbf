// Another kernel than this machine's: Debian 13's, whose modules are .ko.xz. Kernels differ in
// loading modules, and in how overlayfs and the drivers treat a store.

import type { Scenario } from "../scenario.ts";
import { fileChoices } from "./file-choices.ts";
import { kinds } from "./kinds.ts";
import { places } from "./places.ts";

const repeated = ["store-ext4", "old-metacopy", "beside-the-medium", "file-on-the-medium"];

export const kernels: readonly Scenario[] = [...kinds, ...places, ...fileChoices]
  .filter(({ name }) => repeated.includes(name))
  // User Mode Linux has this machine's kernel alone, so there are no two lanes to compare.
  .map(({ both: _, ...scenario }) => ({
    ...scenario,
    name: `stable-${scenario.name}`,
    title: `with Debian 13's kernel, ${scenario.title}`,
    kernel: "Debian 13",
  }));
