// Bases that are verified before they are used: one that is as it should be, and one that is not.

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { rescueMedium } from "../disks/layouts.ts";
import { writeMedium } from "../disks/media.ts";
import { makeBase } from "../guest/base.ts";
import { defaultDirectory, forgets, type Place, type Scenario, store } from "../scenario.ts";

const right = () => createHash("sha512").update(readFileSync(makeBase())).digest("hex");
const wrong = createHash("sha512").update("another base").digest("hex");
const damaged =
  /the base "sysresccd\/x86_64\/airootfs\.sfs" is damaged: The SHA-512 of ".*" is [0-9a-f]{16}…, and not [0-9a-f]{16}…/;

export const verified: readonly Scenario[] = [
  {
    name: "checksum",
    title: "with checksum the base is verified, on the medium and in memory",
    disks: (place) => [stick(place, right()), store(place)],
    cmdline: "checksum cow_label=store",
    boots: (["", "copytoram"] as const).map((cmdline) => ({
      cmdline,
      expect: {
        session: "persistent",
        store: "store",
        directory: defaultDirectory,
        console: [/backstore: the base matches its checksum/],
      },
    })),
  },
  {
    name: "checksum-damaged",
    title: "a damaged base stops a boot with checksum, and a person may go on with it",
    disks: (place) => [stick(place, wrong)],
    cmdline: "checksum",
    writes: [],
    boots: forgets({
      problems: [damaged],
      console: [/checksum does not allow a base that is damaged/, damaged],
    }).map((boot) => ({ ...boot, hands: [{ when: /Enter alone: t/, types: "v\r" }] })),
  },
];

function stick(place: Place, sum: string) {
  const file = place.file("stick.img");
  const { tree, ...rest } = rescueMedium();
  const sums = { "sysresccd/x86_64/airootfs.sha512": `${sum}  airootfs.sfs\n` };
  writeMedium(file, { ...rest, tree: { ...tree, ...sums } });
  return { name: "stick", file };
}
