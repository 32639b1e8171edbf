// Boots of the scenarios about the add-on.

import { addonThemes } from "./scenarios.ts";
import { testBoots } from "./test-boots.ts";

testBoots(addonThemes);
