// Boots of the scenarios about other bases, people and kernels.

import { otherThemes } from "./scenarios.ts";
import { testBoots } from "./test-boots.ts";

testBoots(otherThemes);
