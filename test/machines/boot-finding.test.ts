// Boots of the scenarios about which medium and which directory store is found.

import { findingThemes } from "./scenarios.ts";
import { testBoots } from "./test-boots.ts";

testBoots(findingThemes);
