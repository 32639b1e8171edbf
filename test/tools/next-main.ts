// Does on the kernel what a boot does in a store before it mounts the overlay: "do-next STORE LAYER...",
// with the layers of the base from the top down.
import * as host from "host";
import { asideDirectory } from "../../src/core/stores/store-names.ts";
import { parseRecord, recordFile } from "../../src/core/stores/store-record.ts";
import { nativeSystem } from "../../src/system/port/native.ts";
import { execute } from "../../src/system/steps/execute.ts";

const [, store = "", ...lower] = host.commandLine();
const finding = parseRecord(nativeSystem.readText(`${store}/${recordFile}`));
const copies = finding.kind === "record" ? finding.record.next : [];
const aside = `${store}/${asideDirectory}`;
execute(nativeSystem, {
  title: "",
  steps: [
    { do: "take-out-same", upper: `${store}/upperdir`, lower, aside, copies },
    { do: "remove-aside", path: aside },
  ],
  result: undefined,
});
host.exit(0);
