// Boots of the scenarios about what sessions do with stores.

import { sessionThemes } from "./scenarios.ts";
import { testBoots } from "./test-boots.ts";

testBoots(sessionThemes);
