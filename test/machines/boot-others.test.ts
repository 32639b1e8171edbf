// Boots of the scenarios about other bases, people, kernels and initramfs.

import { otherThemes } from "./scenarios.ts";
import { testBoots } from "./test-boots.ts";

testBoots(otherThemes);
