// Checks a file system as a boot does, in a program of its own: checkers TYPE COMMAND WORD...
// prints as JSON what could be checked before, and how the command ended that was run afterwards.
// checkers.test.ts runs it with the unpacked initramfs as the root.
import * as host from "host";
import { listCheckers, prepareChecker } from "../../src/system/checkers/boot-checkers.ts";
import { nativeSystem } from "../../src/system/port/native.ts";

const [, type = "", ...argv] = host.commandLine();
const types = listCheckers(nativeSystem);
const isReady = prepareChecker(nativeSystem, type);
const { status, stdout, stderr } = nativeSystem.run(argv);
nativeSystem.say(
  "stdout",
  `${JSON.stringify({ types, isReady, status, text: `${stdout}${stderr}` })}\n`,
);
host.exit(0);
