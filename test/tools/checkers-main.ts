// Checks a file system as a boot does, in a program of its own: "TYPE COMMAND WORD..." prints as
// JSON what could be checked before, and how the command ended that was run afterwards; "before-use
// TYPE PATH BASE" prints the result of a check before use. checkers.test.ts runs the former with
// the unpacked initramfs as the root.
import * as host from "host";
import { listCheckers, prepareChecker } from "../../src/system/checkers/boot-checkers.ts";
import { nativeSystem } from "../../src/system/port/native.ts";
import { checkBeforeUse } from "../../src/system/steps/check-steps.ts";

const [, ...words] = host.commandLine();

function runAfterPreparing([type = "", ...argv]: readonly string[]): object {
  const types = listCheckers(nativeSystem);
  const isReady = prepareChecker(nativeSystem, type) !== undefined;
  const { status, stdout, stderr } = nativeSystem.run(argv);
  return { types, isReady, status, text: `${stdout}${stderr}` };
}

function checkStore([, type = "", path = "", base = ""]: readonly string[]): object {
  const step = { because: "", store: "the store", remedy: "", hasErrors: false };
  const scratch = "/run/backstore-check";
  return checkBeforeUse(nativeSystem, { ...step, type, path, base, scratch });
}

const result = words[0] === "before-use" ? checkStore(words) : runAfterPreparing(words);
nativeSystem.say("stdout", `${JSON.stringify(result)}\n`);
host.exit(0);
