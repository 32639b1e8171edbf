// Takes over changes into a store's directory, on the kernel: "import-changes branch BRANCH STORE",
// or "import-changes layer ARCHIVE DIRECTORY". Prints what it has heard as JSON.
import * as host from "host";
import { openTar } from "../../src/core/exchange/read-tar.ts";
import { importChanges } from "../../src/system/exchange/import-changes.ts";
import { unpackLayer } from "../../src/system/exchange/unpack-layer.ts";
import { nativeSystem } from "../../src/system/port/native.ts";

const [, what, from = "", to = ""] = host.commandLine();
const told: string[] = [];
const tellLeftOut = (path: string, reason: string) => told.push(`${path}: ${reason}`);
const tellLost = (path: string, attribute: string) => told.push(`${path}: lost ${attribute}`);

try {
  const outcome = what === "branch" ? takeBranch() : takeLayer();
  nativeSystem.say("stdout", JSON.stringify({ ...outcome, told }));
} catch (error) {
  nativeSystem.say("stdout", JSON.stringify({ failed: String(error), told }));
}
host.exit(0);

function takeBranch() {
  return importChanges(nativeSystem, {
    root: from,
    parts: [{ from: "", to: "", format: "aufs" }],
    store: to,
    heard: { tellLeftOut, tellLost, tellChanged: () => {}, progress: () => {} },
  });
}

function takeLayer() {
  return nativeSystem.withFile({ root: "", path: from }, (archive) => {
    let at = 0;
    const tar = openTar({
      read(length) {
        const found = archive.read(at, length);
        at += found.length;
        return found;
      },
      skip(length) {
        at += length;
      },
    });
    return { members: unpackLayer(nativeSystem, tar, { to, form: "oci", tellLeftOut, tellLost }) };
  });
}
