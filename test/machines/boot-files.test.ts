// Boots of the scenarios about stores in files.

import { fileThemes } from "./scenarios.ts";
import { testBoots } from "./test-boots.ts";

testBoots(fileThemes);
