// What a user changes on a live system, in each way that an overlay knows: for the demo and the
// tests with a real systemd. Every change has a command that shows whether it is there.

import { packageName } from "../disks/live-medium.ts";
import type { Deed } from "./live-guest.ts";

/** Something that one boot changes and the next ones verify. */
export interface Change {
  readonly title: string;
  /** What is changed. */
  readonly place: string;
  readonly action: string;
  /** A command whose output shows whether the change is there. */
  readonly look: string;
  readonly before: RegExp;
  readonly after: RegExp;
}

/** All changes. */
export const changes: readonly Change[] = [
  {
    title: "edit a file of the base",
    place: "/etc/motd",
    action: "echo 'Edited in the first boot.' >> /etc/motd",
    look: "tail -n 1 /etc/motd",
    before: /^permitted by applicable law/m,
    after: /^Edited in the first boot\.$/m,
  },
  {
    title: "replace a program",
    place: "/usr/bin/factor",
    action:
      "printf '#!/bin/sh\\necho my own factor\\n' > /root/factor; chmod 755 /root/factor; mv /root/factor /usr/bin/factor",
    look: "factor 15",
    before: /^15: 3 5$/m,
    after: /^my own factor$/m,
  },
  {
    title: "delete a file",
    place: "/usr/share/common-licenses/Artistic",
    action: "rm /usr/share/common-licenses/Artistic",
    look: "ls /usr/share/common-licenses/Artistic",
    before: /^\/usr\/share\/common-licenses\/Artistic$/m,
    after: /No such file/,
  },
  {
    title: "delete a directory",
    place: "/usr/share/pixmaps",
    action: "rm -r /usr/share/pixmaps",
    look: "ls -d /usr/share/pixmaps",
    before: /^\/usr\/share\/pixmaps$/m,
    after: /No such file/,
  },
  {
    title: "make a directory with a file",
    place: "/srv/notes",
    action: "mkdir /srv/notes; echo 'remember the milk' > /srv/notes/today",
    look: "cat /srv/notes/today",
    before: /No such file/,
    after: /^remember the milk$/m,
  },
  {
    title: "install a package",
    place: "hello",
    // On the medium, wherever an initramfs has mounted it.
    action: `dpkg -i $(ls -d /run/archiso/bootmnt/${packageName} /run/live/medium/${packageName} 2> /dev/null)`,
    look: "hello; dpkg -s hello",
    before: /not found/,
    after: /^Hello, world![\s\S]*^Status: install ok installed$/m,
  },
];

/** Returns the deeds that make every change. */
export function makeChanges(): Deed[] {
  return changes.map(({ title, place, action }) => ({
    title: `${title}: ${place}`,
    command: action,
  }));
}

/** Returns the deeds that verify every change, and hold if none or each of them is there. */
export function lookAtChanges(wanted: "before" | "after"): Deed[] {
  return changes.map((change) => ({
    title: `${wanted === "before" ? "as it came" : "kept"}: ${change.place}`,
    // Only the output counts, not the exit status.
    command: `${change.look}; true`,
    says: change[wanted],
  }));
}
