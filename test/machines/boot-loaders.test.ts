// Boots of the scenarios about boot loaders.

import { loaderFiles } from "./bootable/loaders.ts";
import { firmwareFiles } from "./firmware.ts";
import { loaderThemes } from "./scenarios.ts";
import { testBoots } from "./test-boots.ts";

testBoots(loaderThemes, [...firmwareFiles, ...loaderFiles]);
