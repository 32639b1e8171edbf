// Where a bug is reported: said by the program where it meets one, and by its help.

/** Where bugs are reported; package.json and the manual pages name the same place. */
export const bugsUrl = "https://backstore.example/issues";
