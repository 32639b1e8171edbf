// Sessions that are not persistent by choice: on the store without changing it, and none at all
// without a store.

import { asReadonly, usedStore } from "../disks/used-stores.ts";
import { change, look, medium, type Scenario, store } from "../scenario.ts";

const session = { store: "store", directory: "persistent_RESCUE1100/x86_64" };
const kept = { "/etc/motd": "changed\n", "/srv/gone.txt": undefined, "/srv/new/file": "kept\n" };

export const fallbacks: readonly Scenario[] = [
  {
    name: "readonly",
    title: "backstore=readonly shows the store's changes and keeps no new ones",
    disks: (place) => [medium(place), store(place)],
    cmdline: "cow_label=store",
    boots: [
      { actions: change, expect: { ...session, session: "persistent" } },
      {
        cmdline: "backstore=readonly",
        actions: `${look}\necho lost > /srv/new/file; echo lost > /srv/lost; say_files /srv/lost`,
        expect: {
          session: "readonly",
          store: "store",
          files: { ...kept, "/srv/lost": "lost\n" },
          console: [/READ-ONLY SESSION/],
        },
      },
      {
        actions: `${look}\nsay_files /srv/lost`,
        expect: {
          ...session,
          session: "persistent",
          files: { ...kept, "/srv/lost": undefined },
          upper: { "srv/new/file": "kept\n" },
        },
      },
    ],
  },
  {
    name: "flags-ro",
    title: "ro in cow_flags shows the store and keeps new changes in memory",
    disks: (place) => [medium(place), usedStore(place)],
    cmdline: "cow_label=store cow_flags=ro",
    boots: [{ actions: look, expect: { ...asReadonly, console: [/READ-ONLY SESSION/] } }],
  },
  {
    name: "required",
    title: "backstore=required stops rather than run without the store, and gives no shell",
    disks: (place) => [medium(place), store(place)],
    cmdline: "cow_label=nowhere backstore=required,wait=2",
    writes: [],
    boots: [
      {
        expect: {
          session: "stopped",
          console: [/no device labelled "nowhere"/, /p {2}power off the machine\n/],
        },
      },
    ],
  },
];
