// The name of the command that every session has below its base.

/** The line about it that test/machines/guest's list-tree writes. */
export const commandLink = "link './usr/local/bin/backstore' -> '/run/backstore/bin/backstore'";
