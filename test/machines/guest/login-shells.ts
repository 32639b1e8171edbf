// What a person who logs in finds: each way of coming to a shell sets its PATH by files of the
// distribution, so it is asked in each.

import type { Deed } from "./live-guest.ts";

const ask = "command -v backstore";

const ways = [
  `env -i HOME=/root bash -l -c '${ask}'`,
  `env -i HOME=/root dash -l -c '${ask}'`,
  `env -i su - root -c '${ask}'`,
  `env -i su -s /bin/sh - nobody 2>/dev/null -c '${ask} && backstore status -q && echo asked'`,
  // A terminal's own login: agetty throws away what was typed too early, and calls login(1), which
  // calls the shell.
  `until [ -e /run/asked ]; do echo '${ask} > /run/asked; exit'; sleep 0.2; done |
    env -i script -qc 'exec agetty --autologin root --noclear - dumb' /dev/null > /run/terminal
  cat /run/asked`,
];

/** The command has a name that every login finds, and that is not in the store. */
export const isFoundAtLogin: Deed = {
  title: "every login shell finds the command, whose name is not in the store",
  command: `${ways.join("\n")}
readlink /usr/local/bin/backstore; ls -ld /usr/local/bin
! find /run/backstore/store/ | grep -w bin/backstore`,
  says: /^(?:\/usr\/local\/bin\/backstore\n){4}asked\n\/usr\/local\/bin\/backstore\n\/run\/backstore\/bin\/backstore\n/,
};
