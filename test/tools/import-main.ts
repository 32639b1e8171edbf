// Imports a branch of aufs into a store's directory, on the kernel: "import-branch BRANCH STORE".
// Prints what it has heard as JSON.
import * as host from "host";
import { importBranch } from "../../src/system/exchange/import-branch.ts";
import { nativeSystem } from "../../src/system/port/native.ts";

const [, branch = "", store = ""] = host.commandLine();
const told: string[] = [];
try {
  const outcome = importBranch(nativeSystem, {
    branch,
    store,
    heard: {
      tellLeftOut: (path, reason) => told.push(`${path}: ${reason}`),
      tellLost: (path, attribute) => told.push(`${path}: lost ${attribute}`),
    },
  });
  nativeSystem.say("stdout", JSON.stringify({ ...outcome, told }));
} catch (error) {
  nativeSystem.say("stdout", JSON.stringify({ failed: String(error), told }));
}
host.exit(0);
